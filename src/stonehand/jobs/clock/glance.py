"""What there is to do, in one question: it is asked once a second, mostly in vain, so it must cost next to nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from stonehand.db import Database, UtcDateTime, now
from stonehand.jobs.declaration import QUEUES
from stonehand.jobs.models import Job, Schedule
from stonehand.jobs.states import State
from stonehand.limits import breakers
from stonehand.limits.models import Breaker


@dataclass(frozen=True)
class Glance:
    """Whether schedules or jobs are due, jobs run, and closed breakers have jobs behind them; queues with work."""

    moment: datetime
    schedules: bool
    due: bool
    executing: bool
    gates: bool
    waiting: tuple[str, ...]


def look(database: Database) -> Glance:
    """How things stand now."""
    with database.read() as session:
        moment = now(session)
        row = session.connection().execute(_LOOK, {"moment": moment}).one()
    schedules, due, executing, gates, *ready = (bool(value) for value in row)
    waiting = tuple(queue for queue, is_waiting in zip(QUEUES, ready, strict=True) if is_waiting)
    return Glance(moment, schedules, due, executing, gates, waiting)


def _looking() -> sa.Executable:
    moment = sa.bindparam("moment", type_=UtcDateTime())
    passable = sa.exists().where(Job.gate == Breaker.name, Job.state == State.SCHEDULED)
    return sa.select(
        sa.exists().where(Schedule.is_enabled, Schedule.next_at <= moment),
        sa.exists().where(Job.state.in_([State.SCHEDULED, State.RETRYABLE]), Job.run_at <= moment),
        sa.exists().where(Job.state == State.EXECUTING),
        sa.exists().where(Breaker.state == breakers.State.CLOSED, passable),
        *(sa.exists().where(Job.queue == queue, Job.state == State.AVAILABLE) for queue in QUEUES),
    )


_LOOK = _looking()
