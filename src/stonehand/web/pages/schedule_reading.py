"""From schedules to what their pages show."""

from __future__ import annotations

from datetime import datetime, timedelta

from stonehand.accounts.permissions import Person
from stonehand.db import Session, now
from stonehand.jobs import declaration
from stonehand.jobs.clock import recurring, schedules
from stonehand.jobs.clock import schedule_queries as queries
from stonehand.jobs.clock.schedule_queries import Run, Standing
from stonehand.jobs.clock.schedule_schemas import words_of
from stonehand.jobs.clock.timetable import Timetable, zone
from stonehand.jobs.models import Schedule
from stonehand.jobs.states import State
from stonehand.web.api.schedules import cursor
from stonehand.web.pages import schedule_forms as forms
from stonehand.web.pages.job_rows import STATES
from stonehand.web.pages.parts import Link, Pager
from stonehand.web.pages.schedules import DueTime, LastRun, Preview, ScheduleRow, SchedulesView, ScheduleView

LIMIT = 50
NOTABLE = timedelta(seconds=5)  # by which a due time must be late to be called so
RULES = {
    "once": "one run for all of them",
    "skip": "no run; only what is due within the last minute fires",
    "all": "one run for each",
}


def index(session: Session, person: Person) -> SchedulesView:
    """All schedules, those that people made first."""
    moment = now(session)
    rows = tuple(_row(each, person, moment) for each in queries.listing(session))
    return SchedulesView(rows, forms.blank() if person.may("publish") else None)


def one(session: Session, person: Person, name: str, before: datetime | None = None) -> ScheduleView:
    """One schedule and a part of its history. Raises `ScheduleNotFound`."""
    schedule = recurring.get(session, name)
    row = _row(queries.listing(session, name)[0], person, now(session))
    found = queries.history(session, name, before, LIMIT + 1)
    older = f"/schedules/{name}?before={cursor(found[LIMIT - 1].run.due_at)}" if len(found) > LIMIT else ""
    return ScheduleView(
        row,
        _facts(schedule),
        tuple(map(_run, found[:LIMIT])),
        Pager(f"/schedules/{name}" if before else "", older),
        row.can_change and (schedule.is_edited or not schedule.is_enabled) and not schedule.is_own,
        forms.filled(schedule) if row.can_change else None,
    )


def preview(table: Timetable, moment: datetime) -> Preview:
    """What this timetable would do from now on."""
    times = table.upcoming(table.after(moment, moment))
    return Preview(table.words(), tuple(_due_time(at, table.zone) for at in times))


def _row(standing: Standing, person: Person, moment: datetime) -> ScheduleRow:
    row = standing.schedule
    may = _may_change(row, person)
    return ScheduleRow(
        row.name,
        row.task,
        ", ".join(f"{name}={value}" for name, value in row.args.items()),
        words_of(row),
        row.is_enabled,
        tuple(_due_time(at, row.timezone) for at in schedules.upcoming(row, moment)),
        _run(standing.last) if standing.last else None,
        "made by hand" if row.is_own else "edited" if row.is_edited else "",
        may,
        may and row.is_own,
    )


def _may_change(row: Schedule, person: Person) -> bool:
    """As far as this process knows the task; whether it is so is checked when somebody acts."""
    if row.task in declaration.known():
        needed = recurring.permission(declaration.find(row.task))
    else:
        needed = "publish" if row.is_own else "admin"
    return person.may("publish") and person.may(needed)


def _due_time(at: datetime, zone_name: str) -> DueTime:
    seconds = ":%S" if at.second else ""
    local = at.astimezone(zone(zone_name))
    return DueTime(at, f"{local:%a %-d %b %Y, %H:%M{seconds} %Z}", f"{at:%a %-d %b %Y, %H:%M{seconds} UTC}")


def _run(run: Run) -> LastRun:
    job, row = run.job, run.run
    late = row.fired_at - row.due_at
    return LastRun(
        row.due_at,
        row.fired_at,
        run.words,
        STATES[State(job.state)] if job else None,
        Link(job.task, f"/jobs/{job.id}") if job else None,
        _span(late) if late > NOTABLE else "",
    )


def _span(time: timedelta) -> str:
    seconds = int(time.total_seconds())
    size, unit = next(step for step in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")) if seconds >= step[0])
    return f"{seconds // size} {unit} late"


def _facts(row: Schedule) -> tuple[tuple[str, str], ...]:
    facts = (
        ("Task", row.task),
        ("Queue", row.queue),
        ("Time zone", row.timezone),
        ("Cron", row.cron or ""),
        ("Missed times", RULES.get(row.missed, row.missed)),
        ("Priority", f"{row.priority} of 9"),
        ("Put off by at most", f"{row.jitter} s" if row.jitter else ""),
        ("Changed by", row.changed_by or ""),
    )
    return tuple((name, words) for name, words in facts if words)
