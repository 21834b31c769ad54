"""Work that comes again. Any number of schedulers may tick, by the database's clock; a due time fires once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import Any
from zlib import crc32

import sqlalchemy as sa

from stonehand import log
from stonehand.db import Session, insert, new_id, now
from stonehand.jobs import outbox, queries
from stonehand.jobs.clock.timetable import AT_ONCE, LONGEST_JITTER, Timetable, due, is_astray
from stonehand.jobs.declaration import Task
from stonehand.jobs.errors import TimetableInvalid
from stonehand.jobs.models import Schedule, ScheduleRun

UNREADABLE_FOR = timedelta(hours=1)  # until a timetable that cannot be read is looked at again


class Outcome(StrEnum):
    """What became of a due time."""

    FIRED = "fired"
    BUSY = "busy"  # the run before was still working
    MISSED = "missed"  # nobody could fire it in time
    BY_HAND = "by_hand"  # a person asked for it
    UNREADABLE = "unreadable"  # its timetable cannot be read


@dataclass(frozen=True)
class Planned:
    """A row of the pipeline's table. It names the queue, so that a scheduler need not load the room."""

    task: str
    queue: str
    seconds: int = 0
    expression: str | None = None
    timezone: str = "UTC"
    missed: str = "once"
    priority: int = 5
    jitter: int = 0

    def columns(self) -> dict[str, Any]:
        """What the schedule's row says about it."""
        when = {"every_seconds": self.seconds, "cron": self.expression, "timezone": self.timezone}
        rest = {"missed": self.missed, "priority": self.priority, "jitter": self.jitter, "args": {}}
        return {"task": self.task, "queue": self.queue, **when, **rest}

    def timetable(self) -> Timetable:
        """When it comes."""
        return Timetable(self.seconds, self.expression or "", self.timezone, put_off(self.task, self.jitter))


def every(task: str, queue: str, seconds: int, **more: Any) -> Planned:
    """Run `task`, which is of `queue`, every so many seconds. `more` are `missed`, `priority` and `jitter`."""
    return Planned(task, queue, seconds, **more)


def cron(task: str, queue: str, expression: str, **more: Any) -> Planned:
    """Run `task`, which is of `queue`, at the times of a cron expression. `more` may also name a `timezone`."""
    return Planned(task, queue, expression=expression, **more)


def put_off(name: str, jitter: int) -> int:
    """Seconds that a schedule is put off so that not all are due at once, always the same ones."""
    return crc32(name.encode()) % (min(jitter, LONGEST_JITTER) + 1)


def timetable_of(schedule: Schedule) -> Timetable:
    """When it comes. Raises `TimetableInvalid` if that cannot be read."""
    late = put_off(schedule.name, schedule.jitter)
    return Timetable(schedule.every_seconds, schedule.cron or "", schedule.timezone, late).check()


def first_due(table: Timetable, moment: datetime) -> datetime:
    """When something new is due first."""
    return table.after(moment, moment + timedelta(seconds=table.delay))


def upcoming(schedule: Schedule, moment: datetime, number: int = 5) -> list[datetime]:
    """When it fires next; never while it is switched off. What should have fired already comes first."""
    if not schedule.is_enabled:
        return []
    try:
        table = timetable_of(schedule)
    except TimetableInvalid:
        return []
    if schedule.next_at > moment or schedule.missed == "all":
        return table.upcoming(schedule.next_at, number)
    return [schedule.next_at, *islice(table.times(moment, schedule.next_at), number - 1)]


def install(session: Session, rows: Iterable[Planned]) -> None:
    """Make the table of schedules say what the pipeline says, but for those that a person made or edited.

    The next due time of one that comes as before stays.
    """
    moment, names = now(session), set()
    for row in rows:
        names.add(row.task)
        table = row.timetable().check()
        first = moment + timedelta(seconds=table.delay) if table.every else first_due(table, moment)
        _upsert(session, {"name": row.task, "next_at": first, "is_enabled": True, **row.columns()})
    session.execute(sa.delete(Schedule).where(Schedule.name.not_in(names), ~Schedule.is_own))


def _upsert(session: Session, values: dict[str, Any]) -> None:
    statement = insert(session, Schedule).values(**values)
    said = statement.excluded
    as_before = sa.and_(
        Schedule.every_seconds == said.every_seconds,
        Schedule.cron.is_not_distinct_from(said.cron),
        Schedule.timezone == said.timezone,
        Schedule.jitter == said.jitter,
    )
    news = {name: said[name] for name in values if name not in ("name", "next_at", "is_enabled")}
    next_at = sa.case((as_before, Schedule.next_at), else_=said.next_at)
    mine = sa.and_(~Schedule.is_own, ~Schedule.is_edited)
    session.execute(
        statement.on_conflict_do_update(index_elements=["name"], set_=news | {"next_at": next_at}, where=mine)
    )


