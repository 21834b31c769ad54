"""Cancelling all that waits in a queue, a little at a time."""

from __future__ import annotations

import sqlalchemy as sa

from stonehand.db import Session, now
from stonehand.jobs.models import Job
from stonehand.jobs.states import WAITING, State


def cancel_waiting(session: Session, queue: str, most: int) -> int:
    """Cancel up to `most` jobs of a queue that wait. Returns how many; what runs goes on."""
    moment = now(session)
    some = sa.select(Job.id).where(Job.queue == queue, Job.state.in_(WAITING)).limit(most)
    statement = sa.update(Job).where(Job.id.in_(some), Job.state.in_(WAITING))
    values = {"state": State.CANCELLED, "finished_at": moment, "cancel_requested_at": moment}
    gone = session.scalars(statement.values(message="purged", **values).returning(Job.id)).all()
    return len(gone)
