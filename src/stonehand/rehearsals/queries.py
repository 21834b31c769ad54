"""Questions about rehearsals."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from stonehand.db import Session
from stonehand.rehearsals.errors import RehearsalNotFound
from stonehand.rehearsals.models import Rehearsal, RehearsalItem


def rehearsal(session: Session, rehearsal_id: str) -> Rehearsal:
    """One of them. Raises `RehearsalNotFound`."""
    found = session.get(Rehearsal, rehearsal_id)
    if found is None:
        raise RehearsalNotFound(f"there is no rehearsal {rehearsal_id}; they are kept for 30 days")
    return found


def rehearsals(session: Session, prompt_id: str = "", limit: int = 20) -> Sequence[Rehearsal]:
    """The latest first, perhaps of one prompt."""
    wish = sa.select(Rehearsal).order_by(Rehearsal.id.desc()).limit(limit)
    return session.scalars(wish.where(Rehearsal.prompt_id == prompt_id) if prompt_id else wish).all()


def items(session: Session, rehearsal_id: str) -> Sequence[RehearsalItem]:
    """Its stories, in order."""
    wish = sa.select(RehearsalItem).where(RehearsalItem.rehearsal_id == rehearsal_id)
    return session.scalars(wish.order_by(RehearsalItem.position)).all()
