"""The scheduler rests where nobody wrote and nothing is due, and wakes for either."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from stonehand import changes, db, jobs
from stonehand.db import Database
from stonehand.jobs.clock import glance, scheduler
from stonehand.jobs.clock.rest import Rest
from stonehand.jobs.models import Job
from stonehand.jobs.states import State

HOUR = timedelta(hours=1)


@jobs.task("tests.rest", queue="default")
def nothing(attempt: jobs.Attempt) -> None:
    """Do nothing."""


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each time that the scheduler really looked."""
    seen: list[int] = []
    look = glance.look

    def counting(database: Database) -> glance.Glance:
        seen.append(1)
        return look(database)

    monkeypatch.setattr(glance, "look", counting)
    return seen


def put_off(database: Database, by: timedelta) -> str:
    with database.transaction() as session:
        return str(jobs.enqueue(session, "tests.rest", {}, run_at=db.now(session) + by))


def state(database: Database, job_id: str) -> str:
    with database.read() as session:
        return str(session.scalar(sa.select(Job.state).where(Job.id == job_id)))


def test_it_looks_once_while_nothing_happens(database: Database, looks: list[int]) -> None:
    put_off(database, HOUR)
    resting = Rest(database)
    for _ in range(5):
        scheduler.tick(database, rest=resting)
    assert len(looks) == 1
    scheduler.tick(database, thorough=True, rest=resting)
    assert len(looks) == 2


def test_what_is_due_now_is_due_at_this_look(database: Database) -> None:
    for _ in range(50):  # a clock of whole milliseconds would say *not yet* of most of them
        with database.transaction() as session:
            job_id = jobs.enqueue(session, "tests.rest", {}, run_at=db.now(session) + timedelta(milliseconds=1))
            session.execute(sa.update(Job).where(Job.id == job_id).values(run_at=db.now(session)))
        scheduler.tick(database)
        assert state(database, str(job_id)) == State.AVAILABLE


def test_what_somebody_writes_is_seen(database: Database, looks: list[int]) -> None:
    put_off(database, HOUR)
    resting = Rest(database)
    scheduler.tick(database, rest=resting)
    job_id = put_off(database, timedelta(0))
    scheduler.tick(database, rest=resting)
    assert state(database, job_id) == State.AVAILABLE


def test_what_becomes_due_is_seen(database: Database, looks: list[int]) -> None:
    job_id, resting = put_off(database, timedelta(seconds=0.3)), Rest(database)
    scheduler.tick(database, rest=resting)
    while state(database, job_id) == State.SCHEDULED:
        scheduler.tick(database, rest=resting)
    assert len(looks) < 5, "no look before it is due"


def test_there_is_no_rest_while_jobs_wait(database: Database, looks: list[int]) -> None:
    put_off(database, HOUR)
    with database.transaction() as session:
        jobs.enqueue(session, "tests.rest", {})
    resting = Rest(database)
    for _ in range(3):
        scheduler.tick(database, rest=resting)
    assert len(looks) == 3


def test_a_database_that_does_not_count_is_looked_at(
    database: Database, looks: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    put_off(database, HOUR)
    resting = Rest(database)
    scheduler.tick(database, rest=resting)

    def refuse(_: object) -> str:
        raise db.DatabaseAway("gone")

    monkeypatch.setattr(changes.ChangeCounter, "__call__", refuse)
    scheduler.tick(database, rest=resting)
    scheduler.tick(database, rest=resting)
    assert len(looks) == 3


def test_the_counter_moves_with_commits_only(either_database: Database) -> None:
    counter = changes.ChangeCounter(either_database)
    try:
        before = counter()
        if either_database.engine.dialect.name == "sqlite":  # PostgreSQL also counts what it does for itself
            with either_database.read() as session:
                session.execute(sa.select(Job)).all()
            assert counter() == before
        put_off(either_database, HOUR)
        assert counter() != before
    finally:
        counter.close()


def test_only_where_the_clock_is_the_hosts(either_database: Database, looks: list[int]) -> None:
    put_off(either_database, HOUR)
    resting = Rest(either_database)
    for _ in range(3):
        scheduler.tick(either_database, rest=resting)
    assert len(looks) == (1 if either_database.engine.dialect.name == "sqlite" else 3)
