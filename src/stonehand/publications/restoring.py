"""After a backup was restored: what may have gone out since it was made is never sent again by itself."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from stonehand.db import Session, now
from stonehand.publications.models import Publication, PublicationChange
from stonehand.publications.states import UNDONE, ChangeState, PublicationState

SENDING = ("publications.prepare", "publications.publish", "publications.change")
"""The tasks whose jobs lead to something outside."""


def doubt(session: Session, made_at: datetime) -> int:
    """Put what was on its way, or due by now, before a person. Returns how many. What is due later is left as it is."""
    on_its_way = Publication.state == PublicationState.PUBLISHING
    due = sa.and_(Publication.state == PublicationState.SCHEDULED, Publication.due_at <= now(session))
    change = sa.update(Publication).where(sa.or_(on_its_way, due))
    values = {"state": PublicationState.NEEDS_RECONCILE, "error": reason(made_at)}
    changes = sa.update(PublicationChange).where(PublicationChange.state.in_(UNDONE))
    asked = {"state": ChangeState.NEEDS_RECONCILE, "error": reason(made_at)}
    session.execute(changes.values(asked))
    return len(session.scalars(change.values(values).returning(Publication.id)).all())


def reason(made_at: datetime) -> str:
    """Why a person must look."""
    return (
        f"restored from the backup of {made_at:%Y-%m-%d %H:%M} UTC, after which it may have gone out; "
        "look at the channel, then say whether it is there"
    )
