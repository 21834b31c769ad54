"""The budget holds, whoever crashes and however many ask at once."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from stonehand.accounts.errors import PermissionMissing
from stonehand.accounts.permissions import PERMISSIONS, Person
from stonehand.db import Database, now
from stonehand.llm import budgets, configured, ledger
from stonehand.llm.budgets import Standing
from stonehand.llm.errors import BudgetNotFound, BudgetSpent, BudgetUnfit, ProviderBusy
from stonehand.llm.ledger import Ending, Wanted
from stonehand.llm.models import LlmCall, LlmDay
from stonehand.llm.payers import NOBODY, Payer
from stonehand.llm.prices import Message, Prices, Usage
from stonehand.llm.spans import Span

DOLLAR = 1_000_000
ADA = Person("", "", "Ada", "admin", frozenset(PERMISSIONS))


@pytest.fixture
def database(either_database: Database) -> Database:
    """Every test here runs on both databases."""
    return either_database


def reserve(database: Database, micro: int, tokens: int = 0, payer: Payer = NOBODY, **more: Any) -> str:
    with database.transaction() as session:
        return ledger.reserve(session, Wanted("test", "m", micro, tokens, payer=payer, **more))


def settle(database: Database, call: str, micro: int | None, usage: Usage | None = None) -> None:
    with database.transaction() as session:
        ledger.settle(session, call, Ending(micro, usage))


def committed(database: Database) -> int:
    with database.read() as session:
        return ledger.committed(session, now(session).date().isoformat())


def limit(
    database: Database, scope: str, subject: str, period: str, amount: float | None, tokens: int | None = None
) -> str:
    with database.transaction() as session:
        return budgets.put(session, ADA, scope, subject, period, amount, tokens).id


def standing(database: Database, scope: str, subject: str, period: str) -> Standing:
    with database.read() as session:
        found = {(each.span.scope, each.span.subject_id, each.span.period): each for each in budgets.standings(session)}
    return found[scope, subject, period]


def all_at_once(database: Database, payer: Payer, micro: int, times: int) -> int:
    """How many of so many reservations, asked for by 16 at once, were covered."""

    def one(_: int) -> bool:
        try:
            reserve(database, micro, payer=payer)
        except BudgetSpent:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        return sum(pool.map(one, range(times)))


def test_two_hundred_at_once_on_a_dollar_never_exceed_it(database: Database) -> None:
    assert all_at_once(database, NOBODY, 30_000, 200) == 33
    assert committed(database) == 990_000


def test_of_several_budgets_the_tightest_holds_and_no_other_is_touched_by_what_it_refuses(database: Database) -> None:
    payer = Payer("agent-1", "source-1", "user-1")
    limit(database, "agent", "agent-1", "day", 0.5)
    limit(database, "user", "", "month", 0.2)
    limit(database, "model", "environment", "day", 0.9)
    assert all_at_once(database, payer, 30_000, 40) == 6
    assert committed(database) == 180_000
    for scope, subject, period in (
        ("agent", "agent-1", "day"),
        ("model", "environment", "day"),
        ("user", "user-1", "month"),
    ):
        assert standing(database, scope, subject, period).spent.micro == 180_000


def test_each_user_has_the_budget_of_each_and_one_may_have_another(database: Database) -> None:
    limit(database, "user", "", "day", 0.1)
    limit(database, "user", "rich", "day", 0.3)
    for user, often in (("a", 1), ("b", 1), ("rich", 3)):
        for _ in range(often):
            reserve(database, 100_000, payer=Payer(user_id=user))
        with pytest.raises(BudgetSpent, match="the user's budget for language models today"):
            reserve(database, 100_000, payer=Payer(user_id=user))
    reserve(database, 100_000, payer=Payer(agent_id="somebody else"))


def test_a_month_holds_over_its_days(database: Database) -> None:
    limit(database, "all", "", "month", 0.25)
    reserve(database, 200_000)
    with database.transaction() as session:  # as if it had been spent on another day
        session.execute(sa.update(LlmDay).values(committed_micro=0))
    with pytest.raises(BudgetSpent, match="this month's budget") as caught:
        reserve(database, 100_000)
    assert caught.value.resets_at.day == 1


def test_tokens_are_a_budget_too(database: Database) -> None:
    limit(database, "agent", "a", "day", None, 1000)
    call = reserve(database, 0, 900, Payer(agent_id="a"))
    with pytest.raises(BudgetSpent, match="1000 tokens"):
        reserve(database, 0, 200, Payer(agent_id="a"))
    settle(database, call, 0, Usage(100, 50))
    reserve(database, 0, 800, Payer(agent_id="a"))
    assert standing(database, "agent", "a", "day").spent.tokens == 950


def test_a_budget_of_a_person_goes_before_that_of_the_settings(database: Database) -> None:
    assert standing(database, "all", "", "day").id == "settings"
    made = limit(database, "all", "", "day", 2)
    reserve(database, 1_500_000)
    with database.transaction() as session:
        budgets.remove(session, ADA, made)
    with pytest.raises(BudgetSpent):
        reserve(database, 1)
    reserve(database, 0)  # what costs nothing fits, however much is spent


def test_settling_gives_back_what_was_not_spent(database: Database) -> None:
    payer = Payer("a", "s", "u")
    limit(database, "source", "s", "month", 5)
    call = reserve(database, 900_000, 500, payer)
    with pytest.raises(BudgetSpent):
        reserve(database, 200_000)
    settle(database, call, 100_000, Usage(10, 20))
    assert committed(database) == 100_000
    assert standing(database, "source", "s", "month").spent == budgets.Limit(100_000, 30)
    reserve(database, 900_000)


def test_a_call_settles_once(database: Database) -> None:
    call = reserve(database, 500_000)
    for cost in (100_000, 0):
        settle(database, call, cost)
    assert committed(database) == 100_000


def test_a_crashed_reservation_settles_at_full_price(database: Database) -> None:
    limit(database, "agent", "a", "day", 1)
    call = reserve(database, 700_000, 70, Payer(agent_id="a"))
    with database.transaction() as session:
        moment = now(session) - ledger.LEASE - timedelta(seconds=1)
        session.execute(sa.update(LlmCall).values(reserved_at=moment))
    with pytest.raises(BudgetSpent):
        reserve(database, 400_000)
    reserve(database, 300_000)
    settle(database, call, 0)  # the crashed one comes back to life: too late
    with database.read() as session:
        row = session.get_one(LlmCall, call)
        assert (row.state, row.cost_micro, row.outcome) == ("settled", 700_000, "crashed")
    assert committed(database) == DOLLAR
    assert standing(database, "agent", "a", "day").spent == budgets.Limit(700_000, 70)


def test_no_more_than_so_many_ask_a_model_at_a_time(database: Database) -> None:
    def one(_: int) -> str:
        try:
            return reserve(database, 0, at_once=3, model_id="environment")
        except ProviderBusy:
            return ""

    with database.transaction() as session:
        configured.ensure_row(session, "environment")
    with ThreadPoolExecutor(12) as pool:
        held = [call for call in pool.map(one, range(24)) if call]
    assert len(held) == 3
    settle(database, held[0], 0)
    assert one(0)
    assert reserve(database, 0, at_once=3, model_id="another")


def test_who_died_holds_no_place_for_long(database: Database) -> None:
    reserve(database, 0, at_once=1)
    with database.transaction() as session:
        session.execute(sa.update(LlmCall).values(reserved_at=now(session) - timedelta(seconds=91)))
    reserve(database, 0, at_once=1, longest=timedelta(seconds=90))


def test_over_budget_tells_when_it_starts_anew(database: Database) -> None:
    with pytest.raises(BudgetSpent, match="starts anew at") as caught:
        reserve(database, DOLLAR + 1)
    with database.read() as session:
        moment = now(session)
    assert timedelta() < caught.value.resets_at - moment <= timedelta(days=1)
    assert (caught.value.resets_at.hour, caught.value.resets_at.minute) == (0, 0)
    assert committed(database) == 0


def test_a_free_model_works_without_a_budget(database: Database) -> None:
    limit(database, "all", "", "day", 0)
    reserve(database, 0)
    assert committed(database) == 0


def test_what_is_turned_away_is_counted_until_the_budget_is_raised(database: Database) -> None:
    span = Span("agent", "a", "")
    for scope, subject in (("all", ""), ("agent", "a")):
        limit(database, scope, subject, "day", 0.1)
        with pytest.raises(BudgetSpent) as caught:
            reserve(database, 200_000, payer=Payer(agent_id=subject))
        span = caught.value.span
        for _ in range(2):
            with database.transaction() as session:
                ledger.turn_away(session, span)
        assert standing(database, scope, subject, "day").turned_away == 2
        limit(database, scope, subject, "day", 5)
        assert standing(database, scope, subject, "day").turned_away == 0


@pytest.mark.parametrize(
    ("scope", "subject", "amount", "tokens"),
    [("nobody", "", 1, None), ("all", "me", 1, None), ("agent", "a", None, None), ("agent", "a", -1, None)],
)
def test_a_budget_that_makes_no_sense_is_refused(
    database: Database, scope: str, subject: str, amount: float | None, tokens: int | None
) -> None:
    with pytest.raises(BudgetUnfit):
        limit(database, scope, subject, "day", amount, tokens)


def test_only_an_administrator_sets_budgets(database: Database) -> None:
    editor = Person("e", "", "Ed", "editor", frozenset({"read", "edit"}))
    with database.transaction() as session, pytest.raises(PermissionMissing):
        budgets.put(session, editor, "all", "", "day", 99.0, None)
    with database.transaction() as session, pytest.raises(BudgetNotFound, match="STONEHAND_LLM_DAILY_BUDGET"):
        budgets.remove(session, ADA, "settings")


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
