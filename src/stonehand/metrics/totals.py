"""Running totals of what has ended. A scrape adds what ended since the last one, found by an index.

Keeping counters in the transaction that ends a job would make every job dearer, and would make all workers wait for one
row. So ends are counted afterwards, once, by whoever moves the mark on.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from stonehand.db import Database, Session, insert, now
from stonehand.jobs.models import Attempt, Job
from stonehand.jobs.states import State
from stonehand.metrics.models import WorkMark, WorkTotal

MARK = "ended"
LATE = timedelta(seconds=5)  # for transactions that say when a job ended and commit a little later
WINDOW = timedelta(minutes=5)  # of ends that are counted in one go
PATIENCE = 1.0  # seconds of counting in one scrape; the next one goes on
BOUNDS = (0.01, 0.05, 0.25, 1.0, 5.0, 30.0, 120.0, 600.0)  # seconds
Totals = dict[tuple[str, str, str], float]


def count_ends(database: Database) -> None:
    """Count what has ended since the last time. Several may do so at once; each end is counted by one of them."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with database.read() as session:
            since, upto = _window(session)
            found = _ended(session, since, upto) if since else {}
        if since is not None and upto - since < timedelta(seconds=1):
            return
        with database.transaction(durable=False) as session:
            if since is None:
                _begin(session, upto)
            elif _move(session, since, upto):
                _add(session, found)


def totals(session: Session) -> Totals:
    """Every total, by its name, task and label."""
    rows = session.execute(sa.select(WorkTotal.name, WorkTotal.task, WorkTotal.label, WorkTotal.value))
    return {(name, task, label): value for name, task, label, value in rows}


def _window(session: Session) -> tuple[datetime | None, datetime]:
    settled = now(session) - LATE
    since = session.scalar(sa.select(WorkMark.at).where(WorkMark.name == MARK))
    return since, min(settled, since + WINDOW) if since else settled


def _begin(session: Session, moment: datetime) -> None:
    row = insert(session, WorkMark).values(name=MARK, at=moment)
    session.execute(row.on_conflict_do_nothing())


def _move(session: Session, since: datetime, upto: datetime) -> bool:
    """Move the mark on, unless somebody else has."""
    mine = sa.update(WorkMark).where(WorkMark.name == MARK, WorkMark.at == since)
    return session.scalar(mine.values(at=upto).returning(WorkMark.name)) is not None


def _ended(session: Session, since: datetime, upto: datetime) -> Totals:
    found: dict[tuple[str, str, str], float] = defaultdict(float)
    for name, task, label, value in [*_jobs(session, since, upto), *_tries(session, since, upto)]:
        found[name, task, label] += value
    return {key: value for key, value in found.items() if value}


def _jobs(session: Session, since: datetime, upto: datetime) -> Iterator[tuple[str, str, str, float]]:
    lasted = _seconds(session, Job.started_at, Job.finished_at)
    waited = _seconds(session, Job.run_at, Job.started_at)
    ran = sa.and_(Job.started_at.is_not(None), Job.state == State.COMPLETED)
    columns: list[Any] = [sa.func.count(), sa.func.sum(Job.fence)]
    columns += [sa.func.sum(sa.case((ran, value), else_=0.0)) for value in (lasted, waited)]
    columns += [sa.func.sum(sa.case((sa.and_(ran, lasted <= bound), 1), else_=0)) for bound in BOUNDS]
    rows = session.execute(
        sa.select(Job.task, Job.state, *columns)
        .where(Job.finished_at > since, Job.finished_at <= upto)
        .group_by(Job.task, Job.state)
    )
    for task, state, count, claims, seconds, waiting, *buckets in rows:
        yield "finished", task, state, count
        yield "claims", task, "", float(claims)
        yield "seconds", task, "", float(seconds)
        yield "waited", task, "", max(0.0, float(waiting))
        for bound, inside in zip(BOUNDS, buckets, strict=True):
            yield "bucket", task, f"{bound:g}", int(inside)


def _tries(session: Session, since: datetime, upto: datetime) -> Iterator[tuple[str, str, str, float]]:
    rows = session.execute(
        sa.select(Job.task, Attempt.outcome, sa.func.count())
        .join(Job, Job.id == Attempt.job_id)
        .where(Attempt.ended_at > since, Attempt.ended_at <= upto)
        .group_by(Job.task, Attempt.outcome)
    )
    for task, outcome, count in rows:
        yield "tries", task, outcome, count


def _seconds(session: Session, start: Any, end: Any) -> Any:
    if session.get_bind().dialect.name == "sqlite":
        return (sa.func.julianday(end) - sa.func.julianday(start)) * 86_400.0
    return sa.cast(sa.extract("epoch", end - start), sa.Double)


def _add(session: Session, found: Totals) -> None:
    if not found:
        return
    rows = [{"name": n, "task": t, "label": label, "value": value} for (n, t, label), value in found.items()]
    more = insert(session, WorkTotal)
    added = {"value": WorkTotal.value + more.excluded.value}
    session.execute(more.on_conflict_do_update(index_elements=["name", "task", "label"], set_=added), rows)
