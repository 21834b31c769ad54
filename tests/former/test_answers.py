"""What Celery clients are told of jobs that end in every way, and what happens while the result backend is down."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from stonehand import config, pipeline
from stonehand.accounts import permissions
from stonehand.db import Database
from stonehand.jobs import announcements, service
from stonehand.jobs.broker import answers, calling, engine
from stonehand.jobs.broker.calling import Caller
from stonehand.jobs.clock import sweeper
from stonehand.jobs.models import Job
from stonehand.jobs.states import State
from stonehand.jobs.testing import run_all
from tests.servers import Redis

EDITOR = Caller("Ada", lambda permission: permission in permissions.granted("editor"))


@pytest.fixture(autouse=True)
def _answering(monkeypatch: pytest.MonkeyPatch, redis_server: Redis) -> Iterator[None]:
    before = dict(announcements._followers)
    monkeypatch.setenv("CELERY_RESULT_BACKEND", redis_server.url.removesuffix("0") + "5")
    config.settings.cache_clear()
    engine.app.cache_clear()
    answers._quiet_until = 0.0
    answers.connect(engine._store)
    pipeline.install_worker()
    yield
    answers.connect(None)
    engine.app.cache_clear()
    announcements._followers.clear()
    announcements._followers.update(before)


def ask(database: Database, celery_id: str, name: str, *args: Any) -> str:
    wish = calling.understand(name, args)
    with database.transaction() as session:
        return calling.ask(session, wish, EDITOR, celery_id).id


def said(celery_id: str) -> tuple[str, str]:
    found = engine.app().AsyncResult(celery_id)
    return found.state, str(found.result)


def owed(database: Database) -> int:
    with database.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Job).where(Job.answers_celery)) or 0


def test_every_end_is_told(database: Database) -> None:
    ask(database, "answer-done", "sources.add_pages", "https://a.example/1")
    ask(database, "answer-dead", "test_source_connection", "0190-nothing")
    job_id = ask(database, "answer-stopped", "monitor_celery_queue_task")
    with database.transaction() as session:
        service.cancel(session, job_id)
    assert said("answer-stopped")[0] == "PENDING"
    run_all(database, queues=("sources",))
    assert said("answer-done")[0] == "SUCCESS"
    assert "https://a.example/1" in said("answer-done")[1]
    assert said("answer-dead")[0] == "FAILURE"
    assert "there is no source 0190-nothing" in said("answer-dead")[1]
    sweeper.sweep(database)  # nobody ran the one that was cancelled
    assert said("answer-stopped")[0] == "REVOKED"
    assert owed(database) == 0


def test_an_answer_is_owed_until_the_backend_is_back(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(database, "answer-late", "monitor_celery_queue_task")

    def down(*_: Any) -> None:
        raise ConnectionError("no backend today")

    answers.connect(down)
    run_all(database, queues=("control",))
    assert owed(database) == 1
    answers.connect(engine._store)
    sweeper.sweep(database)
    assert owed(database) == 1  # it is left alone for a while
    answers._quiet_until = 0.0
    sweeper.sweep(database)
    assert (owed(database), said("answer-late")[0]) == (0, "SUCCESS")


def test_a_dead_letter_that_runs_again_is_answered_again(database: Database) -> None:
    job_id = ask(database, "answer-again", "test_source_connection", "0190-nothing")
    run_all(database, queues=("sources",))
    assert said("answer-again")[0] == "FAILURE"
    with database.transaction() as session:
        service.retry(session, job_id)
        session.execute(sa.update(Job).values(task="jobs.watch_queues", queue="control", args={}))
    assert owed(database) == 1
    run_all(database, queues=("control",))
    assert said("answer-again")[0] == "SUCCESS"


def test_nothing_is_owed_without_a_backend(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CELERY_RESULT_BACKEND")
    config.settings.cache_clear()
    ask(database, "answer-none", "monitor_celery_queue_task")
    assert owed(database) == 0


def test_a_retry_is_no_end(database: Database) -> None:
    job_id = ask(database, "answer-retry", "monitor_celery_queue_task")
    with database.transaction() as session:
        session.execute(sa.update(Job).values(state=State.RETRYABLE))
    answers.give(database, [job_id])
    assert (owed(database), said("answer-retry")[0]) == (1, "PENDING")
