"""Where work could be lost, done twice, stand still for ever, or be written by somebody who no longer holds it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import psutil
import pytest
import sqlalchemy as sa

from stonehand import jobs
from stonehand.db import Database, DatabaseAway, DatabaseUnavailable, now
from stonehand.errors import Rejected, Unavailable
from stonehand.jobs import claims, endings, queries, retries, service
from stonehand.jobs.broker import doorbells
from stonehand.jobs.desk import explanation
from stonehand.jobs.errors import JobBusy, LeaseLost
from stonehand.jobs.held import Held, Portion
from stonehand.jobs.models import Doorbell, Job, Worker
from stonehand.jobs.states import State
from stonehand.jobs.testing import run_all
from stonehand.jobs.worker import heartbeat, presence
from stonehand.jobs.worker.heartbeat import Heartbeat
from tests.servers import wait_until

LEASE = timedelta(seconds=30)
seen: list[str] = []


class Unspeakable(Exception):
    """An error that cannot even say what it is."""

    def __str__(self) -> str:
        raise RuntimeError("no words")


_ERRORS: dict[str, Callable[[], BaseException]] = {
    "exit": lambda: SystemExit(3),
    "interrupt": KeyboardInterrupt,
    "nul": lambda: ValueError("a \x00 in the words"),
    "surrogate": lambda: ValueError("half a letter: \ud800"),
    "unspeakable": Unspeakable,
    "memory": MemoryError,
    "deep": lambda: RecursionError("too deep"),
    "away": lambda: DatabaseAway("the database went away", 5),
    "unavailable": lambda: Unavailable("the world sleeps"),
}


@jobs.task("test.poison", queue="default")
def poison(attempt: jobs.Attempt, kind: str) -> None:
    if kind in _ERRORS:
        raise _ERRORS[kind]()
    seen.append(kind)


@jobs.task("test.company", queue="default", batch=5)
def company(batch: jobs.Batch) -> None:
    for item in batch.items:
        item.fail(Rejected("each of them is bad"))
    with batch.finish():
        seen.append("written")


@jobs.task("test.too_late", queue="default", batch=5)
def too_late(batch: jobs.Batch) -> None:
    with batch.finish():
        for item in batch.items:
            item.fail(Rejected("noticed only now"))


@pytest.fixture
def database(either_database: Database) -> Database:
    """Every test here holds on both kinds of database."""
    return either_database


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    seen.clear()
    yield
    doorbells._press = None
    doorbells._quiet_until = 0.0


def ask(database: Database, kind: str = "fine", task: str = "test.poison", **options: Any) -> str:
    with database.transaction() as session:
        job_id = jobs.enqueue(session, task, {"kind": kind}, **options)
    assert job_id is not None
    return job_id


def look(database: Database, job_id: str) -> Job:
    with database.read() as session:
        return queries.job(session, job_id)


def claim(database: Database, task: str = "test.poison", size: int = 1, lease: timedelta = LEASE) -> list[Held]:
    with database.transaction() as session:
        return claims.claim(
            session, "default", "here:1:1", {task: Portion(size, is_batch=size > 1)}, now(session), lease
        )


@pytest.mark.parametrize("kind", ["exit", "nul", "surrogate", "unspeakable", "memory", "deep"])
def test_whatever_a_body_raises_is_settled_as_its_jobs_failure(
    database: Database, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "backoff", lambda *_: 60.0)
    bad, good = ask(database, kind, priority=9), ask(database)
    run_all(database)
    job = look(database, bad)
    assert (job.state, job.attempts, job.crash_count) == (State.RETRYABLE, 1, 0)
    assert job.error
    assert look(database, good).state == State.COMPLETED


def test_an_interrupt_is_recorded_and_goes_on(database: Database) -> None:
    job_id = ask(database, "interrupt")
    with pytest.raises(KeyboardInterrupt):
        run_all(database)
    assert look(database, job_id).state == State.RETRYABLE


def test_a_database_that_goes_away_is_not_the_jobs_fault(database: Database) -> None:
    job_id = ask(database, "away")
    run_all(database)
    job = look(database, job_id)
    assert (job.state, job.attempts) == (State.SCHEDULED, 0)


def test_a_database_that_cannot_be_reached_is_said_to_be_away() -> None:
    nobody = Database("postgresql+psycopg://test@127.0.0.1:1/none")
    with pytest.raises(DatabaseAway), nobody.read() as session:
        session.execute(sa.text("SELECT 1"))


def test_a_mistake_in_a_question_is_not_an_absence(database: Database) -> None:
    with pytest.raises((DatabaseUnavailable, sa.exc.ProgrammingError)) as caught, database.read() as session:
        session.execute(sa.text("SELECT nothing FROM nowhere"))
    assert not isinstance(caught.value, DatabaseAway)


def test_a_job_without_a_key_has_no_twin(database: Database) -> None:
    job_id = ask(database)
    with database.transaction() as session:
        service.cancel(session, job_id)
    ask(database, "another")
    with database.transaction() as session:
        assert service.retry(session, job_id).state == State.AVAILABLE


def test_a_twin_that_comes_between_is_refused_in_words(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = ask(database, unique_key="k")
    with database.transaction() as session:
        service.cancel(session, job_id)
    ask(database, unique_key="k")
    monkeypatch.setattr(service, "_refuse_twin", lambda *_: None)
    with pytest.raises(JobBusy, match="same work"), database.transaction() as session:
        service.retry(session, job_id)


def _cancel(database: Database, job_id: str) -> None:
    with database.transaction() as session:
        service.cancel(session, job_id)


def _crashes(session: Any, held: Held) -> None:
    assert endings.expire(session, held.id, held.fence, now(session))


def _fails(session: Any, held: Held) -> None:
    assert endings.fail(session, held, "e", "E", now(session), now(session) + LEASE)


def _snoozes(session: Any, held: Held) -> None:
    assert endings.snooze(session, held, now(session) + LEASE, "later", now(session))


def _is_released(session: Any, held: Held) -> None:
    assert endings.release(session, [held], now(session), solo=True)


@pytest.mark.parametrize("end", [_crashes, _fails, _snoozes, _is_released])
def test_a_cancelled_job_that_does_not_complete_never_runs_again(
    database: Database, end: Callable[[Any, Held], None]
) -> None:
    job_id = ask(database)
    (held,) = claim(database)
    _cancel(database, job_id)
    with database.transaction() as session:
        end(session, held)
    job = look(database, job_id)
    assert job.state == State.CANCELLED
    assert job.finished_at is not None
    run_all(database)
    assert seen == []


def test_a_job_that_completes_after_its_cancellation_is_completed(database: Database) -> None:
    job_id = ask(database)
    (held,) = claim(database)
    _cancel(database, job_id)
    with jobs.Attempt(database, [held], LEASE).finish():
        pass
    assert look(database, job_id).state == State.COMPLETED


def test_a_batch_of_failures_writes_nothing_without_its_lease(database: Database) -> None:
    ids = [ask(database, word, "test.company") for word in "abc"]
    held = claim(database, "test.company", 5)
    batch = jobs.Batch(database, held, LEASE)
    for item in batch.items:
        item.fail(Rejected("bad"))
    with database.transaction() as session:
        for job in held:
            _crashes(session, job)
    with pytest.raises(LeaseLost), batch.finish():
        seen.append("zombie")
    assert seen == []
    run_all(database)
    assert {look(database, job_id).state for job_id in ids} == {State.DISCARDED}
    assert seen == ["written"] * 3


def test_an_item_that_fails_inside_finish_is_not_completed(database: Database) -> None:
    ids = [ask(database, word, "test.too_late") for word in "abc"]
    run_all(database)
    assert [look(database, job_id).state for job_id in ids] == [State.DISCARDED] * 3


def test_work_is_accepted_when_nothing_can_ring(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    doorbells.connect(lambda _: None)

    def fail() -> Database:
        raise DatabaseUnavailable("gone just after the commit", 5)

    monkeypatch.setattr(doorbells, "database", fail)
    job_id = ask(database)
    assert look(database, job_id).state == State.AVAILABLE


def test_a_broker_that_does_not_answer_is_tried_once_only(database: Database) -> None:
    pressed: list[str] = []

    def press(queue: str) -> None:
        pressed.append(queue)
        raise ConnectionError("nobody there")

    doorbells.connect(press)
    doorbells.ring(["default", "fetch", "stories"])
    assert len(pressed) == 1


def test_a_bell_that_was_not_delivered_can_be_rung_again_at_once(database: Database) -> None:
    doorbells.connect(_refuse)
    doorbells.ring(["default"])
    pressed: list[str] = []
    doorbells.connect(pressed.append)
    doorbells._quiet_until = 0.0
    doorbells.ring(["default"])
    assert pressed == ["default"]


def _refuse(_queue: str) -> None:
    raise ConnectionError("nobody there")


def test_a_bell_rung_before_the_clock_was_set_back_does_not_silence_its_queue(database: Database) -> None:
    pressed: list[str] = []
    doorbells.connect(pressed.append)
    with database.transaction() as session:
        session.add(Doorbell(queue="default", rung_at=now(session) + timedelta(hours=1)))
    doorbells.ring(["default"])
    assert pressed == ["default"]


def test_a_heartbeat_survives_what_nobody_foresaw(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "TICK", 0.02)
    beats: list[int] = []

    def beat(*_: object) -> int:
        beats.append(1)
        raise sa.exc.ResourceClosedError("nobody foresaw this")

    monkeypatch.setattr(claims, "heartbeat", beat)
    ask(database)
    batch = jobs.Attempt(database, claim(database), LEASE)
    heart = Heartbeat(database, timedelta(seconds=0.05))
    heart.hold(batch, 60)
    time.sleep(0.5)
    heart.drop(batch)
    assert len(beats) >= 2


def test_a_process_that_cannot_write_its_reason_is_ended_all_the_same(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeat, "TICK", 0.02)
    ended = threading.Event()
    monkeypatch.setattr(os, "kill", lambda *_: ended.set())

    class Locked:
        def transaction(self) -> None:
            raise DatabaseUnavailable("locked by the very loop that is to be ended", 5)

        read = transaction

    ask(database)
    batch = jobs.Attempt(database, claim(database), LEASE)
    heart = Heartbeat(Locked(), LEASE)  # type: ignore[arg-type]
    heart.hold(batch, 0.0)
    assert ended.wait(5)
    heart.drop(batch)


def test_jobs_go_back_unharmed_when_their_worker_has_to_stop(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeat, "TICK", 0.02)
    monkeypatch.setattr(heartbeat, "GRACE", 0.1)
    ended = threading.Event()
    monkeypatch.setattr(os, "kill", lambda *_: ended.set())
    job_id = ask(database)
    batch = jobs.Attempt(database, claim(database), LEASE)
    heart = Heartbeat(database, LEASE, stopping=lambda: True)
    heart.hold(batch, 60)
    assert ended.wait(5)
    heart.drop(batch)
    job = look(database, job_id)
    assert (job.state, job.crash_count, job.solo, job.attempts) == (State.AVAILABLE, 0, False, 0)


def test_a_job_that_hears_no_cancellation_ends_with_its_process_and_says_so(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once: it must not look as if it ran until its lease is over."""
    monkeypatch.setattr(heartbeat, "TICK", 0.02)
    monkeypatch.setattr(heartbeat, "CANCEL_GRACE", 0.05)
    ended = threading.Event()
    monkeypatch.setattr(os, "kill", lambda *_: ended.set())
    job_id = ask(database)
    batch = jobs.Attempt(database, claim(database), LEASE)
    _cancel(database, job_id)
    assert "has been asked to stop since" in why(database, job_id)
    heart = Heartbeat(database, LEASE)
    heart.hold(batch, 60)
    assert ended.wait(5)
    heart.drop(batch)
    assert look(database, job_id).state == State.CANCELLED
    assert why(database, job_id).endswith("UTC: it did not stop, so its process was ended.")


