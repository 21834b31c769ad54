"""The calendar of the newsroom: what goes out when, and which agents write then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import takewhile

import sqlalchemy as sa

from stonehand.agents import queries
from stonehand.agents.timing import TASK
from stonehand.db import Session
from stonehand.jobs.clock import schedules
from stonehand.jobs.errors import TimetableInvalid
from stonehand.jobs.models import Schedule
from stonehand.publications import calendar
from stonehand.publications.calendar import Entry

MOST_RUNS = 200  # of each schedule


def entries(session: Session, since: datetime, until: datetime, channel_id: str = "") -> list[Entry]:
    """Everything from `since` on and before `until`, by time; agents belong to no channel."""
    found = calendar.entries(session, since, until, channel_id)
    runs = [] if channel_id else list(_runs(session, since, until))
    return sorted([*found, *runs], key=calendar.order)


def _runs(session: Session, since: datetime, until: datetime) -> Iterator[Entry]:
    """The runs to come, as the schedules of agents say."""
    ours = sa.select(Schedule).where(Schedule.is_enabled, Schedule.task == TASK).limit(calendar.MOST)
    rows = session.scalars(ours).all()
    writers = {row.name: str(row.args.get("agent_id") or "") for row in rows}
    names = queries.names(session, writers.values())
    for row in rows:
        agent_id = writers[row.name]
        name = names.get(agent_id)
        title, url = (name, f"/agents/{agent_id}") if name else (row.name, f"/schedules/{row.name}")
        for at in _times(row, since, until):
            yield Entry("run", row.name, title, at, at, "run", url=url)


def _times(row: Schedule, since: datetime, until: datetime) -> list[datetime]:
    try:
        coming = schedules.timetable_of(row).upcoming(row.next_at, MOST_RUNS)
    except TimetableInvalid:
        return []
    return [at for at in takewhile(lambda at: at < until, coming) if at >= since]
