"""Reads of the work that deserve a name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from stonehand.db import Session, now
from stonehand.jobs.declaration import QUEUES
from stonehand.jobs.errors import JobNotFound
from stonehand.jobs.models import Attempt, Job, Pause
from stonehand.jobs.states import DEAD, FINISHED, UNFINISHED, State


def job(session: Session, job_id: str) -> Job:
    """One job, by its id or the one that a Celery client gave it.

    Raises `JobNotFound`: an unknown or expired job is never said to be waiting.
    """
    found = session.get(Job, job_id) or session.scalar(sa.select(Job).where(Job.celery_id == job_id))
    if found is None:
        raise JobNotFound(f"no job {job_id}: it never was, or its record has expired")
    return found


def unfinished_as(session: Session, unique_key: str) -> Job | None:
    """The job that waits or runs under this unique key."""
    return session.scalar(sa.select(Job).where(Job.unique_key == unique_key, Job.state.in_(UNFINISHED)))


def newest_as(session: Session, unique_key: str) -> str | None:
    """The id of the newest job of this unique key, in whatever state."""
    return session.scalar(sa.select(Job.id).where(Job.unique_key == unique_key).order_by(Job.id.desc()).limit(1))


def attempts(session: Session, job_id: str) -> Sequence[Attempt]:
    """The tries at a job that did not complete it, oldest first."""
    return session.scalars(sa.select(Attempt).where(Attempt.job_id == job_id).order_by(Attempt.id)).all()


def listing(
    session: Session,
    states: Sequence[State] = (),
    task: str = "",
    queue: str = "",
    before: str = "",
    limit: int = 50,
) -> Sequence[Job]:
    """Jobs, newest first; `before` is the id of the last one of the page before."""
    statement = sa.select(Job).order_by(Job.id.desc()).limit(limit)
    if states:
        statement = statement.where(Job.state.in_(states))
    if task:
        statement = statement.where(Job.task == task)
    if queue:
        statement = statement.where(Job.queue == queue)
    if before:
        statement = statement.where(Job.id < before)
    return session.scalars(statement).all()


def counts(session: Session) -> dict[str, int]:
    """How many jobs are in each state."""
    rows = session.execute(sa.select(Job.state, sa.func.count()).group_by(Job.state))
    return {state.value: 0 for state in State} | {str(state): int(count) for state, count in rows}


def count_up_to(session: Session, states: Sequence[State], most: int) -> int:
    """How many jobs are in these states, counted no further than `most`: it costs the same however many there are."""
    some = sa.select(Job.id).where(Job.state.in_(states)).limit(most).subquery()
    return session.scalar(sa.select(sa.func.count()).select_from(some)) or 0


def counts_by_queue(session: Session) -> dict[str, dict[str, int]]:
    """How many unfinished jobs are in each state, by queue; queues and states without any are left out."""
    found: dict[str, dict[str, int]] = {}
    for queue, (count, _) in ready_by_queue(session).items():
        found[queue] = {State.AVAILABLE: count}
    for queue, state, count in (*session.execute(_put_off()), *session.execute(_rest())):
        found.setdefault(queue, {})[state] = count
    return found


def ready_by_queue(session: Session) -> dict[str, tuple[int, datetime]]:
    """How many jobs of each queue are ready, and since when the oldest of them; queues without any are left out."""
    return {queue: (count, oldest) for queue, count, oldest in session.execute(_ready()) if count}


def with_ready(session: Session, queues: Sequence[str]) -> list[str]:
    """Those of these queues in which something is ready now."""
    return list(
        session.connection()
        .execute(_with_ready(len(queues)), {f"queue_{number}": queue for number, queue in enumerate(queues)})
        .scalars()
    )


@cache
def _with_ready(count: int) -> sa.CompoundSelect[Any]:
    ready = sa.text("state = 'available'")
    names = [sa.bindparam(f"queue_{number}", type_=sa.String()) for number in range(count)]
    return sa.union_all(*(sa.select(name).where(sa.exists().where(Job.queue == name, ready)) for name in names))


# Each of these finds one queue in an index that holds only such jobs and all that is asked for: grouping would have
# SQLite read every job instead. The conditions are spelt as the indexes spell them.
@cache
def _ready() -> sa.CompoundSelect[Any]:
    count, oldest, ready = sa.func.count(), sa.func.min(Job.run_at), sa.text("state = 'available'")
    by_turn = Job.fair_key >= ""  # true of all; it leads to the index that holds the time as well
    return sa.union_all(
        *(sa.select(sa.literal(queue), count, oldest).where(Job.queue == queue, by_turn, ready) for queue in QUEUES)
    )


@cache
def _put_off() -> sa.CompoundSelect[Any]:
    count, waits = sa.func.count(), sa.text("state IN ('scheduled', 'retryable')")
    return sa.union_all(
        *(
            sa.select(sa.literal(queue), Job.state, count).where(Job.queue == queue, waits).group_by(Job.state)
            for queue in QUEUES
        )
    )


@cache
def _rest() -> sa.Select[str, str, int]:
    few = Job.state.in_([State.EXECUTING, State.PAUSED, State.BLOCKED])
    return sa.select(Job.queue, Job.state, sa.func.count()).where(few).group_by(Job.queue, Job.state)


MOST_DEAD = 10_000  # dead letters that are counted by queue


def behind(session: Session, gate: str, most: int = 10_000) -> Sequence[str]:
    """The ids of jobs that wait for this gate, the oldest first."""
    waiting = sa.select(Job.id).where(Job.gate == gate, Job.state == State.SCHEDULED)
    return session.scalars(waiting.order_by(Job.id).limit(most)).all()


def dead_by_queue(session: Session) -> dict[str, int]:
    """How many dead letters each queue has, of 10,000; those without any are left out."""
    some = sa.select(Job.queue).where(Job.state.in_(DEAD)).limit(MOST_DEAD).subquery()
    rows = session.execute(sa.select(some.c.queue, sa.func.count()).group_by(some.c.queue))
    return dict(rows.all())


def done_lately(session: Session, parts: int = 12, each: timedelta = timedelta(minutes=5)) -> dict[str, list[int]]:
    """How many jobs of each queue were completed in each of the last stretches of time, oldest first."""
    edges = [now(session) - each * back for back in range(parts, 0, -1)]
    stretch = sa.case(*((Job.finished_at >= edge, at) for at, edge in reversed(list(enumerate(edges))))).label(
        "stretch"
    )
    rows = session.execute(
        sa.select(Job.queue, stretch, sa.func.count())
        .where(Job.finished_at >= edges[0], Job.state == State.COMPLETED)
        .group_by(Job.queue, "stretch")
    )
    found: dict[str, list[int]] = {}
    for queue, at, count in rows:
        found.setdefault(queue, [0] * parts)[at] = count
    return found


BESIDE = timedelta(seconds=2)  # between the ends of jobs of one attempt: its own end, and those that failed in it


def _held_with(job: Job) -> sa.ColumnElement[bool]:
    """The jobs of the last attempt at this one. All of one claim began in the same moment."""
    if job.claim_id:
        return Job.claim_id == job.claim_id
    mates = sa.and_(Job.started_at == job.started_at, Job.worker == job.worker, Job.task == job.task)
    ended = job.finished_at or job.started_at
    lately = Job.finished_at.between(ended and ended - BESIDE, ended and ended + BESIDE)
    return sa.and_(mates, sa.or_(lately, Job.state.in_([State.SCHEDULED, State.RETRYABLE])))


def items(session: Session, job: Job, after: str = "", limit: int = 50) -> Sequence[Job]:
    """The jobs that one attempt held together, this one among them, in their order."""
    if job.claim_size < 2 or job.started_at is None:
        return []
    statement = sa.select(Job).where(_held_with(job), Job.id > after).order_by(Job.id).limit(limit)
    return session.scalars(statement).all()


def items_by_state(session: Session, job: Job) -> dict[State, int]:
    """How many of them are in each state."""
    if job.claim_size < 2 or job.started_at is None:
        return {}
    rows = session.execute(sa.select(Job.state, sa.func.count()).where(_held_with(job)).group_by(Job.state))
    return {State(state): count for state, count in rows}


def known_as(session: Session, keys: Sequence[str], limit: int = 200) -> Sequence[Job]:
    """The jobs that were asked for under these unique keys, ended ones too, oldest first. `a:b:*` stands for many."""
    whole = [key for key in keys if not key.endswith("*")]
    begun = [Job.unique_key.between(key[:-1], f"{key[:-1]}~") for key in keys if key.endswith("*")]
    found = sa.or_(Job.unique_key.in_(whole), *begun)
    return session.scalars(sa.select(Job).where(found).order_by(Job.id).limit(limit)).all()


def running(session: Session) -> Sequence[Job]:
    """What runs now, the longest first."""
    return session.scalars(sa.select(Job).where(Job.state == State.EXECUTING).order_by(Job.started_at)).all()


def pauses(session: Session) -> Sequence[Pause]:
    """The queues and tasks that somebody has stopped."""
    return session.scalars(sa.select(Pause).order_by(Pause.target)).all()


def pending(session: Session, horizon: timedelta) -> int:
    """How many jobs run, are ready, or will be within `horizon`."""
    later = sa.and_(Job.state.in_([State.SCHEDULED, State.RETRYABLE]), Job.run_at > now(session) + horizon)
    return int(session.scalar(sa.select(sa.func.count()).where(Job.state.in_(UNFINISHED), ~later)) or 0)


@dataclass(frozen=True)
class Span:
    """How a task has fared since some time: jobs by state, and seconds from the first start to the last end."""

    task: str
    done: int
    asked: int
    seconds: float


def spans(session: Session, since: datetime) -> list[Span]:
    """What was asked for since then, task by task, in the order of their first start."""
    done = sa.func.sum(sa.case((Job.state.in_(FINISHED), 1), else_=0))
    statement = (
        sa.select(Job.task, done, sa.func.count(), sa.func.min(Job.started_at), sa.func.max(Job.finished_at))
        .where(Job.created_at >= since)
        .group_by(Job.task)
        .order_by(sa.func.min(Job.started_at))
    )
    return [
        Span(task, int(ended), int(asked), (last - first).total_seconds() if first and last else 0.0)
        for task, ended, asked, first, last in session.execute(statement)
    ]
