"""The jobs of the jobs room: forgetting what ended long ago, samples for the charts, deeds for many jobs."""

from __future__ import annotations

import json
from datetime import timedelta

import sqlalchemy as sa

from stonehand import log
from stonehand.db import database, now
from stonehand.jobs import queries
from stonehand.jobs.attempts import Attempt
from stonehand.jobs.declaration import task
from stonehand.jobs.desk import bulk, deadletters, forgetting, loads, samples
from stonehand.jobs.desk.bulk import Deed
from stonehand.jobs.desk.filters import Filter
from stonehand.jobs.models import ScheduleRun
from stonehand.jobs.states import State
from stonehand.jobs.worker import presence
from stonehand.limits import breakers

BREAKERS_KEPT = timedelta(days=7)
CHUNK = 1000


@task("jobs.forget_old", queue="maintenance", role="admin")
def forget_old(attempt: Attempt) -> None:
    """Delete the records of work that ended long ago, a little at a time."""
    for state, age in forgetting.ages().items():
        while _forget(attempt, state, age):
            attempt.check_cancelled()
    with attempt.finish() as session:
        breakers.forget(session, BREAKERS_KEPT.total_seconds())
        session.execute(sa.delete(ScheduleRun).where(ScheduleRun.due_at < now(session) - timedelta(days=30)))


def _forget(attempt: Attempt, state: State, age: timedelta) -> bool:
    with attempt.write() as session:
        return forgetting.forget(session, state, now(session) - age, CHUNK) == CHUNK


@task("jobs.sample", queue="maintenance")
def sample(attempt: Attempt) -> None:
    """Write down how every queue stands, and sort the dead letters."""
    with attempt.write() as session:
        samples.take(session)
    while not deadletters.sort_out(database()):
        attempt.check_cancelled()


@task("jobs.check_health", queue="control", role="editor", retries=0)
def check_health(attempt: Attempt) -> None:
    """Look at database, broker, workers, disk and memory, and keep what was found."""
    from stonehand.jobs.desk import health  # noqa: PLC0415  it knows the broker; only asking for it does not

    found = health.check(database())
    if found.trouble:
        log.logger(__name__).warning("not everything is well", status=found.status, trouble=found.trouble)
    with attempt.finish() as session:
        parts = {part.name: {"ok": part.ok, "words": part.words} for part in found.parts}
        attempt.note(session, {"status": found.status, "checks": log.redact(parts)})


@task("jobs.watch_queues", queue="control", role="editor", retries=0)
def watch_queues(attempt: Attempt) -> None:
    """Count what waits and runs in every queue, and who serves it, and keep it for the charts."""
    with attempt.finish() as session:
        samples.take(session)
        moment = now(session)
        found = {
            load.name: {
                "waiting": load.waiting,
                "ready": load.ready,
                "running": load.executing,
                "workers": load.workers,
                "oldest_seconds": int((moment - load.oldest_ready_at).total_seconds()) if load.oldest_ready_at else 0,
            }
            for load in loads.loads(session)
        }
        attempt.note(session, {"queues": found, "workers": len(presence.alive(session))})


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
