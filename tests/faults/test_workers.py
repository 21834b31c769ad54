"""Real workers that are killed, frozen, told to stop, or poisoned: nothing is lost, nothing is done twice."""

from __future__ import annotations

import random
import signal
import time

import pytest

from stonehand.db import Database
from stonehand.jobs.states import State
from tests.faults import yard
from tests.faults.place import Yard
from tests.faults.stacks import on
from tests.faults.tally import IS_LONG
from tests.servers import wait_until

pytestmark = pytest.mark.faults
KILLS = 100 if IS_LONG else 2


def _marks(database: Database) -> list[str]:
    return [mark for mark, _ in yard.effects(database)]


@pytest.mark.timeout(1800)
@on("sqlite-filesystem", "postgresql-rabbitmq")
def test_kills_at_random_moments(place: Yard) -> None:
    draw = random.Random(20261122)
    asked = [f"{number:04}" for number in range(30 * KILLS)]
    ids = [place.ask("faults.marks" if int(mark) % 3 else "faults.mark", mark=mark) for mark in asked]
    for number in range(KILLS):
        worker = place.start_worker(2)
        before = len(_marks(place.database))
        wait_until(lambda before=before: len(_marks(place.database)) > before, "the worker works")  # type: ignore[misc]
        time.sleep(draw.uniform(0, 0.3))
        if number % 2:
            draw.choice(place.children(worker)).kill()
            time.sleep(0.3)
        place.kill(worker)
    place.start_worker(2)
    place.wait_until_quiet(240)
    assert _marks(place.database) == asked
    assert {place.job(job_id).state for job_id in ids} == {State.COMPLETED}


@on("postgresql-rabbitmq")
def test_a_frozen_worker_that_wakes_writes_nothing(place: Yard) -> None:
    job_id = place.ask("faults.mark", mark="once", seconds="1.5")
    frozen = place.start_worker()
    place.wait_for(job_id, State.EXECUTING)
    place.kill(frozen, signal.SIGSTOP)
    place.start_worker()
    done = place.wait_for(job_id, State.COMPLETED)
    place.kill(frozen, signal.SIGCONT)
    wait_until(lambda: "LeaseLost" in place.log() or "another worker holds" in place.log(), "the sleeper notices")
    assert yard.effects(place.database) == [("once", done.fence)]
    assert done.fence >= 2
    after = place.ask("faults.mark", mark="twice")
    place.wait_for(after, State.COMPLETED)


@on("postgresql-redis")
def test_told_to_stop_a_worker_ends_what_is_short_and_gives_back_what_is_long(place: Yard) -> None:
    short, long = (
        place.ask("faults.mark", mark="short", seconds="3"),
        place.ask("faults.mark", mark="long", seconds="60"),
    )
    worker = place.start_worker(2)
    for job_id in (short, long):
        place.wait_for(job_id, State.EXECUTING)
    worker.terminate()
    told = time.monotonic()
    worker.wait(25)
    assert time.monotonic() - told < 25
    assert place.job(short).state == State.COMPLETED, place.log()[-3000:]
    assert place.job(short).crash_count == 0
    place.wait_for(long, State.AVAILABLE)
    assert (place.job(long).crash_count, place.job(long).attempts) == (0, 0)
    assert _marks(place.database) == ["short"]


@pytest.mark.parametrize("stack", ["sqlite-filesystem"], indirect=True)
def test_an_endless_loop_that_keeps_the_database_locked_is_ended(place: Yard) -> None:
    loop = place.ask("faults.loop_inside")
    place.start_worker()
    wait_until(lambda: place.job(loop).crash_count > 0, "its process is ended")
    after = place.ask("faults.mark", priority=9, mark="after")
    place.wait_for(after, State.COMPLETED)


@pytest.mark.parametrize("stack", ["sqlite-filesystem"], indirect=True)
def test_a_job_that_holds_the_interpreter_does_not_hold_the_worker(place: Yard) -> None:
    hog = place.ask("faults.hog")
    place.keep_worker()
    place.wait_for(hog, State.EXECUTING)
    after = place.ask("faults.mark", priority=9, mark="after")
    place.wait_for(after, State.COMPLETED, 60)
    assert place.job(hog).crash_count >= 1
