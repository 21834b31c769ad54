"""Reads of schedules and of what became of their due times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from stonehand.db import Session
from stonehand.jobs.clock import schedules
from stonehand.jobs.clock.schedules import Outcome
from stonehand.jobs.clock.timetable import SKIP_AFTER
from stonehand.jobs.models import Job, Schedule, ScheduleRun

SENTENCES = {
    Outcome.FIRED: "fired",
    Outcome.BUSY: "skipped: the run before was still working",
    Outcome.MISSED: "skipped: nobody could fire it, or what came after it, in time",
    Outcome.BY_HAND: "started by hand",
    Outcome.UNREADABLE: "not fired: its timetable cannot be read",
}


@dataclass(frozen=True)
class Run:
    """What became of a due time, with the job that it asked for or found working, if its record still exists."""

    run: ScheduleRun
    job: Job | None

    @property
    def words(self) -> str:
        """What became of it, in words."""
        sentence = SENTENCES[Outcome(self.run.outcome)]
        is_late = self.run.fired_at - self.run.due_at > SKIP_AFTER
        stands_for_all = self.job is not None and self.job.unique_key == schedules.run_key(self.run.schedule)
        if self.run.outcome == Outcome.FIRED and is_late and stands_for_all:
            return f"{sentence}, once for all that was due until {self.run.fired_at:%Y-%m-%d %H:%M} UTC"
        return sentence


@dataclass(frozen=True)
class Standing:
    """A schedule and the latest thing that became of it."""

    schedule: Schedule
    last: Run | None


def listing(session: Session, name: str = "") -> list[Standing]:
    """All schedules by name, or only one."""
    newest = sa.select(sa.func.max(ScheduleRun.due_at)).where(ScheduleRun.schedule == Schedule.name)
    latest = sa.and_(
        ScheduleRun.schedule == Schedule.name, ScheduleRun.due_at == newest.correlate(Schedule).scalar_subquery()
    )
    statement = (
        sa.select(Schedule, ScheduleRun, Job)
        .outerjoin(ScheduleRun, latest)
        .outerjoin(Job, Job.id == ScheduleRun.job_id)
        .order_by(Schedule.is_own.desc(), Schedule.name)
    )
    if name:
        statement = statement.where(Schedule.name == name)
    return [Standing(schedule, Run(run, job) if run else None) for schedule, run, job in session.execute(statement)]


def history(session: Session, name: str, before: datetime | None = None, limit: int = 50) -> Sequence[Run]:
    """What became of the due times of a schedule, the latest first; perhaps only of those before some time."""
    statement = (
        sa.select(ScheduleRun, Job)
        .outerjoin(Job, Job.id == ScheduleRun.job_id)
        .where(ScheduleRun.schedule == name)
        .order_by(ScheduleRun.due_at.desc())
        .limit(limit)
    )
    if before:
        statement = statement.where(ScheduleRun.due_at < before)
    return [Run(run, job) for run, job in session.execute(statement)]
