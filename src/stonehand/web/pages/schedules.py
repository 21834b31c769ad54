"""Schedules: what comes again, when next, what became of it; and the page and the form of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from stonehand.web.pages.parts import BLANK, ONE_PAGE, Badge, Field, Link, Pager


@dataclass(frozen=True)
class DueTime:
    """A due time, as the clocks of the schedule's zone show it and in UTC."""

    at: datetime
    local: str
    utc: str


@dataclass(frozen=True)
class LastRun:
    """What became of a due time. `job` leads to its job while that is remembered."""

    due_at: datetime
    fired_at: datetime
    words: str
    badge: Badge | None = None
    job: Link | None = None
    late: str = ""


@dataclass(frozen=True)
class ScheduleRow:
    """A schedule in the list. `mark` says that a person made or changed it."""

    name: str
    task: str
    args: str
    words: str
    is_enabled: bool
    upcoming: tuple[DueTime, ...] = ()
    last: LastRun | None = None
    mark: str = ""
    can_change: bool = False
    can_remove: bool = False


@dataclass(frozen=True)
class Preview:
    """What a timetable would do, or why it cannot be read."""

    words: str = ""
    upcoming: tuple[DueTime, ...] = ()
    error: str = ""


@dataclass(frozen=True)
class TaskChoice:
    """A task that may be started by hand, and what it takes."""

    name: str
    takes: str


@dataclass(frozen=True)
class ScheduleForm:
    """The form that makes or changes a schedule, as it was typed. `how` is `every` or `cron`."""

    action: str
    preview_at: str
    is_new: bool = True
    name: Field = BLANK
    task: Field = BLANK
    args: Field = BLANK
    how: str = "cron"
    number: Field = BLANK
    unit: str = "minutes"
    cron: Field = BLANK
    timezone: Field = BLANK
    missed: str = "once"
    priority: Field = BLANK
    jitter: Field = BLANK
    error: str = ""
    tasks: tuple[TaskChoice, ...] = ()
    zones: tuple[str, ...] = ()


@dataclass(frozen=True)
class SchedulesView:
    """All schedules, and the form for another one."""

    rows: tuple[ScheduleRow, ...]
    form: ScheduleForm | None = None
    preview: Preview | None = None


@dataclass(frozen=True)
class ScheduleView:
    """One schedule with its history, and the form that changes it."""

    row: ScheduleRow
    facts: tuple[tuple[str, str], ...]
    history: tuple[LastRun, ...] = ()
    pager: Pager = ONE_PAGE
    can_reset: bool = False
    form: ScheduleForm | None = None
    preview: Preview | None = None
