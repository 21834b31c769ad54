"""How long records of jobs are kept, and letting go of them a little at a time."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from stonehand import config
from stonehand.db import Session, now
from stonehand.jobs.models import Job
from stonehand.jobs.states import State


def ages() -> dict[State, timedelta]:
    """How long the record of a job is kept after its end. What a person must look at is kept until somebody has."""
    settings = config.settings()
    history = timedelta(days=settings.job_history_days)
    dead = timedelta(days=settings.dead_letter_days)
    return {State.COMPLETED: history, State.CANCELLED: history, State.DISCARDED: dead}


def forget(session: Session, state: State, before: datetime, most: int) -> int:
    """Delete records of jobs that ended before some time, the oldest first. Returns how many."""
    old = _ended(state, before).order_by(Job.finished_at).limit(most)
    return len(session.scalars(sa.delete(Job).where(Job.id.in_(old)).returning(Job.id)).all())


def forget_results(session: Session, before: datetime, most: int) -> int:
    """Delete the results of jobs that ended before some time; their records stay. Returns how many."""
    old = sa.select(Job.id).where(Job.result.is_not(sa.null()), Job.finished_at < before)
    mine = sa.update(Job).where(Job.id.in_(old.order_by(Job.finished_at).limit(most)))
    gone = mine.values(result=sa.null()).returning(Job.id).execution_options(synchronize_session=False)
    return len(session.scalars(gone).all())


def results_before(session: Session) -> datetime:
    """The results of jobs that ended before this time are no longer kept."""
    return now(session) - timedelta(seconds=config.settings().result_expires)


def due(session: Session) -> int:
    """How many records would go now."""
    moment = now(session)
    counts = (_count(session, _ended(state, moment - age)) for state, age in ages().items())
    return sum(counts)


def results_due(session: Session) -> int:
    """How many results would go now."""
    old = sa.select(Job.id).where(Job.result.is_not(sa.null()), Job.finished_at < results_before(session))
    return _count(session, old)


def _ended(state: State, before: datetime) -> sa.Select[str]:
    return sa.select(Job.id).where(Job.state == state, Job.finished_at < before)


def _count(session: Session, wish: sa.Select[str]) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(wish.subquery())) or 0
