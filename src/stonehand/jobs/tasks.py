"""The jobs of the jobs room: forgetting what ended long ago, samples for the charts, deeds for many jobs."""

from __future__ import annotations

import json
from datetime import timedelta

import sqlalchemy as sa

from stonehand.db import database, now
from stonehand.jobs import bulk, deadletters, queries, samples
from stonehand.jobs.attempts import Attempt
from stonehand.jobs.bulk import Deed
from stonehand.jobs.declaration import task
from stonehand.jobs.filters import Filter
from stonehand.jobs.models import Job, ScheduleRun
from stonehand.jobs.states import State

KEPT = {
    State.COMPLETED: timedelta(days=30),
    State.CANCELLED: timedelta(days=30),
    State.DISCARDED: timedelta(days=90),
}
CHUNK = 1000


@task("jobs.forget_old", queue="maintenance", role="admin")
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


@task("jobs.sample", queue="maintenance")
def sample(attempt: Attempt) -> None:
    """Write down how every queue stands, and sort the dead letters."""
    with attempt.write() as session:
        samples.take(session)
    while not deadletters.sort_out(database()):
        attempt.check_cancelled()


@task("jobs.bulk", queue="control", priority=8, soft_limit=3000, hard_limit=3600)
def do_to_many(attempt: Attempt, verb: str, value: str, by: str, which: str) -> None:
    """Do one deed to every job of a filter, a few hundred at a time. After a crash it goes on where it was."""
    wish, deed = Filter.read(json.loads(which)), Deed(verb, value, by)
    with attempt.read() as session:
        left = bulk.count(session, wish, verb)
        kept = queries.job(session, attempt.job.id).result or {}
    seen, after = kept.get("changed", 0), kept.get("after", "")
    total = seen + left
    while True:
        attempt.check_cancelled()
        with attempt.write() as session:
            part = bulk.step(session, wish, deed, after)
            seen, after = seen + part.changed, part.last
            attempt.note(session, {"changed": seen, "after": after})
        attempt.progress(seen, max(total, seen), f"{seen} of about {total} done")
        if not after:
            break
    with attempt.finish() as session:
        attempt.note(session, {"changed": seen})


@task("jobs.test", queue="control", role="admin", retries=0)
def test(attempt: Attempt) -> None:
    """Do nothing: it shows that a job comes through."""
