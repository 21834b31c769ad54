"""Quotas: set aside before anything is spent, never exceeded by any number of runs at once, given back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from stonehand import config, db
from stonehand.agents import queries, quotas, service
from stonehand.agents.errors import QuotaSpent
from stonehand.agents.quotas import Amount
from stonehand.agents.wishes import Quotas
from stonehand.db import Database
from tests.agents.conftest import ADA, FINAL, HERONS, ask, make, result, runs, shelved
from tests.jobs.test_schedules import Clock, clock
from tests.llm import simulator
from tests.llm.simulator import Simulator

__all__ = ["clock"]
NOON = datetime(2026, 5, 31, 12, tzinfo=UTC)


def reserve(database: Database, agent_id: str, wanted: Amount, moment: datetime = NOON) -> bool:
    try:
        with database.transaction() as session:
            quotas.reserve(session, queries.agent(session, agent_id), wanted, moment)
    except QuotaSpent:
        return False
    return True


def used(database: Database, agent_id: str, period: str) -> Amount:
    with database.read() as session:
        return quotas.used(session, agent_id, period)


def test_twenty_at_once_never_go_beyond_the_quota(either_database: Database) -> None:
    agent = make(either_database, quotas=Quotas(posts_per_day=7, tokens_per_month=9_500))
    together, wanted = threading.Barrier(20), Amount(1, 1_000, 5)

    def one(_: int) -> bool:
        together.wait(30)
        return reserve(either_database, agent.id, wanted)

    with ThreadPoolExecutor(20) as pool:
        taken = list(pool.map(one, range(20)))
    assert sum(taken) == 7
    assert used(either_database, agent.id, "2026-05-31") == Amount(7, 7_000, 35)
    assert used(either_database, agent.id, "2026-05") == Amount(7, 7_000, 35)
    with ThreadPoolExecutor(20) as pool:
        later = list(pool.map(lambda _: reserve(either_database, agent.id, wanted, NOON.replace(day=30)), range(20)))
    assert sum(later) == 2, "the month has room for 2,500 tokens more"


def test_a_month_that_is_full_takes_nothing_of_the_day(database: Database) -> None:
    agent = make(database, quotas=Quotas(posts_per_month=1, posts_per_day=5))
    assert reserve(database, agent.id, Amount(1))
    assert not reserve(database, agent.id, Amount(1))
    assert used(database, agent.id, "2026-05-31").posts == 1
    assert reserve(database, agent.id, Amount(1), NOON.replace(month=6, day=1)), "a month begins anew"


def test_the_refusal_says_what_is_used_and_when_it_starts_anew(database: Database) -> None:
    agent = make(database, quotas=Quotas(posts_per_day=1, micro_per_day=2_000_000))
    reserve(database, agent.id, Amount(1, 0, 1_500_000))
    with pytest.raises(QuotaSpent) as caught, database.transaction() as session:
        quotas.reserve(session, queries.agent(session, agent.id), Amount(1, 0, 600_000), NOON)
    assert str(caught.value) == (
        "Harbour desk has used 1 of 1 posts and 1.5 of 2 money of this day, and a piece may need 1 post, 0.6 money; "
        "it starts anew at 2026-06-01 00:00 UTC, or raise the agent's quota"
    )
    assert (caught.value.status, caught.value.until) == (402, datetime(2026, 6, 1, tzinfo=UTC))


def test_a_quota_that_never_covers_a_piece_says_how_much_would(database: Database) -> None:
    agent = make(database, quotas=Quotas(tokens_per_month=100))
    with pytest.raises(QuotaSpent) as caught, database.transaction() as session:
        quotas.check(session, queries.agent(session, agent.id), Amount(1, 9_000), NOON)
    assert str(caught.value) == (
        "Harbour desk cannot write: a piece may need 1 post, 9000 tokens, and its quota of 100 tokens a month does "
        "not cover one; raise it to 9000 tokens at least, or leave it empty for no limit"
    )


def test_what_costs_nothing_is_never_refused(database: Database) -> None:
    agent = make(database, quotas=Quotas(tokens_per_day=0, micro_per_day=0))
    assert reserve(database, agent.id, Amount(posts=1))
    assert not reserve(database, agent.id, Amount(posts=1, tokens=1))


def test_a_run_beyond_the_quota_writes_nothing(database: Database) -> None:
    shelved(database, "Herons return to the marsh of Orne", HERONS)
    shelved(database, "Rovers lose the cup final", FINAL)
    agent = make(database, quotas=Quotas(posts_per_month=1))
    assert result(database, ask(database, "agents.run", agent_id=agent.id))["success"]
    told = result(database, ask(database, "agents.run", agent_id=agent.id))
    assert "has used 1 of 1 posts of this month" in told["error"]
    assert [run.state for run in runs(database, agent)] == ["written", "refused"]
    with pytest.raises(QuotaSpent), database.transaction() as session:
        service.run_now(session, ADA, agent.id)
    with database.transaction() as session:
        service.change(session, ADA, agent.id, {"quotas": Quotas()})
    assert result(database, ask(database, "agents.run", agent_id=agent.id))["success"]


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    """A model that answers nonsense and is paid for it."""
    with simulator.running(lambda exchange: exchange.answer('{"nonsense": 3}')) as running:
        for name, value in {
            "BASE_URL": running.base_url,
            "MODEL": "tiny",
            "INPUT_PRICE": "10",
            "OUTPUT_PRICE": "20",
        }.items():
            monkeypatch.setenv(f"STONEHAND_LLM_{name}", value)
        config.settings.cache_clear()
        yield running


def test_nothing_is_sent_to_a_model_before_the_quota_allows_it(database: Database, model: Simulator) -> None:
    shelved(database, "Herons return to the marsh of Orne", HERONS)
    agent = make(database, quotas=Quotas(tokens_per_day=100))
    told = result(database, ask(database, "agents.run", agent_id=agent.id))
    assert "its quota of 100 tokens a day does not cover one" in told["error"]
    assert model.exchanges == []


def test_what_was_set_aside_becomes_what_was_spent(database: Database, model: Simulator) -> None:
    shelved(database, "Herons return to the marsh of Orne", HERONS)
    agent = make(database, quotas=Quotas(tokens_per_day=100_000, micro_per_day=10**9))
    told = result(database, ask(database, "agents.run", agent_id=agent.id))
    assert told["success"], "the offline writer takes the place of a model that fails"
    [run] = runs(database, agent)
    calls = len(model.exchanges)
    assert calls >= 1
    assert (run.tokens, run.cost_micro) == (150 * calls, 2000 * calls)
    assert run.reserved_tokens > run.tokens
    assert used(database, agent.id, run.day) == Amount(1, run.tokens, run.cost_micro)
    with database.read() as session:
        assert queries.daily(session, agent.id, db.now(session))[-1].micro == run.cost_micro
        assert queries.in_all(session, agent.id) == Amount(1, run.tokens, run.cost_micro)


def test_it_counts_against_the_day_on_which_it_began(database: Database, clock: Clock) -> None:
    agent = make(database)
    clock.now = datetime(2026, 5, 31, 23, 59, tzinfo=UTC)
    with database.transaction() as session:
        day = quotas.reserve(session, queries.agent(session, agent.id), Amount(1), clock.now)
        quotas.settle(session, agent.id, day, Amount(-1))
    assert used(database, agent.id, "2026-05-31").posts == used(database, agent.id, "2026-05").posts == 0
