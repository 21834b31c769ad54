"""Brokers and databases that lose everything, die, or come back: accepted work is done, once."""

from __future__ import annotations

import signal
import statistics
import time
from pathlib import Path

import pytest
import redis

from stonehand.jobs.states import State
from tests.faults import yard
from tests.faults.place import Yard
from tests.faults.stacks import Stack, on
from tests.faults.tally import IS_LONG
from tests.servers import Postgres, Redis, wait_until

pytestmark = pytest.mark.faults


def test_redis_forgets_everything_dies_and_returns(own_redis: Redis, tmp_path: Path) -> None:
    place = Yard(tmp_path)
    try:
        place.start_worker(2)
        asked = [f"{number:03}" for number in range(60)]
        place.wait_for(place.ask("faults.mark", mark="999"), State.COMPLETED)
        accepted = []
        for number, mark in enumerate(asked):
            if number in (10, 20):
                redis.Redis(port=own_redis.port).flushall()
            if number == 30:
                own_redis.kill()
            if number == 50:
                own_redis.start()
            began = time.monotonic()
            place.ask("faults.mark", mark=mark)
            accepted.append(time.monotonic() - began)
            time.sleep(0.03)
        place.wait_until_quiet(20)
        assert [mark for mark, _ in yard.effects(place.database)] == [*asked, "999"]
        assert statistics.quantiles(accepted, n=100)[98] < 0.5
    finally:
        place.close()


def test_a_silent_redis_does_not_keep_work_from_being_accepted(own_redis: Redis, tmp_path: Path) -> None:
    place = Yard(tmp_path)
    try:
        place.start_worker()
        place.wait_for(place.ask("faults.mark", mark="0"), State.COMPLETED)
        own_redis.send(signal.SIGSTOP)
        accepted = []
        for number in range(1, 15):
            began = time.monotonic()
            place.ask("faults.mark", mark=str(number))
            accepted.append(time.monotonic() - began)
            time.sleep(0.2)
        own_redis.send(signal.SIGCONT)
        assert max(accepted) < 2
        place.wait_until_quiet(30)
        assert len(yard.effects(place.database)) == 15
    finally:
        place.close()


def test_postgresql_is_restarted_at_once(own_postgres: Postgres, tmp_path: Path) -> None:
    place = Yard(tmp_path)
    try:
        asked = [f"{number:03}" for number in range(60)]
        ids = [place.ask("faults.mark" if int(mark) % 2 else "faults.marks", mark=mark) for mark in asked]
        long = place.ask("faults.mark", mark="long", seconds="2.5")
        place.start_worker(2)
        for _ in range(5 if IS_LONG else 3):
            time.sleep(1.5)
            own_postgres.send(signal.SIGQUIT)
            assert own_postgres.process
            own_postgres.process.wait()
            own_postgres.start()
        place.wait_until_quiet(60)
        assert [mark for mark, _ in yard.effects(place.database)] == [*asked, "long"]
        assert {place.job(job_id).state for job_id in [*ids, long]} == {State.COMPLETED}
    finally:
        place.close()


def test_a_worker_that_starts_before_its_database(own_postgres: Postgres, tmp_path: Path) -> None:
    place = Yard(tmp_path)
    try:
        job_id = place.ask("faults.mark", mark="late")
        own_postgres.send(signal.SIGQUIT)
        assert own_postgres.process
        own_postgres.process.wait()
        place.start_worker()
        time.sleep(4)
        own_postgres.start()
        place.wait_for(job_id, State.COMPLETED, 30)
    finally:
        place.close()


@on("postgresql-redis")
def test_a_worker_that_loses_redis_lives_on(place: Yard, stack: Stack) -> None:
    worker = place.start_worker(2)
    ids = [place.ask("faults.mark", mark=f"{number:03}", seconds="0.2") for number in range(30)]
    for _ in range(3 if IS_LONG else 2):
        before = len(yard.effects(place.database))
        wait_until(lambda before=before: len(yard.effects(place.database)) > before, "it works", 60)  # type: ignore[misc]
        stack.kill_broker()
        time.sleep(0.5)
        stack.start_broker()
    for job_id in ids:
        place.wait_for(job_id, State.COMPLETED)
    assert worker.poll() is None
