"""Short jobs are claimed by the handful; nothing waits long in a hand."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from stonehand import jobs
from stonehand.db import Database, now
from stonehand.jobs import claims, declaration, endings
from stonehand.jobs.clock import sweeper
from stonehand.jobs.held import Held, Portion
from stonehand.jobs.models import Job
from stonehand.jobs.states import State
from stonehand.jobs.worker import hands
from stonehand.jobs.worker.hands import Hand, Paces
from stonehand.jobs.worker.runner import Runner

LEASE = timedelta(seconds=30)
sizes: list[int] = []


@pytest.fixture
def database(either_database: Database) -> Database:
    return either_database


@pytest.fixture(autouse=True)
def _tasks(database: Database) -> Iterator[None]:
    @jobs.task("hands.quick", queue="default")
    def quick(attempt: jobs.Attempt) -> None:
        with attempt.finish() as session:
            sizes.append(session.get_one(Job, attempt.job.id).claim_size)

    sizes.clear()
    yield
    declaration._tasks.pop("hands.quick")


def ask(database: Database, count: int) -> None:
    with database.transaction() as session:
        jobs.enqueue_many(session, "hands.quick", [{}] * count)


def states(database: Database) -> dict[str, int]:
    with database.read() as session:
        rows = session.execute(sa.select(Job.state, sa.func.count()).group_by(Job.state)).all()
    return dict(rows)


def take(database: Database, size: int, worker: str = "here:1:1") -> list[Held]:
    with database.transaction() as session:
        return claims.claim(session, "default", worker, {"hands.quick": Portion(size)}, now(session), LEASE)


def test_a_hand_grows_with_the_pace_and_never_beyond_its_limit() -> None:
    paces = Paces()
    assert paces.hand("t") == 1
    for _ in range(20):
        with paces.measured("t"):
            pass
    assert paces.hand("t") == hands.MOST
    paces._seconds["t"] = 0.03
    assert paces.hand("t") == 3
    paces._seconds["t"] = 40.0
    assert paces.hand("t") == 1


def test_the_first_is_claimed_alone_and_later_ones_together(database: Database) -> None:
    ask(database, 40)
    assert Runner(database, "here:1:1", LEASE).drain("default") == 40
    assert (sizes[0], max(sizes) > 1) == (1, True)
    assert states(database) == {State.COMPLETED: 40}


def test_what_is_rehearsed_is_neither_claimed_nor_ended(database: Database) -> None:
    """A new process runs the statements of a claim about nothing, so that its first job waits for none of them."""
    ask(database, 3)
    held = take(database, 1)
    runner = Runner(database, "here:1:1", LEASE, queues=["default"])
    runner.rehearse()
    assert states(database) == {State.EXECUTING: len(held), State.AVAILABLE: 3 - len(held)}
    assert runner.drain("default") == 3 - len(held)


def test_what_has_not_begun_goes_back_when_one_takes_long(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hands, "IMPATIENCE", 0.01)
    ask(database, 5)
    hand = Hand(database, "default", take(database, 5))
    first = next(iter(hand))
    time.sleep(0.02)
    hand.tend()
    assert states(database) == {State.EXECUTING: 1, State.AVAILABLE: 4}
    assert list(hand) == []
    with database.transaction() as session:
        assert endings.complete(session, [first]) == {first.id}


def test_completing_one_leaves_the_others_in_the_hand(database: Database) -> None:
    ask(database, 3)
    held = take(database, 3)
    with database.transaction() as session:
        endings.complete(session, held[:1])
        assert claims.heartbeat(session, held[1:2], now(session) + LEASE) == 1
        assert claims.heartbeat(session, held[:1], now(session) + LEASE) == 0
    assert states(database) == {State.COMPLETED: 1, State.EXECUTING: 2}


def test_a_crash_with_a_full_hand_counts_for_nobody(database: Database) -> None:
    ask(database, 3)
    with database.transaction() as session:
        claims.claim(session, "default", "gone:1:1", {"hands.quick": Portion(3)}, now(session), timedelta(seconds=-1))
    sweeper.sweep(database)
    with database.read() as session:
        rows = session.execute(sa.select(Job.state, Job.crash_count, Job.solo)).all()
    assert [tuple(row) for row in rows] == [(State.AVAILABLE, 0, True)] * 3
    assert len(take(database, 3)) == 1
