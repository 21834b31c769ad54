"""After a backup was restored: jobs that ran when it was made run anew, but for those that may have acted outside."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from stonehand.db import Session, now
from stonehand.jobs.models import Doorbell, Job, Worker
from stonehand.jobs.states import UNFINISHED, State


def settle(session: Session, outside: Collection[str], reason: str) -> int:
    """Set unfinished jobs of the tasks `outside` aside for a person, and give the others back to whoever is free.

    Returns how many were set aside.
    """
    mine = sa.update(Job).where(Job.state.in_(UNFINISHED), Job.task.in_(list(outside)))
    doubtful = {"state": State.NEEDS_RECONCILE, "error": reason, "error_kind": "Restored", "finished_at": now(session)}
    free = {"lease_until": None, "claim_id": None, "fence": Job.fence + 1}
    aside = session.scalars(mine.values({**doubtful, **free}).returning(Job.id)).all()
    session.execute(sa.update(Job).where(Job.state == State.EXECUTING).values({"state": State.AVAILABLE, **free}))
    session.execute(sa.delete(Worker))
    session.execute(sa.delete(Doorbell))
    return len(aside)
