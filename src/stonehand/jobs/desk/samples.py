"""How each queue stood, minute by minute: what the charts show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from stonehand.db import Session, insert, now
from stonehand.jobs.desk import loads
from stonehand.jobs.models import Job, QueueSample
from stonehand.jobs.states import State

KEPT = timedelta(days=2)
LATELY = timedelta(hours=6)
PARTS = 36  # points of a curve
LONGEST_GAP = timedelta(minutes=5)  # after a longer one, only that much is counted: nobody was there to look


@dataclass(frozen=True)
class Course:
    """A queue over the last hours, oldest first: jobs done a minute, jobs that waited, seconds the oldest waited."""

    rate: tuple[float, ...]
    waiting: tuple[int, ...]
    age: tuple[int, ...]

    @property
    def done(self) -> int:
        """Jobs done in all that time."""
        return round(sum(self.rate) * LATELY.total_seconds() / 60 / PARTS)


def take(session: Session) -> None:
    """Write down how every queue stands now, and forget what is old. An idle queue is left out."""
    moment = now(session)
    done = _done(session, moment)
    rows = [
        {"queue": load.name, "at": moment, "waiting": load.waiting, "running": load.executing}
        | {"done": done.get(load.name, 0), "age": _age(load.oldest_ready_at, moment)}
        for load in loads.loads(session)
        if load.waiting or load.executing or done.get(load.name)
    ]
    if rows:
        session.execute(insert(session, QueueSample).on_conflict_do_nothing(), rows)
    session.execute(sa.delete(QueueSample).where(QueueSample.at < moment - KEPT))


def _done(session: Session, moment: datetime) -> dict[str, int]:
    latest = session.scalar(sa.select(sa.func.max(QueueSample.at)))
    since = max(latest or moment - LONGEST_GAP, moment - LONGEST_GAP)
    rows = session.execute(
        sa.select(Job.queue, sa.func.count())
        .where(Job.finished_at > since, Job.finished_at <= moment, Job.state == State.COMPLETED)
        .group_by(Job.queue)
    )
    return dict(rows.all())


def _age(oldest: datetime | None, moment: datetime) -> int:
    return max(0, int((moment - oldest).total_seconds())) if oldest else 0


def courses(session: Session, lately: timedelta = LATELY, parts: int = PARTS) -> dict[str, Course]:
    """Every queue that had something to do lately."""
    moment, each = now(session), lately / parts
    rows = session.execute(
        sa.select(QueueSample.queue, QueueSample.at, QueueSample.done, QueueSample.waiting, QueueSample.age).where(
            QueueSample.at > moment - lately
        )
    )
    bins: dict[str, list[list[int]]] = {}
    for queue, at, *values in rows:
        part = min(parts - 1, int((at - moment + lately) / each))
        place = bins.setdefault(queue, [[0, 0, 0] for _ in range(parts)])[part]
        place[:] = [place[0] + values[0], max(place[1], values[1]), max(place[2], values[2])]
    return {queue: _course(found, each) for queue, found in bins.items()}


def _course(found: list[list[Any]], each: timedelta) -> Course:
    minutes = each.total_seconds() / 60
    return Course(
        tuple(round(place[0] / minutes, 2) for place in found),
        tuple(place[1] for place in found),
        tuple(place[2] for place in found),
    )


def rates(session: Session, lately: timedelta = timedelta(minutes=10)) -> dict[str, float]:
    """Jobs done a minute, by queue, over the last minutes; queues without any are left out."""
    recent = QueueSample.at > now(session) - lately
    rows = session.execute(
        sa.select(QueueSample.queue, sa.func.sum(QueueSample.done)).where(recent).group_by(QueueSample.queue)
    )
    return {queue: round(done / (lately.total_seconds() / 60), 2) for queue, done in rows if done}
