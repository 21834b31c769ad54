"""Deploys and upgrades while there is work: workers come and go, and old and new ones share a database."""

from __future__ import annotations

import time

import pytest
import sqlalchemy as sa

from stonehand.jobs import outbox
from stonehand.jobs.states import State
from tests.faults import newer, tally, yard
from tests.faults.place import Yard
from tests.faults.stacks import Stack, on
from tests.faults.tally import IS_LONG, SLACK
from tests.servers import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800 if IS_LONG else 300)]
SQLITE_ONLY = pytest.mark.parametrize("stack", ["sqlite-filesystem"], indirect=True)
TIMES = 20 if IS_LONG else 2


def marks(place: Yard) -> list[str]:
    return [mark for mark, _ in yard.effects(place.database)]


def ask_many(place: Yard, prefix: str, count: int, version: int = 1) -> dict[str, str]:
    """Marks and the jobs that are to make them, by workers of this version or later."""
    asked = {}
    for number in range(count):
        mark = f"{prefix}-{number:03}"
        with place.database.transaction() as session:
            args = {"mark": mark, "seconds": "0.1"}
            asked[mark] = outbox.enqueue(session, "faults.mark", args, version=version) or ""
    return asked


@on("postgresql-redis")
def test_rolling_deploys_fail_nothing(place: Yard, stack: Stack) -> None:
    """Workers come and go by SIGTERM while there is work."""
    asked: list[str] = []
    ids: list[str] = []
    began = time.monotonic()
    old, longest = place.start_worker(2, pulse=2.0), 0.0
    for number in range(TIMES):
        for mark in (f"{number:02}-{each:02}" for each in range(20)):
            asked.append(mark)
            ids.append(place.ask("faults.mark", mark=mark, seconds="0.1"))
        new = place.start_worker(2, pulse=2.0)
        wait_until(lambda: any(mark.startswith(f"{number:02}") for mark in marks(place)), "work goes on", 60)  # noqa: B023
        told = time.monotonic()
        old.terminate()
        old.wait(25 * SLACK)
        longest = max(longest, time.monotonic() - told)
        place.retire(old)
        old = new
    place.wait_until_quiet(60)
    assert marks(place) == asked
    jobs = [place.job(job_id) for job_id in ids]
    assert {(job.state, job.attempts, job.crash_count) for job in jobs} == {(State.COMPLETED, 0, 0)}
    assert longest < 25 * SLACK
    tally.count("SIGTERM deploys", stack.name, TIMES, len(asked), 0, 0, 0, time.monotonic() - began)


@SQLITE_ONLY
def test_a_later_versions_jobs_are_left_alone_until_it_comes(place: Yard) -> None:
    with place.database.transaction() as session:
        later = outbox.enqueue(session, "faults.mark", {"mark": "later"}, version=2) or ""
    place.ask("faults.mark", mark="now")
    place.start_worker()
    wait_until(lambda: marks(place) == ["now"], "the old worker does what it knows", 60)
    time.sleep(2)
    job = place.job(later)
    assert (job.state, job.attempts) == (State.AVAILABLE, 0)
    newer.migrate(place.database)
    place.start_module("tests.faults.newer")
    place.wait_for(later, State.COMPLETED)


@on("sqlite-filesystem", "postgresql-redis")
def test_old_and_new_workers_share_a_database_that_is_migrated(place: Yard, stack: Stack) -> None:
    """The old ones work before, during and after the migration; the new ones come, the old ones go."""
    began, each = time.monotonic(), 200 if IS_LONG else 15
    old = place.start_worker(2, pulse=2.0)
    asked = ask_many(place, "before", each)
    wait_until(lambda: len(marks(place)) > 2, "the old worker works", 60)
    newer.migrate(place.database)
    asked |= ask_many(place, "between", each)
    wait_until(lambda: any(mark.startswith("between") for mark in marks(place)), "and goes on", 60)
    new = place.start_module("tests.faults.newer")
    asked |= ask_many(place, "after", each, version=2) | ask_many(place, "with", each)
    wait_until(lambda: any(mark.startswith("after") for mark in marks(place)), "the new worker works", 60)
    old.terminate()
    old.wait(25 * SLACK)
    place.retire(old)
    asked |= ask_many(place, "alone", each)
    place.wait_until_quiet(300 if IS_LONG else 60)
    assert new.poll() is None
    jobs = [place.job(job_id) for job_id in asked.values()]
    assert {(job.state, job.attempts, job.crash_count) for job in jobs} == {(State.COMPLETED, 0, 0)}
    assert marks(place) == sorted(asked)
    assert set(by_the_new(place)) >= {mark for mark in asked if mark.startswith(("after", "alone"))}
    tally.count("migration, old and new", stack.name, 1, len(asked), 0, 0, 0, time.monotonic() - began)


def by_the_new(place: Yard) -> list[str]:
    """What was made by workers that know the new column and the new table."""
    with place.database.read() as session:
        coloured = sa.select(sa.func.count()).select_from(newer.JOBS).where(newer.JOBS.c.colour == "blue")
        shades = list(session.scalars(sa.select(newer.SHADES.c.mark)))
        assert session.scalar(coloured) == len(shades)
        return shades
