"""How often and how many at once a task may run, over all workers; and what an operator has paused.

The rate is a generic cell rate algorithm (ITU-T I.371, GCRA) without bursts, as Celery's `10/m` is: beginnings are at
least a tenth of a minute apart. It counts attempts, so a batch counts as one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from stonehand.db import Session, insert
from stonehand.jobs import declaration
from stonehand.jobs.declaration import Task
from stonehand.jobs.models import Job, Pause, TaskLimit
from stonehand.jobs.states import State
from stonehand.limits.errors import RateUnusable
from stonehand.limits.rates import interval

QUEUE = "queue:"


@dataclass(frozen=True)
class Standing:
    """The tasks of which nothing may begin now, those whose attempts are counted one by one, and what is paused."""

    closed: frozenset[str] = frozenset()
    rated: frozenset[str] = frozenset()
    paused: frozenset[str] = frozenset()
    limited: frozenset[str] = frozenset()


def standing(session: Session, queue: str, tasks: Collection[str], moment: datetime) -> Standing:
    """What holds for these tasks of a queue now."""
    paused = frozenset(session.scalars(_PAUSED))
    if f"queue:{queue}" in paused:
        return Standing(frozenset(tasks))
    limits = session.scalars(_LIMITS, {"names": [*tasks, of_queue(queue)]}).all()
    stopped = {name for name in tasks if f"task:{name}" in paused}
    full = {limit.task for limit in limits if wait(session, limit, moment) is not None}
    if of_queue(queue) in full:
        return Standing(frozenset(tasks))
    rated = frozenset(limit.task for limit in limits if limit.rate)
    return Standing(frozenset(stopped | full), rated, paused, frozenset(limit.task for limit in limits))


def wait(session: Session, limit: TaskLimit, moment: datetime) -> str | None:
    """Why nothing of this task may begin now, in words that follow "it waits"; None if it may."""
    if limit.rate and limit.next_at > moment.timestamp():
        until = datetime.fromtimestamp(limit.next_at, UTC)
        return f"for its rate limit of {limit.rate} until {until:%H:%M:%S} UTC"
    if limit.concurrency is not None and running(session, limit.task) >= limit.concurrency:
        what = limit.task.replace(QUEUE, "the queue ", 1)
        return f"because {limit.concurrency} of {what} run already, as many as may at once"
    return None


def running(session: Session, task: str) -> int:
    """How many attempts of this task, or of a whole queue, run now, over all workers."""
    statement = _RUNNING[task.startswith(QUEUE)]
    return session.connection().scalar(statement, {"name": task.removeprefix(QUEUE)}) or 0


def _running(column: sa.ColumnElement[str]) -> sa.Select[int]:
    attempts = sa.select(sa.func.count(Job.claim_id.distinct()))
    return attempts.where(column == sa.bindparam("name"), Job.state == State.EXECUTING)


_RUNNING = {True: _running(Job.__table__.c.queue), False: _running(Job.__table__.c.task)}  # for a queue, for a task
_LIMITS = sa.select(TaskLimit).where(TaskLimit.task.in_(sa.bindparam("names", expanding=True)))
_PAUSED = sa.select(Pause.target)


def of_queue(name: str) -> str:
    """What stands in the place of a task where a whole queue is limited."""
    return f"{QUEUE}{name}"


def count(session: Session, task: str, moment: datetime) -> bool:
    """Count an attempt that has just been claimed. False if another worker took the last place meanwhile."""
    limit = session.scalar(sa.select(TaskLimit).where(TaskLimit.task == task).with_for_update(key_share=True))
    if limit is None:
        return True
    if limit.concurrency is not None and running(session, task) > limit.concurrency:
        return False
    return limit.rate is None or _take_slot(session, task, interval(limit.rate), moment.timestamp())


def _take_slot(session: Session, task: str, step: float, now: float) -> bool:
    free = sa.update(TaskLimit).where(TaskLimit.task == task, TaskLimit.next_at <= now)
    return session.scalar(free.values(next_at=now + step).returning(TaskLimit.task)) is not None


def declare(session: Session, tasks: Iterable[Task]) -> None:
    """Keep what these tasks themselves declare, unless a person has set something else.

    A task with lanes has a row even if nothing else limits it: whoever takes a place in a lane holds it.
    """
    by_name = {task.name: task for task in tasks}
    limited = [task for task in by_name.values() if task.rate or task.concurrency is not None or task.lane]
    declared = sa.and_(TaskLimit.task.in_(list(by_name)), TaskLimit.changed_by.is_(None))
    session.execute(sa.delete(TaskLimit).where(declared, TaskLimit.task.not_in([task.name for task in limited])))
    for task in sorted(limited, key=lambda each: each.name):
        said = {"rate": task.rate, "concurrency": task.concurrency}
        row = insert(session, TaskLimit).values(task=task.name, next_at=0.0, **said)
        changes = row.on_conflict_do_update(index_elements=["task"], set_=said, where=TaskLimit.changed_by.is_(None))
        session.execute(changes)


def declare_queues(session: Session, queues: Iterable[str], most: Mapping[str, int]) -> None:
    """Keep how many attempts may run at once in each of these queues; `most` has those that are limited."""
    for name in sorted(queues):
        if name not in most:
            session.execute(sa.delete(TaskLimit).where(TaskLimit.task == of_queue(name)))
            continue
        row = insert(session, TaskLimit).values(task=of_queue(name), next_at=0.0, concurrency=most[name])
        changes = row.on_conflict_do_update(index_elements=["task"], set_={"concurrency": most[name]})
        session.execute(changes)


def limit(session: Session, task: str, by: str, rate: str | None, concurrency: int | None) -> None:
    """Set a task's limits by hand; None lifts one. Raises `RateUnusable`, `TaskUnknown`."""
    if rate is not None:
        interval(rate)
    if concurrency is not None and concurrency < 1:
        raise RateUnusable("at least one must be allowed at once; pause the task to stop it")
    said: dict[str, Any] = {"rate": rate, "concurrency": concurrency, "changed_by": by[:120]}
    # What a slower rate has put off must not hold a faster one up.
    row = insert(session, TaskLimit).values(task=declaration.find(task).name, next_at=0.0, **said)
    session.execute(row.on_conflict_do_update(index_elements=["task"], set_=said | {"next_at": 0.0}))


def unlimit(session: Session, task: str) -> None:
    """Forget what a person has set; what the task declares counts again. Raises `TaskUnknown`."""
    known = declaration.find(task)
    session.execute(sa.delete(TaskLimit).where(TaskLimit.task == task))
    declare(session, [known])


def of_task(session: Session, task: str) -> TaskLimit | None:
    """What limits a task, if anything does."""
    return session.scalar(sa.select(TaskLimit).where(TaskLimit.task == task))


def all_limits(session: Session) -> Sequence[TaskLimit]:
    """Every limit there is, by task."""
    return session.scalars(sa.select(TaskLimit).order_by(TaskLimit.task)).all()
