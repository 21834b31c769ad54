"""Breakers over all workers: who does not answer is left alone, and one of all tries it. The same on both databases."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from stonehand import config, db
from stonehand.db import Database
from stonehand.errors import Unavailable
from stonehand.limits import breakers, circuits
from stonehand.limits.breakers import Pass, State
from stonehand.limits.circuits import Outcome, Report
from stonehand.limits.errors import BreakerOpen
from stonehand.limits.models import Breaker

NAME = "host:example.org:443"


@pytest.fixture
def store(either_database: Database) -> Database:
    return either_database


def fail(store: Database, times: int = 1, passed: Pass | None = None) -> None:
    for _ in range(times):
        with store.transaction() as session:
            breakers.failed(session, passed or Pass(NAME), "connection refused")


def answer(store: Database, passed: Pass) -> None:
    with store.transaction() as session:
        breakers.answered(session, passed)


def row(store: Database) -> Breaker:
    with store.read() as session:
        return session.get_one(Breaker, NAME)


def look(store: Database) -> Pass | BreakerOpen | None:
    with store.read() as session:
        return breakers.look(session, [NAME])[NAME]


def probe(store: Database) -> Pass | BreakerOpen:
    with store.transaction() as session:
        return breakers.take_probe(session, NAME)


def let_time_pass(store: Database, seconds: float) -> None:
    """As if the breaker had opened earlier."""
    with store.transaction() as session:
        session.execute(sa.update(Breaker).values(probe_at=Breaker.probe_at - seconds))


def statements(store: Database, deed: Callable[[], object]) -> list[str]:
    said: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    sa.event.listen(store.engine, "before_cursor_execute", note)
    try:
        deed()
    finally:
        sa.event.remove(store.engine, "before_cursor_execute", note)
    return said


def test_what_never_failed_may_be_asked(store: Database) -> None:
    passed = look(store)
    assert isinstance(passed, Pass)
    assert passed.is_clear


def test_five_failures_in_a_row_open_it_and_it_says_why_and_until_when(store: Database) -> None:
    fail(store, 4)
    assert look(store) == Pass(NAME, 4)
    fail(store)
    refused = look(store)
    assert isinstance(refused, BreakerOpen)
    assert isinstance(refused, Unavailable)
    assert refused.name == NAME
    assert refused.retry_after == pytest.approx(66, abs=7)
    assert str(refused).startswith(
        "host example.org does not answer (5 failures in a row, last: connection refused); it is tried again at "
    )
    assert str(refused).endswith(" UTC")


def test_a_good_answer_in_between_begins_anew(store: Database) -> None:
    fail(store, 4)
    answer(store, Pass(NAME, 4))
    fail(store, 4)
    assert look(store) == Pass(NAME, 4)


def test_an_answer_to_what_was_asked_before_does_not_close_it(store: Database) -> None:
    fail(store, 5)
    answer(store, Pass(NAME, 4))
    fail(store, 3)
    assert (row(store).state, row(store).failures) == (State.OPEN, 5)


def test_a_probe_that_is_answered_closes_it(store: Database) -> None:
    fail(store, 5)
    assert isinstance(probe(store), BreakerOpen)  # not yet
    let_time_pass(store, 75)
    assert look(store) is None
    passed = probe(store)
    assert isinstance(passed, Pass)
    refused = look(store)
    assert isinstance(refused, BreakerOpen)
    assert "one request tries it now" in str(refused)
    answer(store, passed)
    assert look(store) == Pass(NAME)


def test_a_probe_that_fails_opens_it_for_longer_up_to_a_limit(store: Database) -> None:
    fail(store, 5)
    pauses = []
    for _ in range(6):
        let_time_pass(store, 2000)
        passed = probe(store)
        assert isinstance(passed, Pass)
        fail(store, passed=passed)
        refused = look(store)
        assert isinstance(refused, BreakerOpen)
        pauses.append(refused.retry_after)
    for pause, least in zip(pauses, (120, 240, 480, 900, 900, 900), strict=True):
        assert pause is not None
        assert least - 1 < pause <= least * 1.2
    assert row(store).failures == 11


def test_a_probe_that_never_reports_is_given_up_and_changes_nothing_later(store: Database) -> None:
    fail(store, 5)
    let_time_pass(store, 75)
    lost = probe(store)
    assert isinstance(lost, Pass)
    assert isinstance(probe(store), BreakerOpen)
    let_time_pass(store, breakers.PROBE_PATIENCE)
    other = probe(store)
    assert isinstance(other, Pass)
    answer(store, lost)
    fail(store, passed=lost)
    assert row(store).state == State.HALF_OPEN
    answer(store, other)
    assert row(store).state == State.CLOSED


def test_a_probe_that_learns_nothing_lets_another_go(store: Database) -> None:
    fail(store, 5)
    let_time_pass(store, 75)
    passed = probe(store)
    assert isinstance(passed, Pass)
    with store.transaction() as session:
        breakers.give_back(session, passed)
    assert isinstance(probe(store), Pass)


def test_a_person_holds_it_until_a_person_resets_it(store: Database) -> None:
    with store.transaction() as session:
        breakers.hold(session, NAME, "Mira")
    let_time_pass(store, 10_000)
    refused = probe(store)
    assert isinstance(refused, BreakerOpen)
    assert str(refused) == f"host example.org is paused by Mira; it goes on with: stonehand resume {NAME}"
    fail(store)
    answer(store, Pass(NAME))
    assert row(store).held_by == "Mira"
    with store.transaction() as session:
        breakers.reset(session, NAME)
    assert look(store) == Pass(NAME)


def test_a_probe_under_way_when_a_person_holds_it_does_not_open_it_again(store: Database) -> None:
    fail(store, 5)
    let_time_pass(store, 75)
    passed = probe(store)
    assert isinstance(passed, Pass)
    with store.transaction() as session:
        breakers.hold(session, NAME, "Mira")
    answer(store, passed)
    assert row(store).state == State.OPEN


def in_threads(work: Callable[[], None], count: int = 8) -> None:
    errors: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_of_many_workers_one_probes(store: Database) -> None:
    fail(store, 5)
    let_time_pass(store, 75)
    passes: list[Pass | BreakerOpen] = []
    barrier = threading.Barrier(8)

    def work() -> None:
        barrier.wait()
        passes.append(probe(store))

    in_threads(work)
    assert sum(isinstance(each, Pass) for each in passes) == 1
    assert len(passes) == 8


def test_no_failure_of_many_workers_is_lost(store: Database) -> None:
    barrier = threading.Barrier(4)

    def work() -> None:
        barrier.wait()
        fail(store)

    in_threads(work, 4)
    assert (row(store).failures, row(store).state) == (4, State.CLOSED)
    in_threads(lambda: fail(store), 4)
    assert (row(store).failures, row(store).state) == (5, State.OPEN)


def test_two_batches_that_name_the_same_hosts_never_deadlock(store: Database) -> None:
    names = [f"host:{letter}.example:443" for letter in "abcdef"]

    def work() -> None:
        for order in (names, names[::-1]):
            circuits.report(Report(Pass(name), Outcome.FAILED, "no answer") for name in order)

    in_threads(work, 4)
    with store.read() as session:
        assert [each.failures for each in breakers.every(session)] == [5] * 6


def test_where_all_is_well_nothing_is_written_and_little_is_read(store: Database) -> None:
    def deed() -> None:
        for _ in range(50):
            (passed,) = circuits.enter([NAME])
            assert isinstance(passed, Pass)
            circuits.report([Report(passed, Outcome.ANSWERED)])

    started = time.monotonic()
    said = [each for each in statements(store, deed) if "breakers" in each]
    assert len(said) <= 1 + (time.monotonic() - started) / circuits.FRESH
    assert all(each.startswith("SELECT") for each in said)


def test_a_failure_here_is_forgotten_by_a_good_answer_here(store: Database) -> None:
    (before,) = circuits.enter([NAME])
    assert isinstance(before, Pass)
    circuits.report([Report(before, Outcome.FAILED, "no answer")])
    circuits.report([Report(before, Outcome.ANSWERED)])  # it began when all was well, and must be told all the same
    assert row(store).failures == 0


def test_of_a_batch_one_is_the_probe(store: Database) -> None:
    fail(store, 5)
    let_time_pass(store, 75)
    first, second, other = circuits.enter([NAME, NAME, "host:other.example:443"])
    assert isinstance(first, Pass)
    assert isinstance(second, BreakerOpen)
    assert isinstance(other, Pass)
    assert other.is_clear


def test_through_a_breaker(store: Database) -> None:
    def judge(error: BaseException) -> Outcome:
        return Outcome.FAILED if isinstance(error, OSError) else Outcome.UNKNOWN

    for _ in range(5):
        with pytest.raises(OSError, match="gone"), circuits.through("channel:c1", judge):
            raise OSError("gone")
    with (
        pytest.raises(BreakerOpen, match=r"^channel c1 does not answer"),
        circuits.through("channel:c1", judge),
    ):
        pytest.fail("nothing may be asked")


def test_a_database_that_is_away_keeps_nobody_from_asking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STONEHAND_DATABASE_URL", "postgresql://nobody@127.0.0.1:9/nothing")
    config.settings.cache_clear()
    db.database.cache_clear()
    (passed,) = circuits.enter([NAME])
    assert passed == Pass(NAME)
    circuits.report([Report(Pass(NAME), Outcome.FAILED, "no answer")])


def test_what_is_long_over_is_forgotten_but_not_what_a_person_holds(store: Database) -> None:
    fail(store, 5)
    with store.transaction() as session:
        breakers.hold(session, "host:held.example:443", "Mira")
        session.execute(sa.update(Breaker).values(changed_at=Breaker.changed_at - 1000))
        breakers.forget(session, 2000)
        assert len(breakers.every(session)) == 2
        breakers.forget(session, 500)
        assert [each.name for each in breakers.every(session)] == ["host:held.example:443"]


def test_no_secret_is_kept_with_the_last_error(store: Database) -> None:
    with store.transaction() as session:
        breakers.failed(session, Pass(NAME), "no answer from https://mira:s3cr3tvalue123@x.example/")
    assert "s3cr3tvalue123" not in (row(store).last_error or "")
