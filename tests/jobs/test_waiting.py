"""Attempts that wait for strangers: beside other work, as many at once as there are places, and handed on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

from stonehand import jobs
from stonehand.db import Database
from stonehand.jobs import declaration, queries
from stonehand.jobs.models import Attempt, Job
from stonehand.jobs.states import State
from stonehand.jobs.worker import presence
from stonehand.jobs.worker.runner import Runner
from stonehand.jobs.worker.waiting import MOST, Waiting
from tests.servers import wait_until

done: list[str] = []
gate = threading.Event()
inside: list[int] = []


@jobs.task("test.stranger", queue="default", batch=2, waits=True)
def stranger(batch: jobs.Batch) -> None:
    inside.append(threading.get_ident())
    assert gate.wait(10)
    if any(item.args["word"] == "bomb" for item in batch.items):
        raise ValueError("bomb")
    for item in batch.items:
        if item.args["word"] == "slow":
            item.hand_over("test.patient", "slower than the others")
    with batch.finish():
        done.extend(item.args["word"] for item in batch.remaining)


@jobs.task("test.patient", queue="default", batch=9, waits=True, concurrency=1)
def patient(batch: jobs.Batch) -> None:
    with batch.finish():
        done.extend(f"patiently {item.args['word']}" for item in batch.remaining)


@jobs.task("test.brisk", queue="default")
def brisk(attempt: jobs.Attempt, word: str) -> None:
    with attempt.finish():
        done.append(word)
    gate.set()  # only when this has run may the others go on


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    for each in (done, inside, gate):
        each.clear()
    yield
    gate.set()


@pytest.fixture
def runner(either_database: Database) -> Runner:
    return Runner(
        either_database, str(presence.this_process()), timedelta(seconds=30), queues=["default"], waiting=MOST
    )


def ask(database: Database, *words: str, task: str = "test.stranger") -> list[str]:
    with database.transaction() as session:
        ids = [jobs.enqueue(session, task, {"word": word}) for word in words]
    return [each for each in ids if each]


def look(database: Database, job_id: str) -> Job:
    with database.read() as session:
        return queries.job(session, job_id)


def test_others_are_served_while_some_wait(either_database: Database, runner: Runner) -> None:
    ask(either_database, *"abcd")
    ask(either_database, "brisk", task="test.brisk")
    assert runner.drain("default") == 5
    assert done[0] == "brisk"
    assert sorted(done[1:]) == list("abcd")
    assert len(set(inside)) == 2, "two batches, each in a thread of its own"


def test_no_more_wait_than_there_are_places(either_database: Database, runner: Runner) -> None:
    ids = ask(either_database, *map(str, range(2 * MOST + 4)))
    ended = threading.Thread(target=runner.drain, args=("default",))
    ended.start()
    wait_until(lambda: len(inside) == MOST, "all places are taken", 10)
    states = [look(either_database, each).state for each in ids]
    assert (states.count(State.EXECUTING), states.count(State.AVAILABLE)) == (2 * MOST, 4)
    gate.set()
    ended.join(10)
    assert len(done) == len(ids)


def test_a_straggler_goes_on_as_another_task(either_database: Database, runner: Runner) -> None:
    gate.set()
    [quick, slow] = ask(either_database, "quick", "slow")
    while runner.drain("default"):  # as often as its bell is rung
        pass
    job = look(either_database, slow)
    assert (job.task, job.state, job.attempts) == ("test.patient", State.COMPLETED, 0)
    assert look(either_database, quick).task == "test.stranger"
    assert sorted(done) == ["patiently slow", "quick"]
    with either_database.read() as session:
        assert session.query(Attempt).count() == 0, "to be handed over is no failed try"


def test_who_is_to_stop_is_not_handed_over(either_database: Database, runner: Runner) -> None:
    [slow] = ask(either_database, "slow")
    running = threading.Thread(target=runner.drain, args=("default",))
    running.start()
    wait_until(lambda: bool(inside), "it waits", 10)
    with either_database.transaction() as session:
        session.query(Job).filter_by(id=slow).update({"cancel_requested_at": look(either_database, slow).started_at})
    gate.set()
    running.join(10)
    assert look(either_database, slow).state == State.CANCELLED
    assert done == []


def test_a_batch_that_fails_goes_on_one_by_one_with_nobody_beside_it(either_database: Database, runner: Runner) -> None:
    gate.set()
    [good, bomb] = ask(either_database, "good", "bomb")
    while runner.drain("default"):
        pass
    assert look(either_database, good).state == State.COMPLETED
    assert look(either_database, bomb).error == "bomb"
    assert threading.get_ident() in inside, "what may be dangerous runs in the main thread"


def test_without_places_all_run_one_after_the_other(either_database: Database) -> None:
    gate.set()
    ask(either_database, *"abc")
    runner = Runner(either_database, str(presence.this_process()), timedelta(seconds=30))
    while runner.drain("default"):
        pass
    assert sorted(done) == list("abc")
    assert set(inside) == {threading.get_ident()}
    assert declaration.find("test.stranger").waits


def test_a_place_is_free_again_after_an_error() -> None:
    waiting = Waiting(1)
    before, threading.excepthook = threading.excepthook, lambda _: None
    try:
        waiting.begin(lambda: 1 / 0)  # type: ignore[arg-type]
        wait_until(lambda: not waiting.is_full, "it is free", 5)
    finally:
        threading.excepthook = before
    assert not waiting.is_busy
