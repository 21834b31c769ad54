"""Limits of tasks over all workers, under a virtual clock, and what a flood behind a limit costs the others."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from stonehand import jobs
from stonehand.db import Database, Session
from stonehand.jobs import claims, declaration, endings, queries, service
from stonehand.jobs.desk import explanation
from stonehand.jobs.held import Held, Portion
from stonehand.jobs.limits import limit_targets, limiting
from stonehand.jobs.limits.limit_targets import LimitUnfit
from stonehand.jobs.models import Job
from stonehand.jobs.states import State
from stonehand.jobs.worker import presence
from stonehand.limits import pacing
from stonehand.limits.errors import RateUnusable

START = datetime(2030, 1, 1, 14, 0, tzinfo=UTC)
LEASE = timedelta(seconds=30)
PORTIONS = {"errands.limited": Portion(5), "errands.free": Portion(5)}


@pytest.fixture
def database(either_database: Database) -> Database:
    return either_database


@pytest.fixture(autouse=True)
def _errands() -> Iterator[None]:
    @jobs.task("errands.limited", queue="default", rate="10/m")
    def limited(attempt: jobs.Attempt, word: str) -> None:
        pass

    @jobs.task("errands.free", queue="default")
    def free(attempt: jobs.Attempt, word: str) -> None:
        pass

    yield
    declaration._tasks.pop("errands.limited")
    declaration._tasks.pop("errands.free")


def enqueue(database: Database, task: str, count: int) -> None:
    with database.transaction() as session:
        jobs.enqueue_many(session, task, [{"word": str(number)} for number in range(count)])


def limit(database: Database, rate: str | None = None, concurrency: int | None = None) -> None:
    with database.transaction() as session:
        limiting.limit(session, "errands.limited", "Mira", rate, concurrency)


def claim(database: Database, worker: str, seconds: float = 0.0) -> list[Held]:
    with database.transaction() as session:
        return claims.claim(session, "default", worker, PORTIONS, START + timedelta(seconds=seconds), LEASE)


def test_a_rate_holds_over_two_workers(database: Database) -> None:
    enqueue(database, "errands.limited", 50)
    limit(database, rate="10/m")
    begun = [second for second in range(61) for worker in ("one", "two") if claim(database, worker, second)]
    assert begun == [0, 6, 12, 18, 24, 30, 36, 42, 48, 54, 60]


def test_a_rate_does_not_save_up(database: Database) -> None:
    enqueue(database, "errands.limited", 50)
    limit(database, rate="1/s")
    assert len(claim(database, "one")) == 1
    assert len(claim(database, "one", 100)) == 1
    assert claim(database, "two", 100.5) == []


def test_concurrency_holds_over_two_workers_until_one_ends(database: Database) -> None:
    enqueue(database, "errands.limited", 50)
    limit(database, concurrency=2)
    first, second = claim(database, "one"), claim(database, "two")
    assert first
    assert second
    assert claim(database, "one", 1) == []
    with database.transaction() as session:
        endings.complete(session, first)
    assert claim(database, "two", 2)
    assert claim(database, "one", 2) == []


@pytest.mark.parametrize("rule", [{"rate": "1/h"}, {"concurrency": 1}])
def test_two_workers_that_ask_at_once_never_take_the_last_place_twice(
    database: Database, rule: dict[str, str | int]
) -> None:
    enqueue(database, "errands.limited", 50)
    limit(database, **rule)  # type: ignore[arg-type]
    taken: list[int] = []
    barrier = threading.Barrier(4)

    def work(worker: str) -> None:
        barrier.wait()
        taken.append(len(claim(database, worker)))

    threads = [threading.Thread(target=work, args=(str(number),)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as session:
        assert limiting.running(session, "errands.limited") == 1
    assert sum(count > 0 for count in taken) == 1


def test_it_says_what_it_waits_for(database: Database) -> None:
    enqueue(database, "errands.limited", 2)
    limit(database, rate="10/h")
    with database.transaction() as session:
        presence.introduce(session, str(presence.this_process()), ["default"], list(PORTIONS), 1)
        claims.claim(session, "default", "one", PORTIONS, datetime.now(UTC), LEASE)
    with database.read() as session:
        [job] = queries.listing(session, [State.AVAILABLE])
        why = explanation.why_not_running(session, job)
        until = datetime.fromtimestamp(limiting.all_limits(session)[0].next_at, UTC)
    assert why == f"It is ready and waits for its rate limit of 10/h until {until:%H:%M:%S} UTC."


def test_a_paused_owner_is_said_to_be_paused(database: Database) -> None:
    enqueue(database, "errands.free", 1)
    with database.transaction() as session:
        session.execute(sa.update(Job).values(fair_key="source:s1"))
        service.pause(session, "source:s1", "Mira")
    with database.read() as session:
        [job] = queries.listing(session, [State.AVAILABLE])
        assert "source s1 is paused by Mira" in explanation.why_not_running(session, job)


def _limits(session: Session) -> dict[str, tuple[str | None, int | None, str | None]]:
    return {each.target: (each.rate, each.concurrency, each.changed_by) for each in limit_targets.every(session)}


def test_what_tasks_declare_counts_unless_a_person_says_otherwise(database: Database) -> None:
    known = [declaration.find(name) for name in PORTIONS]
    with database.transaction() as session:
        limiting.declare(session, known)
        assert _limits(session) == {"task:errands.limited": ("10/m", None, None)}
        limit_targets.set_limit(session, "task:errands.limited", "Mira", None, 3)
        limiting.declare(session, known)
        assert _limits(session) == {"task:errands.limited": (None, 3, "Mira")}
        limit_targets.unset(session, "task:errands.limited")
        assert _limits(session) == {"task:errands.limited": ("10/m", None, None)}


def test_what_a_task_no_longer_declares_is_forgotten(database: Database) -> None:
    with database.transaction() as session:
        limiting.declare(session, [declaration.find("errands.limited")])
        jobs.task("errands.limited", queue="default")(lambda attempt: None)
        limiting.declare(session, [declaration.find("errands.limited")])
        assert _limits(session) == {}


def test_a_rate_that_cannot_be_read_is_an_error_where_it_is_declared() -> None:
    with pytest.raises(RateUnusable, match="10/m"):
        jobs.task("errands.wrong", rate="often")
    assert "errands.wrong" not in declaration.known()


@pytest.mark.parametrize("target", ["queue:fetch", "source:1", "channel:x", "task:", ""])
def test_not_everything_can_be_limited(database: Database, target: str) -> None:
    with pytest.raises(LimitUnfit, match="task:NAME"), database.transaction() as session:
        limit_targets.set_limit(session, target, "Mira", "1/m", None)


def test_a_person_sets_the_pace_of_a_host_for_all_workers(database: Database) -> None:
    with database.transaction() as session:
        limit_targets.set_limit(session, "host:news.example", "Mira", "30/m", None)
        limit_targets.set_limit(session, "host:127.0.0.1:8000", "Mira", "6/m", None)
    waits = []
    for _ in range(3):
        with database.transaction() as session:
            waits.append(pacing.reserve_many(session, ["news.example:443", "127.0.0.1:8000", "127.0.0.1:1"], 1.0))
    assert [wait[0] for wait in waits] == pytest.approx([0, 2, 4], abs=0.9)
    assert [wait[1] for wait in waits] == pytest.approx([0, 10, 20], abs=0.9)
    assert [wait[2] for wait in waits] == [0, 0, 0]


def _plan_of_claim(database: Database) -> str:
    """How the database finds the next jobs, with every statement of one claim."""
    said: list[tuple[str, object]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        said.append((statement, parameters))

    sa.event.listen(database.engine, "before_cursor_execute", note)
    held = claim(database, "one", 1)
    sa.event.remove(database.engine, "before_cursor_execute", note)
    assert {job.task for job in held} == {"errands.free"}
    explain = "EXPLAIN QUERY PLAN " if database.engine.dialect.name == "sqlite" else "EXPLAIN "
    with database.engine.connect() as connection:
        asked = [each for each in said if "jobs" in each[0]]
        return "\n".join(
            str(row)
            for statement, values in asked
            for row in connection.exec_driver_sql(explain + statement, values)  # type: ignore[arg-type]
        )


@pytest.mark.parametrize("obstacle", ["pause", "rate", "concurrency"])
def test_a_flood_behind_a_limit_is_stepped_over_not_walked_through(database: Database, obstacle: str) -> None:
    for _ in range(4):
        enqueue(database, "errands.limited", 1000)
    enqueue(database, "errands.free", 3)
    if obstacle == "pause":
        with database.transaction() as session:
            service.pause(session, "task:errands.limited", "Mira")
    else:
        limit(database, rate="1/h" if obstacle == "rate" else None, concurrency=1 if obstacle != "rate" else None)
        assert {job.task for job in claim(database, "one")} == {"errands.limited"}
    with database.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()
    plan = _plan_of_claim(database)
    assert "ix_jobs_head" in plan
    for walk in ("SCAN jobs", "Seq Scan on jobs"):
        assert walk not in plan, plan
