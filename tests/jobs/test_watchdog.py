"""When a worker that answers no bell is ended, and when it is not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from stonehand.db import Database, now
from stonehand.jobs.models import Doorbell
from stonehand.jobs.worker import watchdog
from stonehand.jobs.worker.watchdog import LOOKS, Watchdog


@pytest.fixture(autouse=True)
def _no_children(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, "is_being_born", lambda: False)


def ring(database: Database, after: float, answered: float | None = None) -> None:
    """So many seconds after midnight."""
    with database.transaction() as session:
        midnight = now(session).replace(hour=0, minute=0, second=0, microsecond=0)
        bell = session.get(Doorbell, "default") or Doorbell(queue="default", turn=0)
        bell.rung_at = midnight + timedelta(seconds=after)
        if answered is not None:
            bell.answered_at = midnight + timedelta(seconds=answered)
        session.add(bell)


def looks(database: Database, dog: Watchdog, count: int) -> list[bool]:
    found = []
    for _ in range(count):
        with database.read() as session:
            found.append(dog.finds_it_stuck(session))
    return found


def test_one_ring_may_be_lost_but_not_two(database: Database) -> None:
    dog = Watchdog("here", ["default", "publishing"])
    ring(database, 10, answered=5)
    assert looks(database, dog, 3 * LOOKS) == [False] * 3 * LOOKS, "the broker may have died with it"
    ring(database, 20)
    assert looks(database, dog, LOOKS) == [False] * (LOOKS - 1) + [True]


def test_a_worker_that_answers_between_two_rings_is_well(database: Database) -> None:
    dog = Watchdog("here", ["default"])
    for moment in range(10, 100, 10):
        ring(database, moment, answered=moment - 1)
        assert looks(database, dog, LOOKS) == [False] * LOOKS


def test_a_bell_of_another_workers_queue_says_nothing(database: Database) -> None:
    dog = Watchdog("here", ["publishing"])
    for moment in (10, 20, 30):
        ring(database, moment)
        assert looks(database, dog, LOOKS) == [False] * LOOKS
