"""Stopping all work of one owner: what waits ends at once, what runs is asked to, and what does not listen is taken
away: whatever it still wants to write is not written.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from stonehand.db import Session, now
from stonehand.jobs.models import Job
from stonehand.jobs.states import WAITING, State


def stop(session: Session, fair_key: str, tasks: Collection[str]) -> int:
    """Cancel the owner's jobs of these tasks. Returns how many of them still run."""
    moment, mine = now(session), _of(fair_key, tasks)
    waiting = sa.update(Job).where(mine, Job.state.in_(WAITING))
    ended = {"state": State.CANCELLED, "finished_at": moment, "cancel_requested_at": moment}
    session.execute(waiting.values(**ended).execution_options(synchronize_session=False))
    running = sa.update(Job).where(mine, Job.state == State.EXECUTING)
    asked = {"cancel_requested_at": sa.func.coalesce(Job.cancel_requested_at, moment)}
    session.execute(running.values(**asked).execution_options(synchronize_session=False))
    return at_work(session, fair_key, tasks)


def at_work(session: Session, fair_key: str, tasks: Collection[str]) -> int:
    """How many of the owner's jobs of these tasks run now."""
    running = sa.select(sa.func.count()).where(_of(fair_key, tasks), Job.state == State.EXECUTING)
    return session.scalar(running) or 0


def take_away(session: Session, fair_key: str, tasks: Collection[str], before: datetime) -> int:
    """End those that were asked to stop before this moment and still run. Returns how many."""
    stubborn = sa.update(Job).where(
        _of(fair_key, tasks), Job.state == State.EXECUTING, Job.cancel_requested_at <= before
    )
    ended = {"state": State.CANCELLED, "finished_at": now(session), "claim_id": None, "lease_until": None}
    said = {"error": "cancelled on request; it did not stop in time, so it was taken away", "error_kind": "Cancelled"}
    statement = stubborn.values(**ended, **said).returning(Job.id).execution_options(synchronize_session=False)
    return len(session.scalars(statement).all())


def _of(fair_key: str, tasks: Collection[str]) -> sa.ColumnElement[bool]:
    return sa.and_(Job.fair_key == fair_key, Job.task.in_(tasks))
