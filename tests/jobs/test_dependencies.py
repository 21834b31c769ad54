"""Chains and groups: jobs that wait for jobs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from stonehand import jobs
from stonehand.db import Database
from stonehand.errors import Rejected
from stonehand.jobs import declaration, dependencies, queries, service
from stonehand.jobs.dependencies import FlowUnusable, Step
from stonehand.jobs.models import Job
from stonehand.jobs.states import State
from stonehand.jobs.testing import run_all

done: list[str] = []


@pytest.fixture
def database(either_database: Database) -> Database:
    return either_database


@pytest.fixture(autouse=True)
def _tasks() -> Iterator[None]:
    @jobs.task("flow.one", queue="default")
    def one(attempt: jobs.Attempt, mark: str) -> None:
        if mark == "bad" and "bad" not in done:
            done.append(mark)
            raise Rejected("not today")
        with attempt.finish() as session:
            attempt.note(session, {"mark": mark})
        done.append(mark)

    @jobs.task("flow.total", queue="maintenance")
    def total(attempt: jobs.Attempt) -> None:
        with attempt.read() as session:
            results = [job.result for job in dependencies.needed(session, attempt.job.id)]
        done.append("+".join(result["mark"] for result in results if result))

    @jobs.task("flow.batch", queue="default", batch=10)
    def batch(batch: jobs.Batch) -> None:
        with batch.finish():
            done.extend(item.args["mark"] for item in batch.remaining)

    done.clear()
    yield
    for name in ("flow.one", "flow.total", "flow.batch"):
        declaration._tasks.pop(name)


def step(mark: str, task: str = "flow.one") -> Step:
    return Step(task, {"mark": mark})


def look(database: Database, job_id: str) -> Job:
    with database.read() as session:
        return queries.job(session, job_id)


def test_a_chain_runs_in_its_order(database: Database) -> None:
    with database.transaction() as session:
        ids = dependencies.chain(session, [step("c"), step("a"), step("b")])
    assert [look(database, job_id).state for job_id in ids] == [State.AVAILABLE, State.BLOCKED, State.BLOCKED]
    run_all(database)
    assert done == ["c", "a", "b"]
    assert len({look(database, job_id).flow_id for job_id in ids}) == 1


def test_what_follows_a_group_sees_all_its_results(database: Database) -> None:
    with database.transaction() as session:
        dependencies.group(session, [step(mark) for mark in "xyz"], then=Step("flow.total"))
    run_all(database)
    assert done == ["x", "y", "z", "x+y+z"]


def test_a_group_of_a_batch_task_lets_go_once(database: Database) -> None:
    with database.transaction() as session:
        ids = dependencies.group(session, [step(mark, "flow.batch") for mark in "abcde"], then=step("last"))
    run_all(database)
    assert (sorted(done[:-1]), done[-1]) == (list("abcde"), "last")
    assert look(database, ids[-1]).needs == 0


def test_a_dead_job_stops_its_chain_until_it_is_run_again(database: Database) -> None:
    with database.transaction() as session:
        ids = dependencies.chain(session, [step("bad"), step("after")])
    run_all(database)
    assert [look(database, job_id).state for job_id in ids] == [State.DISCARDED, State.BLOCKED]
    with database.read() as session:
        assert [job.id for job in dependencies.unmet(session, ids[1])] == ids[:1]
    with database.transaction() as session:
        service.retry(session, ids[0])
    run_all(database)
    assert done == ["bad", "bad", "after"]


def test_a_blocked_job_that_was_cancelled_waits_again_when_it_is_run_again(database: Database) -> None:
    with database.transaction() as session:
        ids = dependencies.chain(session, [step("first"), step("second")])
    with database.transaction() as session:
        service.cancel(session, ids[1])
    with database.transaction() as session:
        assert service.retry(session, ids[1]).state == State.BLOCKED
    run_all(database)
    assert done == ["first", "second"]


@pytest.mark.parametrize("count", [0, dependencies.LONGEST + 1])
def test_a_chain_has_some_jobs_and_not_too_many(database: Database, count: int) -> None:
    with pytest.raises(FlowUnusable, match="1 to 1000 jobs"), database.transaction() as session:
        dependencies.chain(session, [step("x")] * count)
