"""Many jobs in one INSERT: each with what is its own, and none twice."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from stonehand import jobs
from stonehand.db import Database, now
from stonehand.jobs import declaration, inserting, outbox
from stonehand.jobs.models import Job


@jobs.task("inserting.one", queue="default")
def one(attempt: jobs.Attempt, word: str) -> None:
    """Nothing; it is only asked for."""


def test_each_job_keeps_what_is_its_own(either_database: Database) -> None:
    with either_database.transaction() as session:
        later = now(session) + timedelta(hours=1)
        wishes = [
            (declaration.find("inserting.one"), {"word": "“{}”" * number}, {"priority": number % 3, "run_at": later})
            for number in range(3 * inserting.MANY)
        ]
        ids = outbox.insert_all(session, wishes)
    with either_database.read() as session:
        found = {job.id: job for job in session.scalars(sa.select(Job))}
    assert [found[id_].args for id_ in ids] == [dict(args) for _, args, _ in wishes]
    assert [found[id_].priority for id_ in ids] == [number % 3 for number in range(len(ids))]
    assert {(job.state, job.run_at, job.unique_key) for job in found.values()} == {("scheduled", later, None)}
    assert len({job.turn for job in found.values()}) > 1


def test_none_of_many_waits_twice(either_database: Database) -> None:
    args = [{"word": str(number)} for number in range(2 * inserting.MANY)]
    with either_database.transaction() as session:
        jobs.enqueue(session, "inserting.one", args[3], unique_key="one:3")
        first = jobs.enqueue_many(session, "inserting.one", args, unique="one:{word}")
        again = jobs.enqueue_many(session, "inserting.one", args, unique="one:{word}")
    with either_database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Job)) == len(args)
    assert (first, again) == (len(args) - 1, 0)
