"""How many attempts of a queue run at once, over all workers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from stonehand import config, jobs
from stonehand.db import Database, now
from stonehand.jobs import claims, endings
from stonehand.jobs.held import TABLE, Held, Portion
from stonehand.jobs.limits import limiting
from stonehand.jobs.service import QueueUnknown
from stonehand.jobs.worker import serving

LEASE = timedelta(seconds=30)
PORTIONS = {"limits.one": Portion(), "limits.other": Portion()}


@jobs.task("limits.one", queue="generation")
def one(attempt: jobs.Attempt, number: str) -> None: ...


@jobs.task("limits.other", queue="generation")
def other(attempt: jobs.Attempt, number: str) -> None: ...


@pytest.fixture
def database(either_database: Database) -> Database:
    with either_database.transaction() as session:
        for number in range(3):
            jobs.enqueue(session, "limits.one", {"number": str(number)})
            jobs.enqueue(session, "limits.other", {"number": str(number)})
    return either_database


def claim(database: Database, worker: str) -> list[Held]:
    with database.transaction() as session:
        return claims.claim(session, "generation", worker, PORTIONS, now(session), LEASE)


def declare(database: Database, **most: int) -> None:
    with database.transaction() as session:
        limiting.declare_queues(session, ["generation", "default"], most)


def test_a_claim_beyond_the_limit_takes_nothing(database: Database) -> None:
    declare(database, generation=2)
    first, second = claim(database, "here"), claim(database, "there")
    assert len(first) == len(second) == 1
    assert claim(database, "here") == []
    with database.transaction() as session:
        endings.complete(session, first, now(session))
    assert len(claim(database, "elsewhere")) == 1
    assert claim(database, "elsewhere") == []


def test_without_the_setting_the_limit_goes(database: Database) -> None:
    declare(database, generation=1)
    assert len(claim(database, "here")) == 1
    assert claim(database, "here") == []
    declare(database)
    assert len(claim(database, "here")) == 1


def test_who_was_faster_keeps_the_last_place(database: Database) -> None:
    """Another worker's claim that became visible only after ours has taken its jobs."""
    declare(database, generation=1)
    with database.transaction() as session:
        standing = limiting.standing(session, "generation", list(PORTIONS), now(session))
        assert limiting.of_queue("generation") in standing.limited
        assert limiting.count(session, limiting.of_queue("generation"), now(session))
    claim(database, "there")
    with database.transaction() as session:
        session.execute(TABLE.update().values(state="executing", claim_id=TABLE.c.id))
        assert not limiting.count(session, limiting.of_queue("generation"), now(session))


def test_old_names_of_queues_can_be_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STONEHAND_QUEUE_CONCURRENCY", "posting=1,ai_classification=2")
    config.settings.cache_clear()
    assert serving._queue_limits() == {"publishing": 1, "analysis": 2}
    monkeypatch.setenv("STONEHAND_QUEUE_CONCURRENCY", "postings=1")
    config.settings.cache_clear()
    with pytest.raises(QueueUnknown, match="did you mean posting"):
        serving._queue_limits()
