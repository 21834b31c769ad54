"""Lanes: what works at the same place goes one at a time, over all workers, and holds up no other place."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from stonehand import jobs
from stonehand.db import Database
from stonehand.jobs import claims, declaration, endings, queries, service
from stonehand.jobs.clock import sweeper
from stonehand.jobs.desk import explanation
from stonehand.jobs.held import Held, Portion
from stonehand.jobs.limits import lanes, limit_targets, limiting
from stonehand.jobs.models import Job
from stonehand.jobs.states import State
from stonehand.jobs.worker import presence
from stonehand.jobs.worker.runner import Runner
from stonehand.jobs.worker.waiting import MOST
from tests.servers import wait_until

START = datetime(2030, 1, 1, 14, 0, tzinfo=UTC)
LEASE = timedelta(seconds=30)
PORTIONS = {"errands.visit": Portion(1, lane="site")}


@pytest.fixture
def database(either_database: Database) -> Database:
    return either_database


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """What visits to the slow site wait for."""
    event = threading.Event()

    @jobs.task("errands.visit", queue="default", waits=True, lane="site")
    def visit(attempt: jobs.Attempt, word: str, site: str = "") -> None:
        if site == "slow":
            assert event.wait(10)

    yield event
    event.set()
    declaration._tasks.pop("errands.visit")


def ask(database: Database, *visits: tuple[str, str], fair_key: str = "") -> list[str]:
    with database.transaction() as session:
        limiting.declare(session, [declaration.find("errands.visit")])
        args = [{"word": each, "site": site} for each, site in visits]
        asked = [jobs.enqueue(session, "errands.visit", each, fair_key=fair_key) for each in args]
        return [each for each in asked if each]


def claim(database: Database, seconds: float = 0.0) -> list[Held]:
    with database.transaction() as session:
        return claims.claim(session, "default", "one", PORTIONS, START + timedelta(seconds=seconds), LEASE)


def words(held: list[Held]) -> list[str]:
    return [each.args["word"] for each in held]


def end(database: Database, held: list[Held]) -> None:
    with database.transaction() as session:
        endings.complete(session, held)
        lanes.go_on(session, lanes.of(held[0].task, held[0].args, "site"))


def states(database: Database) -> dict[str, str]:
    with database.read() as session:
        return {job.args["word"]: job.state for job in session.scalars(sa.select(Job))}


@pytest.mark.usefixtures("gate")
def test_a_lane_takes_one_at_a_time_and_others_pass(database: Database) -> None:
    ask(database, ("a", "slow"), ("b", "slow"), ("c", "slow"), ("d", "quick"))
    first = claim(database)
    assert words(first) == ["a"]
    assert words(claim(database)) == ["d"]
    assert claim(database) == []
    assert states(database) == {"a": "executing", "b": "scheduled", "c": "scheduled", "d": "executing"}
    end(database, first)
    assert states(database) == {"a": "completed", "b": "available", "c": "scheduled", "d": "executing"}
    second = claim(database)
    assert words(second) == ["b"]
    end(database, second)
    assert words(claim(database)) == ["c"]


@pytest.mark.usefixtures("gate")
def test_why_it_waits_is_said(database: Database) -> None:
    ids = ask(database, ("a", "slow"), ("b", "slow"))
    claim(database)
    claim(database)
    with database.read() as session:
        assert lanes.WORDS in explanation.why_not_running(session, queries.job(session, ids[1]))
        assert [each.target for each in limit_targets.every(session)] == [], "no limit that a person could change"


@pytest.mark.usefixtures("gate")
def test_if_nobody_says_that_a_lane_is_free_the_clock_does(database: Database) -> None:
    ask(database, ("a", "slow"), ("b", "slow"))
    first = claim(database)
    claim(database)
    with database.transaction() as session:
        endings.complete(session, first)  # and its process dies
        session.execute(sa.update(Job).where(Job.gate.is_not(None)).values(run_at=datetime(2020, 1, 1, tzinfo=UTC)))
    sweeper.sweep(database)
    assert words(claim(database)) == ["b"]


@pytest.mark.usefixtures("gate")
def test_whose_owner_is_paused_holds_up_nobody_in_the_lane(database: Database) -> None:
    ask(database, ("a", "slow"))
    first = claim(database)
    ask(database, ("b", "slow"), fair_key="process:1")
    ask(database, ("c", "slow"), fair_key="process:2")
    claim(database)
    with database.transaction() as session:
        service.pause(session, "process:1", "Mira")
    end(database, first)
    assert words(claim(database)) == ["c"], "b was woken, put aside, and woke c"


@pytest.mark.usefixtures("gate")
def test_two_who_claim_at_once_do_not_both_work_in_a_lane(database: Database) -> None:
    ask(database, ("a", "slow"), ("b", "slow"))
    got: list[list[Held]] = []
    other = threading.Thread(target=lambda: got.append(claim(database)))
    with database.transaction() as session:
        first = claims.claim(session, "default", "two", PORTIONS, START, LEASE)
        other.start()
        other.join(0.3)
    other.join(10)
    assert (words(first), got) == (["a"], [[]])


def test_a_slow_site_holds_up_no_other(database: Database, gate: threading.Event) -> None:
    ask(database, *((f"slow {number}", "slow") for number in range(3 * MOST)), ("quick", "quick"))
    runner = Runner(database, str(presence.this_process()), LEASE, queues=["default"], waiting=MOST)
    ended = threading.Thread(target=runner.drain, args=("default",))
    ended.start()
    wait_until(lambda: states(database)["quick"] == State.COMPLETED, "the quick one is done", 10)
    assert sum(each == State.EXECUTING for each in states(database).values()) == 1
    gate.set()
    wait_until(lambda: set(states(database).values()) == {State.COMPLETED}, "all are done", 20)
    ended.join(10)