def _wanting(session: Session, moment: datetime) -> list[str]:
    """The names of those that are due, or whose next time is nonsense since the clock was set back."""
    rows = session.execute(
        sa.select(Schedule.name, Schedule.next_at, Schedule.every_seconds).where(Schedule.is_enabled)
    )
    return [name for name, next_at, seconds in rows if next_at <= moment or is_astray(seconds, next_at, moment)]


def tick(session: Session, *only: sa.ColumnElement[bool]) -> int:
    """Fire what is due, each due time once, and no more than a hundred or so; perhaps `only` some of it.

    Returns how many fired.
    """
    moment, fired = now(session), 0
    chosen = sa.select(Schedule).where(Schedule.name.in_(_wanting(session, moment)), Schedule.is_enabled, *only)
    # Whoever has lost the race for a row sees nothing of it, or sees that it is not due any more.
    for schedule in session.scalars(
        chosen.order_by(Schedule.next_at).with_for_update(skip_locked=True, key_share=True)
    ).all():
        fired += _tick_one(session, schedule, moment)
        if fired >= AT_ONCE:  # the others in the next second: a transaction must stay short
            break
    return fired


def _tick_one(session: Session, schedule: Schedule, moment: datetime) -> int:
    if is_astray(schedule.every_seconds, schedule.next_at, moment):
        schedule.next_at = moment + timedelta(seconds=schedule.every_seconds)
    if schedule.next_at > moment:
        return 0
    try:
        found = due(timetable_of(schedule), schedule.next_at, moment, schedule.missed)
    except TimetableInvalid as error:
        log.logger(__name__).error("a schedule cannot be read", schedule=schedule.name, error=str(error))
        _remember(session, schedule, {schedule.next_at: None}, moment, Outcome.UNREADABLE)
        schedule.next_at = moment + UNREADABLE_FOR
        return 0
    schedule.next_at = found.next_at
    _remember(session, schedule, dict.fromkeys(found.let_go), moment, Outcome.MISSED)
    return _fire(session, schedule, found.fire, moment)


def _remember(
    session: Session, schedule: Schedule, jobs: dict[datetime, str | None], moment: datetime, outcome: Outcome
) -> list[datetime]:
    """Write down what becomes of these due times. Returns those of which nothing had become before."""
    if not jobs:
        return []
    shared = {"schedule": schedule.name, "fired_at": moment, "outcome": outcome}
    rows = [{**shared, "due_at": at, "job_id": job_id} for at, job_id in jobs.items()]
    table = ScheduleRun.__table__  # rows as they are: what the mapper would do for one costs more than keeping it
    statement = insert(session, table).values(rows).on_conflict_do_nothing().returning(table.c.due_at)
    return sorted(session.connection().scalars(statement))


def _fire(session: Session, schedule: Schedule, times: list[datetime], moment: datetime) -> int:
    """Ask for a job for each due time. One whose last job has not ended does not pile up, unless each time counts."""
    ids: dict[datetime, str | None] = {at: new_id() for at in times}
    each_counts, key = schedule.missed == "all", run_key(schedule.name)
    wishes = [
        {"id": ids[at], "unique_key": f"{key}:{at.isoformat()}" if each_counts else key}
        for at in _remember(session, schedule, ids, moment, Outcome.FIRED)
    ]
    made = ask(session, schedule, f"the schedule {schedule.name}", wishes)
    for wish in wishes:
        if wish["id"] not in made:
            working = queries.unfinished_as(session, str(wish["unique_key"]))
            row = sa.update(ScheduleRun).where(ScheduleRun.schedule == schedule.name, ScheduleRun.job_id == wish["id"])
            session.execute(row.values(job_id=working and working.id, outcome=Outcome.BUSY))
    return len(made)


def run_key(name: str) -> str:
    """The unique key of a schedule's jobs."""
    return f"schedule:{name}"


def ask(session: Session, schedule: Schedule, asked_by: str, wishes: Iterable[dict[str, Any]]) -> list[str]:
    """Ask for jobs of a schedule, each with columns of its own. Returns the ids of those that are new."""
    task = Task(schedule.task, schedule.queue, body=_nothing)
    shared = {"priority": schedule.priority, "asked_by": asked_by}
    return outbox.insert_all(session, [(task, schedule.args, shared | wish) for wish in wishes])


def _nothing() -> None:
    """The body of a task that is only asked for here, never run."""