def why(database: Database, job_id: str) -> str:
    with database.read() as session:
        return explanation.why_not_running(session, queries.job(session, job_id))


def test_a_job_that_ended_its_processes_says_where_to_look(database: Database) -> None:
    job_id = ask(database)
    for _ in range(endings.CRASHES):
        with database.transaction() as session:
            session.execute(sa.update(Job).values(state=State.AVAILABLE, run_at=now(session), claim_size=1))
        (held,) = claim(database)
        with database.transaction() as session:
            endings.expire(session, held.id, held.fence, now(session))
    said = why(database, job_id)
    assert "It is a dead letter: the worker died while it held this job. It ended 3 processes that ran it" in said
    assert "stonehand doctor" in said


def test_a_living_process_stays_alive_when_the_clock_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    me = str(presence.this_process())
    created = psutil.Process().create_time()
    monkeypatch.setattr(psutil.Process, "create_time", lambda _: created + 3600)
    assert not presence.is_surely_dead(me)


def test_a_namesake_machine_is_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    here = presence.machine()
    presence.machine.cache_clear()
    monkeypatch.setattr(presence, "_boot", lambda: "another-boot")
    try:
        assert presence.machine() != here
    finally:
        monkeypatch.undo()
        presence.machine.cache_clear()


def test_a_worker_that_slept_is_seen_again(database: Database) -> None:
    with database.transaction() as session:
        presence.introduce(session, "far:1:1", ["default"], ["test.poison"], 1)
        session.execute(sa.update(Worker).values(seen_at=now(session) - timedelta(minutes=30)))
        presence.introduce(session, "near:1:1", ["default"], ["test.poison"], 1)
        presence.sign_of_life(session, "near:1:1")
        presence.sign_of_life(session, "far:1:1")
        assert [worker.name for worker in presence.alive(session)] == ["far:1:1", "near:1:1"]


def test_who_runs_all_jobs_leaves_no_thread_behind(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "TICK", 0.02)
    before = set(threading.enumerate())
    ask(database)
    assert run_all(database) >= 1
    wait_until(lambda: set(threading.enumerate()) <= before, "every thread of it has ended")
