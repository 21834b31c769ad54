"""A body is stopped wherever it is, and what it is busy with is not blamed for that."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

import pytest

from stonehand import jobs
from stonehand.db import Database
from stonehand.jobs import queries
from stonehand.jobs.errors import Cancelled
from stonehand.jobs.models import Job
from stonehand.jobs.states import State
from stonehand.jobs.testing import run_all
from stonehand.jobs.worker import interruption

blamed: list[str] = []


@jobs.task("test.forgiving", retries=0, soft_limit=0.2)
def forgiving(attempt: jobs.Attempt) -> None:
    """Takes every error for an answer of what it looks at."""
    try:
        time.sleep(30)
    except Exception as error:
        blamed.append(str(error))
    with attempt.finish():
        blamed.append("done")


@jobs.task("test.deaf_at_first", retries=0, soft_limit=0.2)
def deaf_at_first(attempt: jobs.Attempt) -> None:
    """Loses the first interruption, as a destructor does."""
    with suppress(BaseException):
        time.sleep(30)
    time.sleep(30)


@jobs.task("test.cancelled_inside", retries=0)
def cancelled_inside(attempt: jobs.Attempt) -> None:
    """Is cancelled while it looks at something."""
    with suppress(Exception):
        interruption.interrupt(Cancelled("cancelled on request"))
        time.sleep(30)


@pytest.fixture(autouse=True)
def _forget() -> None:
    blamed.clear()


def ended(database: Database, task: str) -> Job:
    with database.transaction() as session:
        job_id = jobs.enqueue(session, task, {})
    run_all(database)
    with database.read() as session:
        return queries.job(session, job_id or "")


def tries(database: Database, job: Job) -> list[Any]:
    with database.read() as session:
        return list(queries.attempts(session, job.id))


def test_a_limit_is_no_answer_about_the_thing_at_hand(database: Database) -> None:
    job = ended(database, "test.forgiving")
    assert (job.state, job.error_kind) == (State.DISCARDED, "TimeLimitReached")
    assert job.error == "lasted longer than its limit of 0.2 s"
    assert not blamed


def test_a_limit_that_gets_lost_strikes_again(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interruption, "AGAIN", 0.3)
    began = time.monotonic()
    assert ended(database, "test.deaf_at_first").error_kind == "TimeLimitReached"
    assert time.monotonic() - began < 20


def test_a_cancellation_is_no_answer_either(database: Database) -> None:
    assert ended(database, "test.cancelled_inside").state == State.CANCELLED


def test_it_is_told_where_the_body_was_stopped(database: Database) -> None:
    (kept,) = tries(database, ended(database, "test.forgiving"))
    assert "time.sleep(30)" in kept.detail
