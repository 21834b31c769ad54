"""Letting go of the raw bytes of old letters, a little at a time. What was read of a letter stays, and its list, too.

`kept` is a condition about the entry that something a letter names has become, such as that a draft cites its article.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from stonehand.db import Session, first_id
from stonehand.sources.letters.models import Letter, LetterItem, LetterState
from stonehand.sources.models import Entry

Kept = sa.ColumnElement[bool]


def old_letters(before: datetime, kept: Kept) -> sa.Select[str]:
    """Ids of letters that came before some time, were opened, and of which nothing is needed, the oldest first."""
    needed = sa.exists().where(LetterItem.letter_id == Letter.id, LetterItem.entry_id == Entry.id, kept)
    wish = sa.select(Letter.id).where(
        Letter.id < first_id(before),
        Letter.received_at < before,
        Letter.state != LetterState.NEW,
        sa.func.length(Letter.packed) > 0,
        ~needed,
    )
    return wish.order_by(Letter.id)


def forget_raw(session: Session, due: sa.Select[str], most: int) -> int:
    """Empty so many of these letters. They are still known, so that none is read twice. Returns how many."""
    ids = session.scalars(due.limit(most)).all()
    session.execute(sa.update(Letter).where(Letter.id.in_(ids)).values(packed=b""))
    return len(ids)
