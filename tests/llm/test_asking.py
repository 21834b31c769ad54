"""Asking a model, against a simulator that misbehaves in every way real servers do."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from pydantic import BaseModel

from stonehand import config, http_client
from stonehand.db import Database, now
from stonehand.limits import breakers, names, paces
from stonehand.limits.errors import BreakerOpen, NotYet
from stonehand.limits.models import Breaker
from stonehand.llm import asking, ledger
from stonehand.llm.errors import (
    AnswerInvalid,
    BudgetSpent,
    ModelNotConfigured,
    ModelRefused,
    ModelUnavailable,
    ProviderBusy,
)
from stonehand.llm.prices import Message
from tests.llm import simulator
from tests.llm.simulator import Exchange, Script, Simulator

SECRET = "test-key-1234567890"
QUESTION = [Message("system", "Be brief."), Message("user", "How many?")]


class Count(BaseModel):
    count: int


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, database: Database) -> Iterator[Simulator]:
    with simulator.running(lambda exchange: exchange.answer('{"count": 3}')) as running:
        monkeypatch.setenv("STONEHAND_LLM_BASE_URL", running.base_url)
        monkeypatch.setenv("STONEHAND_LLM_API_KEY", SECRET)
        monkeypatch.setenv("STONEHAND_LLM_MODEL", "tiny")
        monkeypatch.setenv("STONEHAND_LLM_INPUT_PRICE", "10")
        monkeypatch.setenv("STONEHAND_LLM_OUTPUT_PRICE", "20")
        config.settings.cache_clear()
        yield running


def ask() -> asking.Answer[Count]:
    return asking.ask(QUESTION, Count, purpose="test", max_tokens=500)


def spent(database: Database) -> int:
    with database.read() as session:
        return ledger.committed(session, now(session).date().isoformat())


def test_a_good_answer_is_typed_and_paid(server: Simulator, database: Database) -> None:
    answer = ask()
    assert (answer.value.count, answer.model, answer.cost_micro) == (3, "tiny", 100 * 10 + 50 * 20)
    assert spent(database) == 2000
    [exchange] = server.exchanges
    assert exchange.headers["Authorization"] == f"Bearer {SECRET}"
    assert exchange.question["messages"][0] == {"role": "system", "content": "Be brief."}
    assert "tools" not in exchange.question


@pytest.mark.parametrize("content", ['```json\n{"count": 3}\n```', 'Sure! {"count": 3} Anything else?'])
def test_a_server_that_ignores_json_mode_is_understood(server: Simulator, content: str) -> None:
    server.script = lambda exchange: exchange.answer(content)
    assert ask().value.count == 3


@pytest.mark.parametrize("status", [400, 422, 500])
def test_a_server_that_cannot_do_schemas_is_asked_once_more_without(
    server: Simulator, database: Database, status: int
) -> None:
    def script(exchange: Exchange) -> None:
        if "response_format" in exchange.question:
            exchange.send(status, b'{"error": "response_format"}')
        else:
            exchange.answer('{"count": 4}')

    server.script = script
    assert ask().value.count == 4
    assert len(server.exchanges) == 2
    assert spent(database) == 2000


def test_a_server_that_is_broken_is_not_asked_for_ever(server: Simulator, database: Database) -> None:
    server.script = lambda exchange: exchange.send(500, b"oops")
    with pytest.raises(ModelUnavailable):
        ask()
    assert len(server.exchanges) == 2
    assert spent(database) == 0


@pytest.mark.parametrize(("headers", "wait"), [({"Retry-After": "7"}, 7.0), ({}, None)])
def test_429_says_how_long_to_wait(
    server: Simulator, database: Database, headers: dict[str, str], wait: float | None
) -> None:
    server.script = lambda exchange: exchange.send(429, b"{}", headers)
    with pytest.raises(ModelUnavailable) as caught:
        ask()
    assert caught.value.retry_after == wait
    assert len(server.exchanges) == 1
    assert spent(database) == 0


def garbage(exchange: Exchange) -> None:
    exchange.send(200, b"<html>welcome</html>")


def no_choices(exchange: Exchange) -> None:
    exchange.send(200, b'{"choices": []}')


def no_json(exchange: Exchange) -> None:
    exchange.answer("I would rather not.")


def wrong_shape(exchange: Exchange) -> None:
    exchange.answer('{"count": "many"}')


def too_long(exchange: Exchange) -> None:
    exchange.answer('{"count": 3}', finish="length")


@pytest.mark.parametrize("script", [garbage, no_choices, no_json, wrong_shape, too_long])
def test_nonsense_is_an_invalid_answer_and_is_paid(server: Simulator, database: Database, script: Script) -> None:
    server.script = script
    with pytest.raises(AnswerInvalid):
        ask()
    assert len(server.exchanges) == 1
    assert spent(database) > 0


def half_by_length(exchange: Exchange) -> None:
    exchange.send(200, b'{"choices": [{"mess', length=900)
    exchange.cut()


def half_unannounced(exchange: Exchange) -> None:
    exchange.send(200, b'{"choices": [{"message": {"content": "{')


@pytest.mark.parametrize("script", [half_by_length, half_unannounced])
def test_half_an_answer_is_unavailable_and_charged_in_full(
    server: Simulator, database: Database, script: Script
) -> None:
    server.script = script
    with pytest.raises(ModelUnavailable):
        ask()
    assert spent(database) >= 500 * 20


def test_a_server_that_hangs_costs_no_more_than_the_deadline(
    server: Simulator, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "TIMEOUT", 0.3)
    server.script = Exchange.hang
    started = time.monotonic()
    with pytest.raises(ModelUnavailable):
        ask()
    assert time.monotonic() - started < 20
    assert spent(database) >= 500 * 20


@pytest.mark.parametrize("status", [401, 404])
def test_a_wrong_key_or_address_is_refused_and_names_the_settings(server: Simulator, status: int) -> None:
    server.script = lambda exchange: exchange.send(status, b"{}")
    with pytest.raises(ModelRefused, match="STONEHAND_LLM_API_KEY") as caught:
        ask()
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "usage", [{}, {"prompt_tokens": -5, "completion_tokens": 1}, {"prompt_tokens": "1", "completion_tokens": 1e30}]
)
def test_a_server_that_cannot_count_is_charged_at_the_worst(
    server: Simulator, database: Database, usage: object
) -> None:
    server.script = lambda exchange: exchange.answer('{"count": 3}', usage=usage)
    assert ask().cost_micro == spent(database) >= 500 * 20


def test_a_server_that_is_off_costs_nothing(
    server: Simulator, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STONEHAND_LLM_BASE_URL", "http://127.0.0.1:9/v1")
    config.settings.cache_clear()
    with pytest.raises(ModelUnavailable):
        ask()
    assert spent(database) == 0


def test_over_budget_the_server_is_not_asked(server: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STONEHAND_LLM_DAILY_BUDGET", "0.001")
    config.settings.cache_clear()
    with pytest.raises(BudgetSpent):
        ask()
    assert server.exchanges == []


def test_links_may_not_reach_the_model_outside_of_a_call(server: Simulator) -> None:
    ask()
    with pytest.raises(http_client.AddressForbidden):
        http_client.fetch(server.base_url + "/models")


def test_without_a_model_it_says_which_settings(database: Database) -> None:
    assert not asking.is_configured()
    with pytest.raises(ModelNotConfigured, match="STONEHAND_LLM_BASE_URL"):
        ask()


def breaker(database: Database, server: Simulator) -> tuple[str, int]:
    with database.read() as session:
        rows = {row.name: (row.state, row.failures) for row in breakers.every(session)}
    assert all(name.startswith("provider:") for name in rows)  # the host has none besides
    return rows.get(names.provider(server.base_url), ("CLOSED", 0))


@pytest.mark.parametrize(
    ("script", "error"),
    [
        (lambda exchange: exchange.send(503, b"down"), ModelUnavailable),
        (garbage, AnswerInvalid),
        (half_by_length, ModelUnavailable),
    ],
)
def test_a_provider_that_is_down_or_mad_is_left_alone_and_costs_nothing_more(
    server: Simulator, database: Database, script: Script, error: type[Exception]
) -> None:
    server.script = script
    for _ in range(5):
        with pytest.raises(error):
            ask()
    asked, paid = len(server.exchanges), spent(database)
    with pytest.raises(BreakerOpen, match="does not answer"):
        ask()
    assert (len(server.exchanges), spent(database)) == (asked, paid)
    assert breaker(database, server) == ("OPEN", 5)


@pytest.mark.parametrize("script", [no_json, wrong_shape, too_long, lambda exchange: exchange.send(401, b"{}")])
def test_an_answer_that_we_cannot_use_is_no_outage(server: Simulator, database: Database, script: Script) -> None:
    server.script = script
    for _ in range(6):
        with pytest.raises((AnswerInvalid, ModelRefused)):
            ask()
    assert breaker(database, server) == ("CLOSED", 0)


def test_a_probe_of_a_server_that_cannot_do_schemas_is_judged_by_its_last_word(
    server: Simulator, database: Database
) -> None:
    server.script = lambda exchange: exchange.send(503, b"down")
    for _ in range(5):
        with pytest.raises(ModelUnavailable):
            ask()
    with database.transaction() as session:
        session.execute(sa.update(Breaker).values(probe_at=0.0))

    def script(exchange: Exchange) -> None:
        if "response_format" in exchange.question:
            exchange.send(500, b"no schemas here")
        else:
            exchange.answer('{"count": 4}')

    server.script = script
    assert ask().value.count == 4
    assert breaker(database, server) == ("CLOSED", 0)


def test_a_budget_that_is_spent_says_nothing_about_the_provider(
    server: Simulator, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.script = lambda exchange: exchange.send(503, b"down")
    for _ in range(5):
        with pytest.raises(ModelUnavailable):
            ask()
    with database.transaction() as session:
        session.execute(sa.update(Breaker).values(probe_at=0.0))
    monkeypatch.setenv("STONEHAND_LLM_DAILY_BUDGET", "0.001")
    config.settings.cache_clear()
    with pytest.raises(BudgetSpent):
        ask()
    assert breaker(database, server) == ("OPEN", 5)


def test_429_makes_every_worker_wait(server: Simulator) -> None:
    server.script = lambda exchange: exchange.send(429, b"{}", {"Retry-After": "70"})
    with pytest.raises(ModelUnavailable):
        ask()
    with pytest.raises(ModelUnavailable, match="left alone") as caught:
        ask()
    assert caught.value.retry_after == pytest.approx(70, abs=5)
    assert len(server.exchanges) == 1


def test_a_person_sets_the_pace_of_a_provider(server: Simulator, database: Database) -> None:
    with database.transaction() as session:
        paces.set_pace(session, names.provider(server.base_url), "6/m", "Mira")
    ask()
    with pytest.raises(ProviderBusy) as caught:
        ask()
    assert isinstance(caught.value, NotYet)
    assert caught.value.retry_after == pytest.approx(10, abs=3)
    assert len(server.exchanges) == 1
