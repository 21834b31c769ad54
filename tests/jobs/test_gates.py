"""Behind a breaker: a job waits, says why, loses no try, and goes on when the breaker closes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from stonehand import http_client, jobs
from stonehand.db import Database, now
from stonehand.jobs import declaration, queries, retries, service
from stonehand.jobs.clock import sweeper
from stonehand.jobs.desk import explanation
from stonehand.jobs.limits import gates
from stonehand.jobs.models import Attempt as Try
from stonehand.jobs.models import Job
from stonehand.jobs.states import State
from stonehand.jobs.testing import run_all
from stonehand.limits import breakers, circuits
from stonehand.limits.breakers import Pass
from stonehand.limits.circuits import Outcome
from stonehand.limits.models import Breaker

NAME = "host:example.org:443"
answers = {"works": True}
ran: list[str] = []


@pytest.fixture
def database(either_database: Database) -> Database:
    return either_database


@pytest.fixture(autouse=True)
def _errands(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(retries, "backoff", lambda _failures, _draw: 60.0)
    answers["works"] = True
    ran.clear()

    @jobs.task("errands.ask", queue="default")
    def ask(attempt: jobs.Attempt, word: str) -> None:
        _ask_outside()
        with attempt.finish():
            ran.append(word)

    @jobs.task("errands.batch", queue="default", batch=10)
    def batch(batch: jobs.Batch) -> None:
        for item in batch.items:
            try:
                _ask_outside()
            except Exception as error:
                item.fail(error)
        with batch.finish():
            ran.extend(item.args["word"] for item in batch.remaining)

    yield
    declaration._tasks.pop("errands.ask")
    declaration._tasks.pop("errands.batch")


def _ask_outside() -> None:
    with circuits.through(NAME, http_client.outcome_of):
        if not answers["works"]:
            raise http_client.HostUnavailable("example.org did not answer")


def fail(database: Database, times: int = 5) -> None:
    with database.transaction() as session:
        for _ in range(times):
            breakers.failed(session, Pass(NAME), "example.org did not answer")


def enqueue(database: Database, *words: str, task: str = "errands.ask") -> list[str]:
    with database.transaction() as session:
        return [str(jobs.enqueue(session, task, {"word": word})) for word in words]


def look(database: Database, job_id: str) -> Job:
    with database.read() as session:
        return queries.job(session, job_id)


def settle(database: Database) -> None:
    """Let the sweeper and the worker take turns, as they do."""
    for _ in range(4):
        sweeper.sweep(database)
        run_all(database)


def let_probe(database: Database) -> None:
    with database.transaction() as session:
        session.execute(sa.update(Breaker).values(probe_at=0.0))
        session.execute(sa.update(Job).where(Job.state == State.SCHEDULED).values(run_at=now(session)))


@pytest.mark.parametrize("task", ["errands.ask", "errands.batch"])
def test_an_open_breaker_costs_no_try_and_says_why(database: Database, task: str) -> None:
    fail(database)
    ids = enqueue(database, "a", "b", "c", task=task)
    run_all(database)
    for job_id in ids:
        job = look(database, job_id)
        assert (job.state, job.attempts, job.gate) == (State.SCHEDULED, 0, NAME)
        with database.read() as session:
            why = explanation.why_not_running(session, job)
            assert 50 < (job.run_at - now(session)).total_seconds() <= 73
            assert session.scalars(sa.select(Try)).all() == []
        assert "host example.org does not answer (5 failures in a row" in why
        assert "it is tried again at" in why
    assert ran == []


def test_one_of_many_jobs_probes_and_the_others_follow_at_once_when_it_answers(database: Database) -> None:
    fail(database)
    enqueue(database, *"abcdefgh")
    run_all(database)
    let_probe(database)
    settle(database)
    assert sorted(ran) == list("abcdefgh")
    with database.read() as session:
        assert breakers.get(session, NAME).state == breakers.State.CLOSED


def test_a_probe_that_fails_costs_its_own_job_one_try_and_the_others_none(database: Database) -> None:
    fail(database)
    ids = enqueue(database, "a", "b", "c")
    run_all(database)
    answers["works"] = False
    let_probe(database)
    settle(database)
    tries = sorted(look(database, job_id).attempts for job_id in ids)
    assert tries == [0, 0, 1]
    with database.read() as session:
        assert (breakers.get(session, NAME).state, breakers.get(session, NAME).failures) == ("OPEN", 6)


def test_failures_of_jobs_open_the_breaker(database: Database) -> None:
    answers["works"] = False
    ids = enqueue(database, *"abcdefgh")
    run_all(database)
    states = [look(database, job_id).state for job_id in ids]
    assert sorted(states) == [State.RETRYABLE] * 5 + [State.SCHEDULED] * 3


def test_the_sweeper_wakes_what_waits_for_a_breaker_that_has_closed(database: Database) -> None:
    fail(database)
    [job_id] = enqueue(database, "a")
    run_all(database)
    with database.transaction() as session:
        breakers.reset(session, NAME)  # nobody told the jobs
    sweeper.sweep(database)
    sweeper.sweep(database)
    assert (look(database, job_id).state, look(database, job_id).gate) == (State.AVAILABLE, None)
    with database.read() as session:
        assert gates.passable(session) == []


def test_a_person_pauses_a_host_and_resumes_it(database: Database) -> None:
    with database.transaction() as session:
        assert service.pause(session, "host:Example.org", "Mira") == NAME
    [job_id] = enqueue(database, "a")
    run_all(database)
    with database.read() as session:
        why = explanation.why_not_running(session, look(database, job_id))
    assert "host example.org is paused by Mira" in why
    with database.transaction() as session:
        service.resume(session, NAME)
    settle(database)
    assert ran == ["a"]


def test_what_waits_for_something_else_is_not_woken(database: Database) -> None:
    [job_id] = enqueue(database, "a")
    with database.transaction() as session:
        service.pause(session, "source:s1", "Mira")
        session.execute(sa.update(Job).values(state=State.SCHEDULED, gate="source:s1", run_at=Job.run_at))
        breakers.hold(session, NAME, "Mira")
        breakers.reset(session, NAME)
    with database.read() as session:
        assert gates.passable(session) == []
    assert look(database, job_id).gate == "source:s1"


def test_the_outcome_of_a_refusal_is_an_answer() -> None:
    assert http_client.outcome_of(http_client.HostUnavailable("429", None, 429)) is Outcome.ANSWERED
    assert http_client.outcome_of(http_client.HostUnavailable("503", None, 503)) is Outcome.FAILED
    assert http_client.outcome_of(http_client.PageMissing("gone", 404)) is Outcome.ANSWERED
    assert http_client.outcome_of(KeyboardInterrupt()) is Outcome.UNKNOWN


def test_a_gate_that_opens_after_somebody_has_looked_is_not_waited_for(database: Database) -> None:
    """It saw the gate shut, and was not yet put back when it was opened: nobody would wake it."""
    looks: list[int] = []

    @jobs.task("errands.look", queue="default")
    def look_once(attempt: jobs.Attempt) -> None:
        looks.append(len(looks))
        if len(looks) == 1:
            with database.transaction() as session:
                assert service.open_gate(session, "switch:blog") == 0
        if len(looks) < 3:
            raise jobs.Snooze(300, "the blog is switched off", "switch:blog")
        with attempt.finish():
            pass

    with database.transaction() as session:
        job_id = str(jobs.enqueue(session, "errands.look", {}))
    settle(database)
    declaration._tasks.pop("errands.look")
    waiting = look(database, job_id)
    assert looks == [0, 1], "again at once; the second time nobody has opened it"
    assert (waiting.state, waiting.gate) == (State.SCHEDULED, "switch:blog")
