"""What there is to do, in one question: it is asked once a second, mostly in vain, so it must cost next to nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect

from stonehand.db import Database, UtcDateTime
from stonehand.jobs.declaration import QUEUES
from stonehand.jobs.models import PUT_OFF, Job, Schedule
from stonehand.jobs.states import State
from stonehand.limits import breakers
from stonehand.limits.models import Breaker

_OF_STATEMENT = sa.func.statement_timestamp(type_=UtcDateTime())  # PostgreSQL finds rows by it; not by its clock
# To the end of the millisecond, since SQLite's clock knows no finer: what is due in it would wait for the next look.
_OF_SQLITE = sa.literal_column("strftime('%Y-%m-%d %H:%M:%f999', 'now')", UtcDateTime())
_TIMES = [sa.column(name, UtcDateTime()) for name in ("moment", "schedule_at", "job_at")]


@dataclass(frozen=True)
class Glance:
    """Whether schedules or jobs are due, jobs run, and closed breakers have jobs behind them; queues with work.

    `next_at` is when the next schedule or put-off job is due.
    """

    moment: datetime
    schedules: bool
    due: bool
    executing: bool
    gates: bool
    waiting: tuple[str, ...]
    next_at: datetime | None

    @property
    def is_quiet(self) -> bool:
        """Whether there is nothing to do for anybody."""
        return not (self.schedules or self.due or self.executing or self.gates or self.waiting)


def look(database: Database) -> Glance:
    """How things stand now."""
    row = database.ask(_question(database.engine.dialect.name))
    moment, times, answers = row[0], [at for at in row[1:3] if at], row[3:]
    schedules, due, executing, gates, *ready = map(bool, answers)
    waiting = tuple(queue for queue, is_waiting in zip(QUEUES, ready, strict=True) if is_waiting)
    return Glance(moment, schedules, due, executing, gates, waiting, min(times, default=None))


@cache
def _question(name: str) -> sa.TextualSelect:
    """All of it as finished text: to build it anew, or only to find that it was built, costs more than the answer."""
    dialect: Dialect = (sqlite if name == "sqlite" else postgresql).dialect()
    asked = _looking(name == "sqlite").compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    return sa.text(str(asked).replace(":", r"\:")).columns(*_TIMES)


def _looking(is_sqlite: bool) -> sa.Select[*tuple[Any, ...]]:
    moment = _OF_SQLITE if is_sqlite else _OF_STATEMENT
    earliest = _earliest_put_off(is_sqlite)
    passable = sa.exists().where(Job.gate == Breaker.name, Job.state == State.SCHEDULED)
    return sa.select(
        moment,
        sa.select(sa.func.min(Schedule.next_at)).where(Schedule.is_enabled).scalar_subquery(),
        earliest,
        sa.exists().where(Schedule.is_enabled, Schedule.next_at <= moment),
        sa.func.coalesce(earliest <= moment, sa.false()),
        sa.exists().where(Job.state == State.EXECUTING),
        sa.exists().where(Breaker.state == breakers.State.CLOSED, passable),
        *(sa.exists().where(Job.queue == queue, Job.state == State.AVAILABLE) for queue in QUEUES),
    )


def _earliest_put_off(is_sqlite: bool) -> sa.ScalarSelect[datetime]:
    """When the first job is due that waits for its time: by their index, where SQLite would read all of them."""
    source = sa.text("jobs INDEXED BY ix_jobs_due" if is_sqlite else "jobs")
    earliest = sa.literal_column("min(run_at)", UtcDateTime())
    return sa.select(earliest).select_from(source).where(sa.text(PUT_OFF)).scalar_subquery()
