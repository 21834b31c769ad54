"""Schedules at the border."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from stonehand import config
from stonehand.jobs.clock import schedules
from stonehand.jobs.clock.schedule_queries import Run, Standing
from stonehand.jobs.clock.timetable import LONGEST, LONGEST_CRON, LONGEST_JITTER, SHORTEST, Timetable, zone
from stonehand.jobs.errors import TimetableInvalid
from stonehand.jobs.models import Schedule
from stonehand.jobs.states import State

Seconds = Annotated[int | None, Field(ge=SHORTEST, le=LONGEST, description="The length of an interval.")]
Cron = Annotated[
    str | None, Field(max_length=LONGEST_CRON, description="`0 9 * * MON-FRI`, or a word such as `@daily`.")
]
Zone = Annotated[str, Field(max_length=60, description="An IANA time zone, such as `Europe/Zurich`.")]
Missed = Annotated[
    Literal["once", "skip", "all"],
    Field(description="Due times that nobody could fire: one run for all of them, none, or one for each."),
]
Args = Annotated[dict[str, str], Field(max_length=20)]
Priority = Annotated[int, Field(ge=0, le=9)]
Jitter = Annotated[int, Field(ge=0, le=LONGEST_JITTER, description="Seconds at most by which it is put off.")]


class TimetableIn(BaseModel):
    """When something comes: either `every_seconds` or `cron`."""

    model_config = ConfigDict(extra="forbid")

    every_seconds: Seconds = None
    cron: Cron = None
    timezone: Zone = Field(default_factory=lambda: config.settings().timezone)

    def table(self) -> Timetable:
        """The timetable. Raises `TimetableInvalid`."""
        return Timetable(self.every_seconds or 0, self.cron or "", self.timezone).check()


class ScheduleIn(TimetableIn):
    """A schedule of one's own: any task that may be started by hand, with its arguments."""

    name: str = Field(max_length=64)
    task: str = Field(max_length=100)
    args: Args = {}
    missed: Missed = "once"
    priority: Priority = 5
    jitter: Jitter = 0
    enabled: bool = True


class ScheduleChange(BaseModel):
    """What to change; what is left out stays. A cron expression takes the place of an interval, and back."""

    model_config = ConfigDict(extra="forbid")

    every_seconds: Seconds = None
    cron: Cron = None
    timezone: Zone | None = None
    args: Args | None = None
    missed: Missed | None = None
    priority: Priority | None = None
    jitter: Jitter | None = None
    enabled: bool | None = None


class DueOut(BaseModel):
    """A due time, in UTC and as the clocks of the schedule's zone show it."""

    at: datetime
    local: str

    @classmethod
    def of(cls, moment: datetime, zone_name: str) -> Self:
        """The same moment twice."""
        return cls(at=moment, local=moment.astimezone(zone(zone_name)).isoformat(timespec="seconds"))


class TimetableOut(BaseModel):
    """A timetable in words, and its next five times."""

    words: str
    next_runs: list[DueOut]

    @classmethod
    def of(cls, table: Timetable, moment: datetime) -> Self:
        """From now on."""
        times = table.upcoming(table.after(moment, moment))
        return cls(words=table.words(), next_runs=[DueOut.of(at, table.zone) for at in times])


class RunOut(BaseModel):
    """What became of a due time. `job_id` is the job that it asked for, or the one that was still working."""

    due_at: datetime
    fired_at: datetime
    outcome: schedules.Outcome
    words: str
    job_id: str | None
    job_state: State | None

    @classmethod
    def of(cls, run: Run) -> Self:
        """One line of the history."""
        row = run.run
        state = State(run.job.state) if run.job else None
        facts = {"due_at": row.due_at, "fired_at": row.fired_at, "outcome": row.outcome, "job_id": row.job_id}
        return cls(**facts, words=run.words, job_state=state)


class ScheduleOut(BaseModel):
    """A schedule, in words, with its next five runs, none while it is switched off, and with the last one."""

    name: str
    task: str
    queue: str
    args: dict[str, Any]
    every_seconds: int | None
    cron: str | None
    timezone: str
    words: str
    missed: Missed
    priority: int
    jitter: int
    enabled: bool
    is_own: bool
    is_edited: bool
    changed_by: str | None
    next_runs: list[DueOut]
    last_run: RunOut | None

    @classmethod
    def of(cls, standing: Standing, moment: datetime) -> Self:
        """The schedule as it stands."""
        row, last = standing.schedule, standing.last
        same = ("name", "task", "queue", "args", "cron", "timezone", "missed", "priority", "jitter")
        owner = {"is_own": row.is_own, "is_edited": row.is_edited, "changed_by": row.changed_by}
        return cls(
            **{name: getattr(row, name) for name in same},
            **owner,
            every_seconds=row.every_seconds or None,
            words=words_of(row),
            enabled=row.is_enabled,
            next_runs=[DueOut.of(at, row.timezone) for at in schedules.upcoming(row, moment)],
            last_run=RunOut.of(last) if last else None,
        )


def words_of(schedule: Schedule) -> str:
    """When it comes, or why nobody can tell."""
    try:
        return schedules.timetable_of(schedule).words()
    except TimetableInvalid as error:
        return f"cannot be read: {error}"
