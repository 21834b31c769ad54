"""What is typed into the form of a schedule, and what it means."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from stonehand import config
from stonehand.jobs import declaration
from stonehand.jobs.clock import recurring
from stonehand.jobs.clock.timetable import Timetable, zones
from stonehand.jobs.desk import parameters
from stonehand.jobs.errors import ScheduleInvalid
from stonehand.jobs.models import Schedule
from stonehand.web.pages import parts
from stonehand.web.pages.schedules import ScheduleForm, TaskChoice

UNITS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
Short = Annotated[str, Field(max_length=200)]


class Typed(BaseModel):
    """The fields as they were sent."""

    name: Short = ""
    task: Short = ""
    args: Annotated[str, Field(max_length=4000)] = ""
    how: Literal["every", "cron"] = "cron"
    number: Short = "15"
    unit: Literal["seconds", "minutes", "hours", "days"] = "minutes"
    cron: Short = ""
    timezone: Short = ""
    missed: Literal["once", "skip", "all"] = "once"
    priority: Short = "5"
    jitter: Short = "0"

    def table(self) -> Timetable:
        """When it comes. Raises `ScheduleInvalid`, `TimetableInvalid`."""
        zone_name = self.timezone.strip() or config.settings().timezone
        if self.how == "every":
            every = _whole(self.number, "the interval") * UNITS[self.unit]
            return Timetable(every, "", zone_name).check()
        if not self.cron.strip():
            raise ScheduleInvalid("write a cron expression, such as 0 9 * * MON-FRI, or choose an interval")
        return Timetable(0, self.cron.strip(), zone_name).check()

    def values(self) -> dict[str, Any]:
        """The columns of the schedule. Raises `ScheduleInvalid`, `TimetableInvalid`."""
        table = self.table()
        return {
            **{"every_seconds": table.every, "cron": table.cron or None, "timezone": table.zone},
            **{"missed": self.missed, "priority": _whole(self.priority, "the priority"), "args": self._arguments()},
            "jitter": _whole(self.jitter, "the time by which it is put off"),
        }

    def _arguments(self) -> dict[str, str]:
        args = {}
        for line in filter(str.strip, self.args.splitlines()):
            name, equals, value = line.partition("=")
            if not equals:
                raise ScheduleInvalid(f"{line.strip()[:80]!r} is not of the form name=value, one a line")
            args[name.strip()] = value.strip()
        return args

    def form(self, blank: ScheduleForm, error: str = "") -> ScheduleForm:
        """The form as it was typed."""
        return replace(
            blank,
            name=parts.Field(self.name),
            task=parts.Field(self.task),
            args=parts.Field(self.args),
            how=self.how,
            number=parts.Field(self.number),
            unit=self.unit,
            cron=parts.Field(self.cron),
            timezone=parts.Field(self.timezone),
            missed=self.missed,
            priority=parts.Field(self.priority),
            jitter=parts.Field(self.jitter),
            error=error,
        )


def _whole(word: str, what: str) -> int:
    if not word.strip().isdecimal() or len(word) > 9:
        raise ScheduleInvalid(f"{what}: {word.strip()[:20]!r} is not a whole number")
    return int(word)


def blank() -> ScheduleForm:
    """The form for a new schedule."""
    tasks = tuple(TaskChoice(name, _takes(name)) for name in recurring.startables())
    return Typed().form(ScheduleForm("/schedules", "/schedules/preview", tasks=tasks, zones=_zones()))


def filled(schedule: Schedule) -> ScheduleForm:
    """The form that changes a schedule."""
    address, seconds = f"/schedules/{schedule.name}", schedule.every_seconds
    size, unit = next(((size, unit) for unit, size in reversed(UNITS.items()) if not seconds % size), (1, "seconds"))
    typed = Typed(
        name=schedule.name,
        task=schedule.task,
        args="\n".join(f"{name}={value}" for name, value in schedule.args.items()),
        how="every" if seconds else "cron",
        number=str(seconds // size) if seconds else "15",
        cron=schedule.cron or "",
        timezone=schedule.timezone,
        priority=str(schedule.priority),
        jitter=str(schedule.jitter),
    ).model_copy(update={"unit": unit if seconds else "minutes", "missed": schedule.missed})
    return typed.form(ScheduleForm(f"{address}/edit", f"{address}/preview", is_new=False, zones=_zones()))


def _takes(name: str) -> str:
    wanted = parameters.of(declaration.find(name))
    return ", ".join(each.name for each in wanted) if wanted else "nothing"


def _zones() -> tuple[str, ...]:
    return ("UTC", *sorted(name for name in zones() if "/" in name and not name.startswith(("Etc/", "SystemV/"))))
