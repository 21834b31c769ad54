"""Jobs from asking to ending, on a real database, without a broker."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import timedelta

import pytest

from stonehand import jobs
from stonehand.db import Database, now
from stonehand.errors import Rejected, Unavailable
from stonehand.jobs import claims, declaration, endings, queries, service
from stonehand.jobs.clock import sweeper
from stonehand.jobs.errors import JobBusy, LeaseLost
from stonehand.jobs.held import Portion
from stonehand.jobs.models import Job
from stonehand.jobs.states import State
from stonehand.jobs.testing import run_all
from stonehand.jobs.worker import presence

seen: list[str] = []


@jobs.task("test.note", queue="default")
def note(attempt: jobs.Attempt, word: str) -> None:
    if word == "rejected":
        raise Rejected("this word will not get better")
    if word == "unavailable":
        raise Unavailable("the world sleeps", retry_after=50)
    if word == "later":
        raise jobs.Snooze(60, "not before tea")
    with attempt.finish():
        seen.append(word)


@jobs.task("test.batch", queue="default", batch=5)
def batch(batch: jobs.Batch) -> None:
    if any(item.args["word"] == "bomb" for item in batch.items):
        raise ValueError("bomb")
    for item in batch.items:
        if item.args["word"] == "bad":
            item.fail(Rejected("a bad item"))
    with batch.finish():
        seen.extend(item.args["word"] for item in batch.remaining)


@pytest.fixture
def database(either_database: Database) -> Database:
    """Every test here holds on both kinds of database."""
    return either_database


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    seen.clear()
    yield
    seen.clear()


def ask(database: Database, word: str, task: str = "test.note", **options: object) -> str:
    with database.transaction() as session:
        job_id = jobs.enqueue(session, task, {"word": word}, **options)  # type: ignore[arg-type]
    assert job_id is not None
    return job_id


def look(database: Database, job_id: str) -> Job:
    with database.read() as session:
        return queries.job(session, job_id)


def test_a_job_runs_once(database: Database) -> None:
    job_id = ask(database, "hello")
    run_all(database)
    assert seen == ["hello"]
    assert look(database, job_id).state == State.COMPLETED


def test_no_commit_no_job(database: Database) -> None:
    with contextlib.suppress(RuntimeError), database.transaction() as session:
        jobs.enqueue(session, "test.note", {"word": "ghost"})
        raise RuntimeError
    run_all(database)
    assert seen == []


def test_priority_comes_before_age(database: Database) -> None:
    for word, priority in (("low", 1), ("high", 9), ("middle", 5)):
        ask(database, word, priority=priority)
    run_all(database)
    assert seen == ["high", "middle", "low"]


def test_a_rejected_job_is_a_dead_letter_at_once_and_can_be_replayed(database: Database) -> None:
    job_id = ask(database, "rejected")
    run_all(database)
    job = look(database, job_id)
    assert (job.state, job.attempts, job.error) == (State.DISCARDED, 1, "this word will not get better")
    with database.transaction() as session:
        assert service.retry(session, job_id).state == State.AVAILABLE
    run_all(database)
    assert look(database, job_id).state == State.DISCARDED


def test_an_unavailable_world_is_asked_again_after_the_time_it_named(database: Database) -> None:
    job_id = ask(database, "unavailable")
    run_all(database)
    job = look(database, job_id)
    with database.read() as session:
        waits = (job.run_at - now(session)).total_seconds()
    assert job.state == State.RETRYABLE
    assert 45 < waits <= 51


def test_retries_end(database: Database) -> None:
    job_id = ask(database, "unavailable")
    for _ in range(4):
        run_all(database)
        with database.transaction() as session:
            session.get_one(Job, job_id).run_at = now(session) - timedelta(seconds=1)
        sweeper.sweep(database)
    job = look(database, job_id)
    assert (job.state, job.attempts) == (State.DISCARDED, 4)
    with database.read() as session:
        assert [attempt.outcome for attempt in queries.attempts(session, job_id)] == [*["failed"] * 3, "discarded"]


def test_a_snooze_counts_no_try(database: Database) -> None:
    job_id = ask(database, "later")
    run_all(database)
    job = look(database, job_id)
    assert (job.state, job.attempts, job.message) == (State.SCHEDULED, 0, "not before tea")


def test_bad_arguments_are_a_dead_letter(database: Database) -> None:
    with database.transaction() as session:
        job_id = jobs.enqueue(session, "test.note", {"wrong": "x"})
    assert job_id
    run_all(database)
    job = look(database, job_id)
    assert (job.state, job.error_kind) == (State.DISCARDED, "PayloadUnusable")


def test_a_bad_item_fails_alone(database: Database) -> None:
    ids = [ask(database, word, "test.batch") for word in ("a", "bad", "b")]
    run_all(database)
    assert sorted(seen) == ["a", "b"]
    assert [look(database, i).state for i in ids] == [State.COMPLETED, State.DISCARDED, State.COMPLETED]


def test_a_batch_that_fails_as_a_whole_finds_the_one_at_fault(database: Database) -> None:
    ids = [ask(database, word, "test.batch") for word in ("a", "bomb", "b")]
    run_all(database)
    assert sorted(seen) == ["a", "b"]
    assert [look(database, i).state for i in ids] == [State.COMPLETED, State.RETRYABLE, State.COMPLETED]
    assert look(database, ids[1]).attempts == 1


def test_a_unique_key_waits_once(database: Database) -> None:
    ask(database, "one", unique_key="k")
    with database.transaction() as session:
        assert jobs.enqueue(session, "test.note", {"word": "two"}, unique_key="k") is None
    run_all(database)
    assert seen == ["one"]
    ask(database, "three", unique_key="k")
    run_all(database)
    assert seen == ["one", "three"]


def test_replaying_refuses_a_twin(database: Database) -> None:
    job_id = ask(database, "rejected", unique_key="k")
    run_all(database)
    ask(database, "new", unique_key="k")
    with pytest.raises(JobBusy, match="same work"), database.transaction() as session:
        service.retry(session, job_id)


def test_a_zombie_writes_nothing(database: Database) -> None:
    job_id = ask(database, "x")
    lease = timedelta(seconds=30)
    with database.transaction() as session:
        (held,) = claims.claim(session, "default", "here:1:1", {"test.note": Portion()}, now(session), lease)
        zombie = jobs.Attempt(database, [held], lease)
        assert endings.expire(session, job_id, held.fence, now(session), blame=False)
    with pytest.raises(LeaseLost), zombie.finish():
        seen.append("zombie")
    assert seen == []
    assert look(database, job_id).state == State.AVAILABLE


def test_three_crashes_alone_are_death(database: Database) -> None:
    job_id = ask(database, "x")
    for _ in range(3):
        with database.transaction() as session:
            (held,) = claims.claim(
                session, "default", "gone:1:1", {"test.note": Portion()}, now(session), timedelta(seconds=-1)
            )
        sweeper.sweep(database)
        with database.transaction() as session:
            session.get_one(Job, job_id).run_at = now(session) - timedelta(seconds=1)
        sweeper.sweep(database)
    job = look(database, job_id)
    assert (held.id, job.state, job.crash_count) == (job_id, State.DISCARDED, 3)
    assert job.error == "the worker died while it held this job"


def test_a_crash_in_company_counts_for_nobody(database: Database) -> None:
    ids = [ask(database, word, "test.batch") for word in "abc"]
    with database.transaction() as session:
        claims.claim(session, "default", "gone:1:1", {"test.batch": Portion(5)}, now(session), timedelta(seconds=-1))
    sweeper.sweep(database)
    rows = [look(database, i) for i in ids]
    assert [(row.state, row.crash_count, row.solo) for row in rows] == [(State.AVAILABLE, 0, True)] * 3
    run_all(database)
    assert sorted(seen) == ["a", "b", "c"]


def test_a_job_is_not_blamed_when_its_whole_worker_was_killed(database: Database) -> None:
    job_id = ask(database, "x")
    name = f"{presence.machine()}:999999999:1 of {presence.machine()}:999999998:1"
    for _ in range(5):
        with database.transaction() as session:
            assert claims.claim(session, "default", name, {"test.note": Portion()}, now(session), timedelta(seconds=30))
        sweeper.sweep(database)
    assert (look(database, job_id).state, look(database, job_id).crash_count) == (State.AVAILABLE, 0)


def test_cancelling(database: Database) -> None:
    waiting = ask(database, "x")
    with database.transaction() as session:
        assert service.cancel(session, waiting).state == State.CANCELLED
    run_all(database)
    assert seen == []
    done = ask(database, "y")
    run_all(database)
    with pytest.raises(JobBusy, match="ended already"), database.transaction() as session:
        service.cancel(session, done)


def test_paused_work_waits(database: Database) -> None:
    job_id = ask(database, "x")
    with database.transaction() as session:
        service.pause(session, "task:test.note", "ada")
    run_all(database)
    assert seen == []
    from stonehand.jobs.desk.explanation import why_not_running

    with database.read() as session:
        assert why_not_running(session, queries.job(session, job_id)).startswith("task test.note is paused by ada")
    with database.transaction() as session:
        service.resume(session, "task:test.note")
    run_all(database)
    assert seen == ["x"]


def test_why_without_a_worker(database: Database) -> None:
    from stonehand.jobs.desk.explanation import why_not_running

    job_id = ask(database, "x")
    with database.read() as session:
        assert "No worker serves the queue default" in why_not_running(session, queries.job(session, job_id))


def test_a_claim_holds_no_more_than_its_task_allows(database: Database) -> None:
    for number in range(30):
        ask(database, str(number), "test.batch")
    with database.transaction() as session:
        held = claims.claim(
            session, "default", "here:1:1", {"test.batch": Portion(5)}, now(session), timedelta(seconds=30)
        )
    assert len(held) == 5


def test_unknown_names_are_explained() -> None:
    with pytest.raises(Rejected, match=r"did you mean test\.note"):
        declaration.find("test.noet")
