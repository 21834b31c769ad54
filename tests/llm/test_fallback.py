"""Several models: who is asked first, who next, and that nobody is asked in vain."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from stonehand import config, db
from stonehand.db import Database, now
from stonehand.limits import breakers, names
from stonehand.limits.errors import BreakerOpen
from stonehand.limits.models import Breaker
from stonehand.llm import asking, budgets, refusals, service
from stonehand.llm.errors import (
    AnswerInvalid,
    BudgetSpent,
    KeyRefused,
    ModelNotConfigured,
    NoModelAnswered,
    ProviderBusy,
)
from stonehand.llm.models import ConfiguredModel, LlmCall
from stonehand.llm.payers import Payer
from tests.llm import simulator
from tests.llm.conftest import ADA, EDITOR, KEY, Add, ask, down, refuse, spent
from tests.llm.simulator import Exchange, Script, Simulator


def busy(exchange: Exchange) -> None:
    exchange.send(429, b"{}", {"Retry-After": "60"})


def babble(exchange: Exchange) -> None:
    exchange.answer("Happy to help!")


def by_model(**scripts: Script) -> Script:
    """Each model by its own script; the others answer."""

    def well(exchange: Exchange) -> None:
        exchange.answer('{"count": 7}')

    def script(exchange: Exchange) -> None:
        scripts.get(exchange.question["model"], well)(exchange)

    return script


def asked(running: Simulator) -> list[str]:
    return [exchange.question["model"] for exchange in running.exchanges]


@pytest.mark.parametrize("script", [busy, babble, refuse, down])
def test_when_the_first_does_not_answer_the_next_is_asked(
    running: Simulator, database: Database, add: Add, script: Script
) -> None:
    running.script = by_model(first=script)
    add("first")
    second = add("second")
    answer = ask()
    assert (answer.value.count, answer.model, answer.model_id) == (7, "second", second.id)


def test_the_order_is_a_person_s_and_the_chosen_one_goes_before_it(
    running: Simulator, database: Database, add: Add
) -> None:
    made = {name: add(name).id for name in ("a", "b", "c")}
    ask()
    with database.transaction() as session:
        service.order(session, ADA, [made["c"], made["b"]])
    ask()
    ask(made["b"])
    ask("somebody who is gone")
    with database.transaction() as session:
        service.edit(session, ADA, made["c"], {"is_enabled": False})
    ask()
    assert asked(running) == ["a", "c", "b", "c", "b"]


def test_a_user_s_own_model_serves_this_user_alone_and_first(
    running: Simulator, database: Database, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STONEHAND_ALLOW_NETWORKS", "127.0.0.0/8")  # an editor's model may be on none of our networks
    config.settings.cache_clear()
    add("shared")
    own = add("own", person=EDITOR, is_own=True)
    ask()
    ask(payer=Payer(user_id="editor-1"))
    ask(own.id)  # it is not for everybody
    assert asked(running) == ["shared", "own", "shared"]


def test_an_editor_s_model_cannot_be_inside_our_networks(running: Simulator, database: Database, add: Add) -> None:
    add("own", person=EDITOR, is_own=True)
    with pytest.raises(Exception, match=r"not be reached|network"):
        ask(payer=Payer(user_id="editor-1"))
    assert running.exchanges == []


def test_the_model_of_the_settings_is_one_of_them(
    running: Simulator, database: Database, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STONEHAND_LLM_BASE_URL", running.base_url)
    monkeypatch.setenv("STONEHAND_LLM_MODEL", "settled")
    config.settings.cache_clear()
    other = add("other")
    ask()
    with database.transaction() as session:
        service.order(session, ADA, [other.id, "environment"])
    ask()
    ask("environment")
    with database.transaction() as session:
        service.edit(session, ADA, "environment", {"is_enabled": False})
        service.edit(session, ADA, other.id, {"is_enabled": False})
    with pytest.raises(ModelNotConfigured):
        ask()
    assert asked(running) == ["settled", "other", "settled"]
    assert not asking.is_configured()


def test_a_wait_goes_before_all_other_failures(running: Simulator, database: Database, add: Add) -> None:
    running.script = by_model(broken=refuse)
    add("slow", per_minute=1)
    add("broken")
    ask()
    with pytest.raises(ProviderBusy) as caught:
        ask()
    assert caught.value.retry_after == pytest.approx(60, abs=5)
    assert asked(running) == ["slow", "broken"]


def test_if_none_answers_all_their_reasons_are_told(running: Simulator, database: Database, add: Add) -> None:
    running.script = by_model(one=down, two=refuse)
    add("one")
    add("two")
    with pytest.raises(NoModelAnswered, match=r"one: .*503.*two: .*key") as caught:
        ask()
    assert KEY not in str(caught.value)


def test_if_all_talk_nonsense_it_is_no_outage(running: Simulator, database: Database, add: Add) -> None:
    running.script = babble
    add("one")
    add("two")
    with pytest.raises(AnswerInvalid):
        ask()


def test_a_model_whose_budget_is_spent_gives_way_to_one_that_costs_nothing(
    running: Simulator, database: Database, add: Add
) -> None:
    dear = add("dear")
    add("free", input_price=0.0, output_price=0.0)
    with database.transaction() as session:
        budgets.put(session, ADA, "model", dear.id, "day", 0.001, None)
    assert ask().model == "free"
    with database.read() as session:
        (standing,) = [each for each in budgets.standings(session) if each.span.scope == "model"]
    assert standing.turned_away == 1


def test_the_breaker_of_one_server_opens_and_the_other_serves_without_a_storm(
    running: Simulator, database: Database, add: Add
) -> None:
    running.script = by_model(dead=down)
    with simulator.running(lambda exchange: exchange.answer('{"count": 1}')) as healthy:
        add("dead")
        add("well", base_url=healthy.base_url)

        def one(_: int) -> str:
            return ask().model

        with ThreadPoolExecutor(4) as pool:
            assert set(pool.map(one, range(24))) == {"well"}
        calls = len(running.exchanges)
        assert calls <= 2 * (breakers.THRESHOLD + 4), "with and without the schema, by those who were on their way"
        ask()
        assert len(running.exchanges) == calls
        assert len(healthy.exchanges) == 25
    with database.read() as session:
        assert session.get_one(Breaker, names.provider(running.base_url)).state == "OPEN"


def test_a_refused_key_is_asked_again_once_it_is_another_or_after_a_while(
    running: Simulator, database: Database, add: Add
) -> None:
    running.script = refuse
    made = add("tiny")
    for _ in range(3):
        with pytest.raises(KeyRefused):
            ask()
    assert len(running.exchanges) == 1
    with database.transaction() as session:
        past = now(session) - refusals.PAUSE - timedelta(seconds=1)
        session.execute(sa.update(ConfiguredModel).values(refused_at=past))
    with pytest.raises(KeyRefused):
        ask()
    assert len(running.exchanges) == 2
    running.script = lambda exchange: exchange.answer('{"count": 3}')
    with database.transaction() as session:
        service.edit(session, ADA, made.id, {"key": "another-key-1234567"})
    assert ask().value.count == 3
    with database.read() as session:
        assert session.get_one(ConfiguredModel, made.id).refused_at is not None, "it was about another key"


def test_no_more_than_so_many_at_once(running: Simulator, database: Database, add: Add) -> None:
    present, most, lock = 0, 0, threading.Lock()

    def script(exchange: Exchange) -> None:
        nonlocal present, most
        with lock:
            present += 1
            most = max(most, present)
        time.sleep(0.05)
        with lock:
            present -= 1
        exchange.answer('{"count": 1}')

    def one(_: int) -> bool:
        try:
            return ask().value.count == 1
        except ProviderBusy:
            return False

    running.script = script
    add("tiny", at_once=2)
    with ThreadPoolExecutor(8) as pool:
        answered = sum(pool.map(one, range(16)))
    assert most <= 2 <= answered


class Till:
    """A model that counts what it charges: as much as it likes, up to the most that was asked for."""

    def __init__(self) -> None:
        self.charged, self.calls, self.lock = 0, 0, threading.Lock()

    def __call__(self, exchange: Exchange) -> None:
        sent = len(json.dumps(exchange.question["messages"]))
        with self.lock:
            self.calls += 1
            said = exchange.question["max_tokens"] if self.calls % 2 else 40
            self.charged += sent // 4 * 10 + said * 100
        exchange.answer('{"count": 1}', usage={"prompt_tokens": sent // 4, "completion_tokens": said})


def test_two_hundred_generations_at_once_on_a_dollar_spend_at_most_a_dollar(
    either_database: Database, running: Simulator, add: Add
) -> None:
    till = Till()
    running.script = till
    add("tiny", output_price=100.0)

    def one(_: int) -> Any:
        try:
            return ask(payer=Payer("agent", "source", "user")).value.count
        except BudgetSpent as error:
            return error

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(one, range(200)))
    refused = [each for each in outcomes if isinstance(each, BudgetSpent)]
    assert len(outcomes) - len(refused) == till.calls > 20
    assert refused, "the budget was reached"
    assert till.charged <= 1_000_000
    assert till.charged == spent(either_database), "what is written down is what was charged"
    with either_database.read() as session:
        calls = session.execute(sa.select(sa.func.count(), sa.func.sum(LlmCall.cost_micro))).one()
        states = set(session.scalars(sa.select(LlmCall.state)))
    assert (calls[0], calls[1], states) == (till.calls, till.charged, {"settled"})


def test_an_open_breaker_of_the_only_one_is_told_as_such(running: Simulator, database: Database, add: Add) -> None:
    running.script = down
    add("only")
    for _ in range(5):
        with pytest.raises(Exception, match="503"):
            ask()
    with pytest.raises(BreakerOpen):
        ask()


def test_a_process_that_dies_in_a_call_leaves_it_at_full_price(
    running: Simulator, database: Database, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    add("tiny")

    class Killed(BaseException):
        pass

    def die(*_: Any) -> None:
        raise Killed

    monkeypatch.setattr("stonehand.llm.calling._settle", die)
    with pytest.raises(Killed):
        ask()
    monkeypatch.undo()
    worst = spent(db.database())
    assert worst >= 500 * 20
    with database.transaction() as session:
        session.execute(sa.update(LlmCall).values(reserved_at=now(session) - timedelta(hours=1)))
    monkeypatch.setattr(asking, "TIMEOUT", 5.0)
    ask()
    assert spent(database) == worst + 2000
    with database.read() as session:
        assert sorted(session.scalars(sa.select(LlmCall.outcome))) == ["answered", "crashed"]
