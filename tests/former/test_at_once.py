"""Jobs that run in the process that asks for them: CELERY_ALWAYS_EAGER."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from stonehand import config, jobs
from stonehand.db import Database
from stonehand.errors import Rejected, Unavailable
from stonehand.jobs import declaration, queries, service
from stonehand.jobs.broker import doorbells, engine
from stonehand.jobs.states import State

done: list[str] = []


@pytest.fixture(autouse=True)
def _eager(monkeypatch: pytest.MonkeyPatch, database: Database) -> Iterator[None]:
    @jobs.task("eager.first", queue="default")
    def first(attempt: jobs.Attempt, word: str) -> None:
        with attempt.finish() as session:
            done.append(word)
            for part in word.split():
                jobs.enqueue(session, "eager.second", {"word": part})

    @jobs.task("eager.second", queue="maintenance")
    def second(attempt: jobs.Attempt, word: str) -> None:
        done.append(f"then {word}")
        if word == "bad":
            raise Rejected("a bad word")
        if word == "later":
            raise Unavailable("not now")

    monkeypatch.setenv("CELERY_ALWAYS_EAGER", "True")
    config.settings.cache_clear()
    engine.connect()
    yield
    done.clear()
    doorbells.answer_at_once(None)
    doorbells._press = None
    engine.app.cache_clear()
    for name in ("eager.first", "eager.second"):
        declaration._tasks.pop(name)


def ask(database: Database, word: str) -> str:
    with database.transaction() as session:
        job_id = jobs.enqueue(session, "eager.first", {"word": word})
        assert done == []
    assert job_id
    return job_id


def states(database: Database) -> list[str]:
    with database.read() as session:
        return sorted(job.state for job in queries.listing(session))


def test_a_job_and_what_follows_has_run_when_the_commit_returns(database: Database) -> None:
    job_id = ask(database, "a b")
    assert done[0] == "a b"
    assert sorted(done[1:]) == ["then a", "then b"]
    assert states(database) == [State.COMPLETED] * 3
    with database.read() as session:
        assert queries.job(session, job_id).fence == 1


def test_what_fails_stays_on_record_and_harms_nobody(database: Database) -> None:
    ask(database, "bad later")
    assert states(database) == [State.COMPLETED, State.DISCARDED, State.RETRYABLE]


def test_no_commit_no_run(database: Database) -> None:
    with contextlib.suppress(ZeroDivisionError), database.transaction() as session:
        jobs.enqueue(session, "eager.first", {"word": "never"})
        raise ZeroDivisionError
    assert done == []


def test_a_paused_queue_is_left_alone(database: Database) -> None:
    with database.transaction() as session:
        service.pause(session, "queue:maintenance", "Ada")
    ask(database, "a")
    assert done == ["a"]
    assert states(database) == [State.AVAILABLE, State.COMPLETED]
