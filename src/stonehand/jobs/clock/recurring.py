"""A person's verbs on schedules: make, change, switch on and off, run now, remove, give back to the pipeline."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from stonehand import config
from stonehand.db import Session, now
from stonehand.jobs import declaration, queries
from stonehand.jobs.clock import schedules
from stonehand.jobs.clock.schedules import Outcome, Planned
from stonehand.jobs.clock.timetable import LONGEST_JITTER, MISSED
from stonehand.jobs.declaration import Task
from stonehand.jobs.desk import parameters
from stonehand.jobs.errors import JobBusy, ScheduleInvalid, ScheduleNotFound, ScheduleTaken, TimetableInvalid
from stonehand.jobs.models import Schedule, ScheduleRun

NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")  # without a dot, so that it is never the name of a task
CHANGEABLE = ("args", "priority", "every_seconds", "cron", "timezone", "missed", "jitter")
RESERVED = ("preview",)  # words that addresses need


def startable(name: str) -> Task:
    """The task of this name, if a person may start it. It may load a room, so call it outside transactions."""
    task = declaration.find(name)
    if task.role is None:
        raise parameters.forbidden(task)
    return task


def permission(task: Task) -> str:
    """What a person needs to change schedules of this task; an admin those of tasks that nobody starts by hand."""
    return parameters.permission(task) or "admin"


def startables() -> list[str]:
    """The names of the tasks that a person may start, as far as this process has loaded their rooms."""
    return [name for name in declaration.known() if declaration.find(name).role]


def get(session: Session, name: str, held: bool = False) -> Schedule:
    """One schedule, if wanted held until the transaction ends. Raises `ScheduleNotFound`."""
    found = session.get(Schedule, name, with_for_update={"key_share": True} if held else None)
    if found is None:
        raise ScheduleNotFound(f"there is no schedule {name!r}; it may have been removed")
    return found


def create(session: Session, name: str, task: Task, by: str, values: Mapping[str, Any]) -> Schedule:
    """Make a schedule of one's own. `values` are columns of `CHANGEABLE`. Raises `ScheduleTaken`, `ScheduleInvalid`."""
    if not NAME.fullmatch(name) or name in RESERVED:
        raise ScheduleInvalid(f"the name {name[:64]!r}: write 1 to 64 letters, digits, - or _, but not {RESERVED[0]}")
    if session.get(Schedule, name):
        raise _taken(name)
    blank = {
        "every_seconds": 0,
        "cron": None,
        "timezone": config.settings().timezone,
        "missed": "once",
        "priority": 5,
        "jitter": 0,
    }
    schedule = Schedule(name=name, task=task.name, queue=task.queue, args={}, is_own=True, is_enabled=True, **blank)
    _set(schedule, task, by, values)
    schedule.next_at = _next(schedule, now(session))
    try:
        with session.begin_nested():
            session.add(schedule)
    except sa.exc.IntegrityError:  # somebody else was quicker
        raise _taken(name) from None
    return schedule


def _taken(name: str) -> ScheduleTaken:
    return ScheduleTaken(f"there is a schedule {name!r} already; choose another name")


def change(session: Session, name: str, task: Task, by: str, values: Mapping[str, Any]) -> Schedule:
    """Change columns of `CHANGEABLE`; what is left out stays. `task` is that of the schedule."""
    schedule = get(session, name, held=True)
    before = schedules.timetable_of(schedule) if _is_readable(schedule) else None
    _set(schedule, task, by, values)
    schedule.is_edited = not schedule.is_own
    if schedules.timetable_of(schedule) != before:
        schedule.next_at = _next(schedule, now(session))
    return schedule


def _is_readable(schedule: Schedule) -> bool:
    try:
        return bool(schedules.timetable_of(schedule))
    except TimetableInvalid:
        return False


def _set(schedule: Schedule, task: Task, by: str, values: Mapping[str, Any]) -> None:
    news = dict(values)
    if news.get("every_seconds") and not news.get("cron"):
        news["cron"] = None
    if news.get("cron") and not news.get("every_seconds"):
        news["every_seconds"] = 0
    for column in CHANGEABLE:
        if column in news:
            setattr(schedule, column, news[column])
    schedule.changed_by = by
    _check(schedule, task)


def _check(schedule: Schedule, task: Task) -> None:
    schedules.timetable_of(schedule)
    if schedule.missed not in MISSED:
        raise ScheduleInvalid(f"{schedule.missed!r} is not a rule for missed times; choose {', '.join(MISSED)}")
    if not 0 <= schedule.priority <= 9:
        raise ScheduleInvalid(f"the priority {schedule.priority} is not 0 to 9")
    if not 0 <= schedule.jitter <= LONGEST_JITTER:
        raise ScheduleInvalid(f"the jitter {schedule.jitter} is not 0 to {LONGEST_JITTER} seconds")
    parameters.fitting(task, schedule.args)


def _next(schedule: Schedule, moment: datetime) -> datetime:
    return schedules.timetable_of(schedule).after(moment, moment)


def enable(session: Session, name: str, by: str) -> Schedule:
    """Let it fire again, from its next due time on: what was due while it was switched off is not made up for."""
    schedule = get(session, name, held=True)
    if not schedule.is_enabled:
        moment = now(session)
        if schedule.next_at <= moment:
            schedule.next_at = schedules.timetable_of(schedule).after(moment, schedule.next_at)
        schedule.is_enabled, schedule.changed_by = True, by
    return schedule


def disable(session: Session, name: str, by: str) -> Schedule:
    """Let it rest. A job of it that waits or runs goes on."""
    schedule = get(session, name, held=True)
    if schedule.is_enabled:
        schedule.is_enabled, schedule.changed_by = False, by
    return schedule


def run_now(session: Session, name: str, by: str) -> str:
    """Ask for its job now, whatever its timetable says. Returns the job's id. Raises `JobBusy`."""
    schedule, key = get(session, name, held=True), schedules.run_key(name)
    asked = schedules.ask(session, schedule, by, [{"unique_key": key}])
    if not asked:
        working = queries.unfinished_as(session, key)
        raise JobBusy(f"the run before is still working{f': job {working.id}' if working else ''}")
    moment = now(session)
    session.add(ScheduleRun(schedule=name, due_at=moment, fired_at=moment, job_id=asked[0], outcome=Outcome.BY_HAND))
    return asked[0]


def remove(session: Session, name: str) -> None:
    """Forget one that a person made, and its history. Raises `ScheduleTaken` for one of the pipeline's."""
    schedule = get(session, name, held=True)
    if not schedule.is_own:
        raise ScheduleTaken(f"{name} belongs to the pipeline and would come back; disable it instead")
    session.delete(schedule)


def reset(session: Session, name: str, planned: Iterable[Planned]) -> Schedule:
    """Give an edited schedule back to the pipeline's table, `planned`, and let it fire."""
    schedule, row = get(session, name, held=True), next((each for each in planned if each.task == name), None)
    if schedule.is_own or row is None:
        raise ScheduleTaken(f"{name} is not of the pipeline's table, so there is nothing to go back to")
    for column, value in row.columns().items():
        setattr(schedule, column, value)
    schedule.is_edited, schedule.is_enabled, schedule.changed_by = False, True, None
    schedule.next_at = schedules.first_due(row.timetable(), now(session))
    return schedule
