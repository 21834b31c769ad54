"""The budget holds, whoever crashes and however many ask at once."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from stonehand.db import Database, now
from stonehand.llm import ledger
from stonehand.llm.errors import BudgetSpent
from stonehand.llm.models import LlmCall
from stonehand.llm.prices import Message, Prices, Usage

DOLLAR = 1_000_000


@pytest.fixture
def database(either_database: Database) -> Database:
    """Every test here runs on both databases."""
    return either_database


def reserve(database: Database, micro: int, budget: int = DOLLAR) -> str:
    with database.transaction() as session:
        return ledger.reserve(session, purpose="test", model="m", worst_micro=micro, budget_micro=budget)


def committed(database: Database) -> int:
    with database.read() as session:
        return ledger.committed(session, now(session).date().isoformat())


def test_two_hundred_at_once_on_a_dollar_never_exceed_it(database: Database) -> None:
    def one(_: int) -> bool:
        try:
            reserve(database, 30_000)
        except BudgetSpent:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        won = sum(pool.map(one, range(200)))
    assert won == 33
    assert committed(database) == 990_000


def test_settling_gives_back_what_was_not_spent(database: Database) -> None:
    call = reserve(database, 900_000)
    with pytest.raises(BudgetSpent):
        reserve(database, 200_000)
    with database.transaction() as session:
        ledger.settle(session, call, 100_000, Usage(10, 20))
    assert committed(database) == 100_000
    reserve(database, 900_000)


def test_a_call_settles_once(database: Database) -> None:
    call = reserve(database, 500_000)
    for cost in (100_000, 0):
        with database.transaction() as session:
            ledger.settle(session, call, cost)
    assert committed(database) == 100_000


def test_a_crashed_reservation_settles_at_full_price(database: Database) -> None:
    call = reserve(database, 700_000)
    with database.transaction() as session:
        moment = now(session) - ledger.LEASE - timedelta(seconds=1)
        session.execute(sa.update(LlmCall).values(reserved_at=moment))
    with pytest.raises(BudgetSpent):
        reserve(database, 400_000)
    reserve(database, 300_000)
    with database.transaction() as session:
        ledger.settle(session, call, 0)  # the crashed one comes back to life: too late
    with database.read() as session:
        row = session.get_one(LlmCall, call)
        assert (row.state, row.cost_micro) == ("settled", 700_000)
    assert committed(database) == DOLLAR


def test_over_budget_tells_when_it_starts_anew(database: Database) -> None:
    with pytest.raises(BudgetSpent, match="starts anew at") as caught:
        reserve(database, DOLLAR + 1)
    with database.read() as session:
        moment = now(session)
    assert timedelta() < caught.value.resets_at - moment <= timedelta(days=1)
    assert (caught.value.resets_at.hour, caught.value.resets_at.minute) == (0, 0)
    assert committed(database) == 0


def test_a_free_model_works_without_a_budget(database: Database) -> None:
    reserve(database, 0, budget=0)
    assert committed(database) == 0


@pytest.mark.parametrize(
    ("prices", "usage", "cost"),
    [(Prices(3, 15), Usage(1000, 100), 4500), (Prices(0.15, 0.6), Usage(1, 1), 1), (Prices(0, 0), Usage(9, 9), 0)],
)
def test_costs_round_up(prices: Prices, usage: Usage, cost: int) -> None:
    assert prices.cost(usage) == cost


@pytest.mark.parametrize(
    "messages", [[Message("user", "grüße 你好")], [Message("system", "a" * 50), Message("user", "")]]
)
def test_the_worst_cost_counts_a_token_for_every_byte(messages: Sequence[Message]) -> None:
    sent = sum(len(message.text.encode()) for message in messages)
    assert Prices(1, 0).worst(messages, 100) >= sent
    assert Prices(0, 1).worst(messages, 100) == 100
