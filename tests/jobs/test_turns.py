"""Owners take turns, whatever each of them has waiting."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from stonehand import jobs
from stonehand.db import Database, now
from stonehand.jobs import claims, declaration, outbox, service
from stonehand.jobs.clock import sweeper
from stonehand.jobs.held import Held, Portion
from stonehand.jobs.models import Job
from stonehand.jobs.states import State
from stonehand.jobs.testing import run_all

LEASE = timedelta(seconds=30)
done: list[str] = []


@pytest.fixture
def database(either_database: Database) -> Database:
    return either_database


@pytest.fixture(autouse=True)
def _tasks() -> Iterator[None]:
    @jobs.task("turns.one", queue="default")
    def one(attempt: jobs.Attempt, mark: str) -> None:
        done.append(mark)

    done.clear()
    yield
    declaration._tasks.pop("turns.one")


def ask(database: Database, owner: str, count: int, **wish: object) -> None:
    with database.transaction() as session:
        args = [{"mark": f"{owner}{number}"} for number in range(count)]
        jobs.enqueue_many(session, "turns.one", args, fair_key=owner)


def claim(database: Database, size: int = 1) -> list[Held]:
    with database.transaction() as session:
        return claims.claim(session, "default", "here:1:1", {"turns.one": Portion(size)}, now(session), LEASE)


def test_who_asks_for_one_does_not_wait_for_a_flood(database: Database) -> None:
    ask(database, "flood", 50)
    claim(database, 5)
    ask(database, "small", 2)
    next_four = [held.args["mark"] for held in claim(database, 4)]
    assert {"small0", "small1"} < set(next_four)


def test_three_owners_get_one_each_in_turn(database: Database) -> None:
    for owner in ("a", "b", "c"):
        ask(database, owner, 20)
    taken = [held.args["mark"][0] for held in claim(database, 30)]
    assert sorted(taken[:3]) == sorted(taken[27:]) == ["a", "b", "c"]
    assert {owner: taken.count(owner) for owner in "abc"} == {"a": 10, "b": 10, "c": 10}


def test_having_been_served_long_is_no_disadvantage(database: Database) -> None:
    ask(database, "old", 30)
    run_all(database)
    ask(database, "old", 2)
    ask(database, "new", 2)
    assert [held.args["mark"] for held in claim(database, 4)] == ["old0", "new0", "old1", "new1"]


def test_what_wakes_together_takes_turns_with_what_waits(database: Database) -> None:
    later = []
    with database.transaction() as session:
        later = [
            outbox.enqueue(
                session,
                "turns.one",
                {"mark": f"later{number}"},
                run_at=now(session) + timedelta(hours=1),
                fair_key="later",
            )
            for number in range(10)
        ]
    ask(database, "now", 3)
    with database.transaction() as session:
        session.execute(sa.update(Job).where(Job.id.in_(later)).values(run_at=now(session) - timedelta(seconds=1)))
    sweeper.sweep(database)
    taken = [held.args["mark"] for held in claim(database, 6)]
    assert sum(mark.startswith("now") for mark in taken) == 3


def test_a_paused_owner_waits_and_the_others_go_on(database: Database) -> None:
    ask(database, "source:1", 5)
    ask(database, "source:2", 2)
    with database.transaction() as session:
        service.pause(session, "source:1", "ada")
    run_all(database)
    assert sorted(done) == ["source:20", "source:21"]
    with database.transaction() as session:
        service.resume(session, "source:1")
    sweeper.sweep(database)
    run_all(database)
    assert len(done) == 7


def test_priority_comes_before_turn(database: Database) -> None:
    ask(database, "a", 3)
    with database.transaction() as session:
        jobs.enqueue(session, "turns.one", {"mark": "urgent"}, priority=9, fair_key="a")
    assert claim(database)[0].args["mark"] == "urgent"


def test_later_arguments_are_left_to_later_workers(database: Database) -> None:
    with database.transaction() as session:
        jobs.enqueue(session, "turns.one", {"mark": "new"}, version=2)
        jobs.enqueue(session, "turns.one", {"mark": "old"})
    assert [held.args["mark"] for held in claim(database, 5)] == ["old"]
    with database.transaction() as session:
        both = {"turns.one": Portion(5, version=2)}
        taken = claims.claim(session, "default", "here:1:1", both, now(session), LEASE)
    assert [held.args["mark"] for held in taken] == ["new"]
    with database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).where(Job.state == State.AVAILABLE)) == 0
