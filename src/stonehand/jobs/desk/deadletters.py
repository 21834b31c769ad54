"""Dead letters, sorted into groups of those that died of the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from stonehand.db import Database, Session
from stonehand.errors import NotFound
from stonehand.jobs.desk.filters import Filter
from stonehand.jobs.desk.fingerprints import fingerprint
from stonehand.jobs.models import Job
from stonehand.jobs.states import DEAD, State

CHUNK = 200  # dead letters sorted in one transaction
ROUNDS = 5  # transactions before somebody is answered; a job that runs every minute does the rest


class GroupNotFound(NotFound):
    """No dead letter has this fingerprint (any more)."""


@dataclass(frozen=True)
class Group:
    """Dead letters that died of the same. `sample` is the newest of them."""

    fingerprint: str
    count: int
    first_at: datetime
    last_at: datetime
    sample: Job


def sort_out(database: Database, rounds: int = ROUNDS) -> bool:
    """Give dead letters that have none their fingerprints. Returns whether all have one now.

    It is not done when a job dies, so that dying stays cheap and a worker of an earlier version can die, too.
    """
    for _ in range(rounds):
        with database.read() as session:
            if not session.scalars(_unsorted().limit(1)).all():
                return True
        with database.transaction(durable=False) as session:
            _sort(session)
    return False


def _unsorted() -> sa.Select[Job]:
    return sa.select(Job).where(Job.state.in_(DEAD), Job.fingerprint.is_(None))


def _sort(session: Session) -> None:
    columns = _unsorted().with_only_columns(Job.id, Job.task, Job.error_kind, Job.error).limit(CHUNK)
    rows = [
        {"id": job_id, "fingerprint": fingerprint(task, kind, error)}
        for job_id, task, kind, error in session.execute(columns)
    ]
    if rows:
        session.execute(sa.update(Job), rows)


def groups(session: Session, limit: int = 100) -> list[Group]:
    """Dead letters by what they died of, the latest trouble first. What a person must look at is not among them."""
    return _groups(session, sa.true(), limit)


def group(session: Session, name: str) -> Group:
    """One of them. Raises `GroupNotFound`."""
    found = _groups(session, Job.fingerprint == name, 1)
    if not found:
        raise GroupNotFound(f"no dead letter has the fingerprint {name}; they may have been run again or resolved")
    return found[0]


def _groups(session: Session, which: sa.ColumnElement[bool], limit: int) -> list[Group]:
    count, newest, oldest = sa.func.count(), sa.func.max(Job.id), sa.func.min(Job.id)
    counted = (
        sa.select(Job.fingerprint, count.label("n"), newest.label("newest"), oldest.label("oldest"))
        .where(Job.state == State.DISCARDED, Job.fingerprint.is_not(None), which)
        .group_by(Job.fingerprint)
        .order_by(newest.desc())
        .limit(limit)
        .subquery()
    )
    first = sa.orm.aliased(Job)
    statement = (
        sa.select(counted.c.fingerprint, counted.c.n, first.finished_at, Job)
        .join(Job, Job.id == counted.c.newest)
        .join(first, first.id == counted.c.oldest)
        .order_by(counted.c.newest.desc())
    )
    return [_told(*row) for row in session.execute(statement)]


def _told(name: str, count: int, began: datetime | None, job: Job) -> Group:
    times = sorted((began or job.created_at, job.finished_at or job.created_at))
    return Group(name, count, times[0], times[1], job)


def of_group(name: str) -> Filter:
    """The dead letters of a group."""
    return Filter(states=(State.DISCARDED,), fingerprint=name)


def doubtful(session: Session, before: str = "", limit: int = 50) -> Sequence[Job]:
    """What may have happened outside, so that a person must look, newest first."""
    statement = sa.select(Job).where(Job.state == State.NEEDS_RECONCILE).order_by(Job.id.desc()).limit(limit)
    return session.scalars(statement.where(Job.id < before) if before else statement).all()
