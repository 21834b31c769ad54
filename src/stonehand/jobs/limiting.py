"""How often and how many at once a task may run, over all workers; and what an operator has paused.

The rate is a generic cell rate algorithm (ITU-T I.371, GCRA) without bursts, as Celery's `10/m` is: beginnings are at
least a tenth of a minute apart. It counts attempts, so a batch counts as one.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from stonehand.db import Session, insert
from stonehand.errors import Rejected
from stonehand.jobs.models import Job, Pause, TaskLimit
from stonehand.jobs.states import State

PERIODS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}


class RateUnusable(Rejected):
    """A rate is not like `10/m`."""


def interval(rate: str) -> float:
    """Seconds between two beginnings at a rate such as `10/m`; units s, m, h, d. Raises `RateUnusable`."""
    number, _, unit = rate.partition("/")
    try:
        count = float(number)
        seconds = PERIODS[unit.strip() or "s"]
    except (ValueError, KeyError):
        raise RateUnusable(f"{rate!r} is not a rate; write it like 10/m, with s, m, h or d") from None
    if not 0 < count < 1e6:
        raise RateUnusable(f"{rate!r}: the number must be above 0; pause the task to stop it")
    return seconds / count


@dataclass(frozen=True)
class Standing:
    """The tasks of which nothing may begin now, those whose attempts are counted one by one, and what is paused."""

    closed: frozenset[str] = frozenset()
    rated: frozenset[str] = frozenset()
    paused: frozenset[str] = frozenset()
    limited: frozenset[str] = frozenset()


def standing(session: Session, queue: str, tasks: Collection[str], moment: datetime) -> Standing:
    """What holds for these tasks of a queue now."""
    paused = frozenset(session.scalars(sa.select(Pause.target)))
    if f"queue:{queue}" in paused:
        return Standing(frozenset(tasks))
    limits = session.scalars(sa.select(TaskLimit).where(TaskLimit.task.in_(list(tasks)))).all()
    stopped = {name for name in tasks if f"task:{name}" in paused}
    full = {limit.task for limit in limits if wait(session, limit, moment) is not None}
    rated = frozenset(limit.task for limit in limits if limit.rate)
    return Standing(frozenset(stopped | full), rated, paused, frozenset(limit.task for limit in limits))


def wait(session: Session, limit: TaskLimit, moment: datetime) -> str | None:
    """Why nothing of this task may begin now, in words that follow "it waits"; None if it may."""
    if limit.rate and limit.next_at > moment.timestamp():
        until = datetime.fromtimestamp(limit.next_at, UTC)
        return f"for its rate limit of {limit.rate} until {until:%H:%M:%S} UTC"
    if limit.concurrency is not None and running(session, limit.task) >= limit.concurrency:
        return f"because {limit.concurrency} of {limit.task} run already, as many as may at once"
    return None


def running(session: Session, task: str) -> int:
    """How many attempts of this task run now, over all workers."""
    attempts = sa.select(sa.func.count(Job.claim_id.distinct())).where(Job.task == task, Job.state == State.EXECUTING)
    return session.scalar(attempts) or 0


def count(session: Session, task: str, moment: datetime) -> bool:
    """Count an attempt that has just been claimed. False if another worker took the last place meanwhile."""
    limit = session.scalar(sa.select(TaskLimit).where(TaskLimit.task == task).with_for_update())
    if limit is None:
        return True
    if limit.concurrency is not None and running(session, task) > limit.concurrency:
        return False
    return limit.rate is None or _take_slot(session, task, interval(limit.rate), moment.timestamp())


def _take_slot(session: Session, task: str, step: float, now: float) -> bool:
    free = sa.update(TaskLimit).where(TaskLimit.task == task, TaskLimit.next_at <= now)
    return session.scalar(free.values(next_at=now + step).returning(TaskLimit.task)) is not None


def declare(session: Session, task: str, rate: str | None, concurrency: int | None) -> None:
    """Keep what the task itself declares, unless a person has set something else."""
    said = {"rate": rate, "concurrency": concurrency}
    if rate is None and concurrency is None:
        session.execute(sa.delete(TaskLimit).where(TaskLimit.task == task, TaskLimit.changed_by.is_(None)))
        return
    row = insert(session, TaskLimit).values(task=task, next_at=0.0, **said)
    session.execute(row.on_conflict_do_update(index_elements=["task"], set_=said, where=TaskLimit.changed_by.is_(None)))


def limit(session: Session, task: str, by: str, rate: str | None, concurrency: int | None) -> None:
    """Set a task's limits by hand; None lifts one. Raises `RateUnusable`."""
    if rate is not None:
        interval(rate)
    if concurrency is not None and concurrency < 1:
        raise RateUnusable("at least one must be allowed at once; pause the task to stop it")
    said: dict[str, Any] = {"rate": rate, "concurrency": concurrency, "changed_by": by}
    row = insert(session, TaskLimit).values(task=task, next_at=0.0, **said)
    session.execute(row.on_conflict_do_update(index_elements=["task"], set_=said))


def unlimit(session: Session, task: str) -> None:
    """Forget what a person has set; what the task declares counts again at the next start of a worker."""
    session.execute(sa.delete(TaskLimit).where(TaskLimit.task == task))


def all_limits(session: Session) -> list[TaskLimit]:
    """Every limit there is, by task."""
    return list(session.scalars(sa.select(TaskLimit).order_by(TaskLimit.task)))
