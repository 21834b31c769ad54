"""A task that no running worker knows: its jobs wait for a while, say so, and then are dead letters."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from stonehand import config, db
from stonehand.db import Database
from stonehand.jobs import declaration, outbox, queries
from stonehand.jobs.desk import explanation, strangers
from stonehand.jobs.models import Job, UnknownTask, Worker
from stonehand.jobs.states import State
from stonehand.jobs.worker import presence

NAME = str(presence.this_process())


@pytest.fixture(autouse=True)
def _look_always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strangers, "EVERY", -1.0)
    monkeypatch.setattr(strangers, "_next", 0.0)


def introduce(database: Database, *tasks: str) -> None:
    with database.transaction() as session:
        presence.introduce(session, NAME, ["default", "fetch"], list(tasks), 1)


def ask(database: Database, task: str) -> str:
    with database.transaction() as session:
        return outbox.insert_all(session, [(declaration.Task(task, "default", body=print), {}, {})])[0]


def hour_passes(database: Database) -> None:
    with database.transaction() as session:
        earlier = db.now(session) - timedelta(seconds=config.settings().unknown_task_seconds + 1)
        session.execute(sa.update(UnknownTask).values(since=earlier))


def job(database: Database, job_id: str) -> Job:
    with database.read() as session:
        return queries.job(session, job_id)


def why(database: Database, job_id: str) -> str:
    with database.read() as session:
        return explanation.why_not_running(session, queries.job(session, job_id))


def test_an_unknown_task_waits_an_hour_and_says_so(either_database: Database) -> None:
    introduce(either_database, "test.known")
    known, stranger = ask(either_database, "test.known"), ask(either_database, "test.stranger")
    strangers.sweep(either_database)
    assert "At 20" in why(either_database, stranger)
    assert "becomes a dead letter" in why(either_database, stranger)
    strangers.sweep(either_database)
    assert job(either_database, stranger).state == State.AVAILABLE
    hour_passes(either_database)
    strangers.sweep(either_database)
    dead = job(either_database, stranger)
    assert (dead.state, dead.error_kind) == (State.DISCARDED, "TaskUnknown")
    assert "knew the task test.stranger for 1 h" in (dead.error or "")
    assert job(either_database, known).state == State.AVAILABLE


def test_a_worker_that_knows_it_sets_the_clock_back(either_database: Database) -> None:
    introduce(either_database, "test.known")
    stranger = ask(either_database, "test.stranger")
    strangers.sweep(either_database)
    hour_passes(either_database)
    introduce(either_database, "test.stranger")
    strangers.sweep(either_database)
    introduce(either_database, "test.known")
    strangers.sweep(either_database)
    assert job(either_database, stranger).state == State.AVAILABLE


def test_without_a_worker_on_its_queue_nothing_is_unknown(database: Database) -> None:
    stranger = ask(database, "test.stranger")
    strangers.sweep(database)
    hour_passes(database)
    strangers.sweep(database)
    assert job(database, stranger).state == State.AVAILABLE
    workers = [Worker(name=NAME, queues=["fetch"], tasks=["a.b"])]
    assert strangers.unknown([("fetch", "a.b"), ("fetch", "a.c"), ("default", "a.c")], workers) == {("fetch", "a.c")}
