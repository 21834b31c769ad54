"""The jobs of the jobs room: forgetting the records of work that ended long ago."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from stonehand.db import now
from stonehand.jobs.attempts import Attempt
from stonehand.jobs.declaration import task
from stonehand.jobs.models import Job, ScheduleRun
from stonehand.jobs.states import State

KEPT = {
    State.COMPLETED: timedelta(days=30),
    State.CANCELLED: timedelta(days=30),
    State.DISCARDED: timedelta(days=90),
}
CHUNK = 1000


@task("jobs.forget_old", queue="maintenance")
def forget_old(attempt: Attempt) -> None:
    """Delete the records of work that ended long ago, a little at a time."""
    for state, age in KEPT.items():
        while _forget(attempt, state, age):
            attempt.check_cancelled()
    with attempt.finish() as session:
        session.execute(sa.delete(ScheduleRun).where(ScheduleRun.due_at < now(session) - timedelta(days=30)))


def _forget(attempt: Attempt, state: State, age: timedelta) -> bool:
    with attempt.write() as session:
        old = sa.select(Job.id).where(Job.state == state, Job.finished_at < now(session) - age).limit(CHUNK)
        gone = session.scalars(sa.delete(Job).where(Job.id.in_(old)).returning(Job.id)).all()
    return len(gone) == CHUNK
