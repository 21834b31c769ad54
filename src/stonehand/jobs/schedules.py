"""Work that comes again. Any number of schedulers may tick; a due time fires once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from stonehand.db import Session, insert, now
from stonehand.jobs import outbox
from stonehand.jobs.models import Schedule, ScheduleRun


@dataclass(frozen=True)
class Every:
    """Run `task`, which is of `queue`, every so many seconds, in whole steps of that time."""

    task: str
    queue: str
    seconds: int


def every(task: str, queue: str, seconds: int) -> Every:
    """A row of the pipeline's table of schedules. It names the queue, so that a scheduler need not load the room."""
    return Every(task, queue, seconds)


def install(session: Session, rows: Iterable[Every]) -> None:
    """Make the table of schedules say what the pipeline says. The next due time of a known one stays."""
    moment, names = now(session), set()
    for row in rows:
        names.add(row.task)
        said = {"queue": row.queue, "every_seconds": row.seconds}
        statement = insert(session, Schedule).values(
            name=row.task, task=row.task, next_at=moment, is_enabled=True, **said
        )
        session.execute(statement.on_conflict_do_update(index_elements=["name"], set_=said))
    session.execute(sa.delete(Schedule).where(Schedule.name.not_in(names)))


def is_any_due(session: Session) -> bool:
    """Whether a tick would fire something."""
    return bool(session.scalar(sa.select(sa.exists(_due(now(session))))))


def _due(moment: datetime) -> sa.Select[Schedule]:
    return sa.select(Schedule).where(Schedule.is_enabled, Schedule.next_at <= moment)


def tick(session: Session) -> int:
    """Fire what is due, each due time once; times missed meanwhile count as one. Returns how many fired."""
    moment, fired = now(session), 0
    for schedule in list(session.scalars(_due(moment).with_for_update(skip_locked=True))):
        due_at, step = schedule.next_at, timedelta(seconds=schedule.every_seconds)
        schedule.next_at = due_at + step * ((moment - due_at) // step + 1)
        fired += _fire(session, schedule, due_at, moment)
    return fired


def _fire(session: Session, schedule: Schedule, due_at: datetime, moment: datetime) -> bool:
    row = insert(session, ScheduleRun).values(schedule=schedule.name, due_at=due_at, fired_at=moment)
    if session.execute(row.on_conflict_do_nothing().returning(ScheduleRun.due_at)).first() is None:
        return False
    job_id = outbox.enqueue_plain(session, schedule.task, schedule.queue, unique_key=f"schedule:{schedule.name}")
    mine = sa.update(ScheduleRun).where(ScheduleRun.schedule == schedule.name, ScheduleRun.due_at == due_at)
    session.execute(mine.values(job_id=job_id))
    return True
