"""Every dialect against a simulator that misbehaves in every way real servers do."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from stonehand.db import Database
from stonehand.llm import asking
from stonehand.llm.dialects import sending
from stonehand.llm.dialects.shapes import Question, Server
from stonehand.llm.errors import AnswerInvalid, KeyRefused, ModelRefused, ModelUnavailable
from stonehand.llm.models import LlmCall
from stonehand.llm.prices import Message
from tests.llm.conftest import KEY, Add, ask, spent
from tests.llm.simulator import Exchange, Script, Simulator

DIALECTS = ("openai", "anthropic", "google")
every_dialect = pytest.mark.parametrize("provider", DIALECTS)
KEY_HEADERS = {"openai": "Authorization", "anthropic": "x-api-key", "google": "x-goog-api-key"}


def outcomes(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(sa.select(LlmCall.outcome).order_by(LlmCall.id)))


@every_dialect
def test_a_good_answer_is_typed_and_paid_without_its_thoughts(
    running: Simulator, database: Database, add: Add, provider: str
) -> None:
    add("tiny", provider)
    answer = ask()
    assert (answer.value.count, answer.cost_micro) == (3, 100 * 10 + 50 * 20)
    assert (answer.input_tokens, answer.output_tokens) == (100, 50)
    assert spent(database) == 2000
    [exchange] = running.exchanges
    headers = {name.lower(): value for name, value in exchange.headers.items()}
    assert headers[KEY_HEADERS[provider].lower()].removeprefix("Bearer ") == KEY
    assert KEY not in exchange.handler.path
    assert exchange.dialect == provider
    assert exchange.wants_schema
    assert "tools" not in exchange.question


def test_what_the_operator_says_is_the_system_s_part(running: Simulator, database: Database, add: Add) -> None:
    for provider in DIALECTS:
        add(provider, provider)
    questions: list[Any] = []

    def script(exchange: Exchange) -> None:
        questions.append(exchange.question)
        exchange.send(400, b"{}")

    running.script = script
    with pytest.raises(ModelRefused):
        ask()
    openai, anthropic, google = questions[0], questions[2], questions[4]
    assert openai["messages"][0] == {"role": "system", "content": "Be brief."}
    assert openai["max_completion_tokens"] == 500
    assert anthropic["system"] == "Be brief."
    assert anthropic["messages"] == [{"role": "user", "content": "How many?"}]
    assert anthropic["max_tokens"] == 500
    assert google["systemInstruction"]["parts"] == [{"text": "Be brief."}]
    assert google["contents"] == [{"role": "user", "parts": [{"text": "How many?"}]}]
    assert google["generationConfig"]["maxOutputTokens"] == 500


def test_an_address_of_ours_that_no_administrator_named_is_not_said_to_have_refused() -> None:
    inside = Server("http://127.0.0.1:9/v1", "key", "m", 5.0, "compatible", is_named_by_operator=False)
    with pytest.raises(ModelRefused, match=r"^the language model was not asked: 127\.0\.0\.1 is inside a private"):
        sending.complete(inside, Question([Message("user", "hello")], 5))


@every_dialect
@pytest.mark.parametrize("status", [400, 500])
def test_who_refuses_json_mode_is_asked_once_more_without_it(
    running: Simulator, database: Database, add: Add, provider: str, status: int
) -> None:
    def script(exchange: Exchange) -> None:
        if exchange.wants_schema:
            exchange.send(status, b'{"error": "no schemas"}')
        else:
            exchange.answer('Sure!\n```json\n{"count": 4}\n```')

    running.script = script
    add("tiny", provider)
    assert ask().value.count == 4
    assert len(running.exchanges) == 2
    assert spent(database) == 2000


@every_dialect
@pytest.mark.parametrize(("headers", "wait"), [({"Retry-After": "70"}, 70.0), ({}, 15.0)])
def test_429_makes_all_workers_wait_as_long_as_it_says_and_a_while_if_it_says_nothing(
    running: Simulator, database: Database, add: Add, provider: str, headers: dict[str, str], wait: float
) -> None:
    running.script = lambda exchange: exchange.send(429, b"{}", headers)
    add("tiny", provider)
    with pytest.raises(ModelUnavailable):
        ask()
    for _ in range(5):
        with pytest.raises(ModelUnavailable, match="left alone") as caught:
            ask()
        assert caught.value.retry_after == pytest.approx(wait, abs=5)
    assert len(running.exchanges) == 1
    assert spent(database) == 0
    assert outcomes(database) == ["unavailable"]


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch, script: Script) -> None:
    if script is Exchange.hang:
        monkeypatch.setattr(asking, "TIMEOUT", 0.3)


def html(exchange: Exchange) -> None:
    exchange.send(500, b"<html><h1>Internal Server Error</h1></html>")


def half_by_length(exchange: Exchange) -> None:
    exchange.send(200, b'{"choices": [{"mess', length=900)
    exchange.cut()


def half_unannounced(exchange: Exchange) -> None:
    exchange.send(200, b'{"content": [{"type": "text", "te')


@every_dialect
@pytest.mark.parametrize(
    ("script", "is_paid"), [(html, False), (half_by_length, True), (half_unannounced, True), (Exchange.hang, True)]
)
def test_who_breaks_off_or_hangs_is_unavailable_and_charged_unless_it_said_so(
    running: Simulator, database: Database, add: Add, provider: str, script: Script, is_paid: bool, hurry: None
) -> None:
    running.script = script
    add("tiny", provider)
    with pytest.raises(ModelUnavailable):
        ask()
    assert spent(database) >= 500 * 20 if is_paid else spent(database) == 0
    assert set(outcomes(database)) == {"unavailable"}


def page(exchange: Exchange) -> None:
    exchange.send(200, b"<html>please sign in</html>")


def empty(exchange: Exchange) -> None:
    exchange.send(200, b"{}")


def babble(exchange: Exchange) -> None:
    exchange.answer("I would rather not.")


def wrong(exchange: Exchange) -> None:
    exchange.answer('{"count": "many"}')


def too_long(exchange: Exchange) -> None:
    exchange.answer('{"count": 3}', finish="length")


@every_dialect
@pytest.mark.parametrize("script", [page, empty, babble, wrong, too_long])
def test_garbage_is_an_invalid_answer_and_is_paid(
    running: Simulator, database: Database, add: Add, provider: str, script: Script
) -> None:
    running.script = script
    add("tiny", provider)
    with pytest.raises(AnswerInvalid):
        ask()
    assert spent(database) > 0
    assert outcomes(database) == ["invalid"]


@pytest.mark.parametrize(
    ("provider", "body"),
    [
        (
            "openai",
            b'{"choices": [{"message": {"content": null, "refusal": "I cannot help"}, "finish_reason": "stop"}]}',
        ),
        ("anthropic", b'{"content": [], "stop_reason": "refusal", "usage": {"input_tokens": 5, "output_tokens": 1}}'),
        ("google", b'{"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 5}}'),
        ("google", b'{"candidates": [{"finishReason": "RECITATION"}], "usageMetadata": {"promptTokenCount": 5}}'),
    ],
)
def test_a_model_that_declines_says_so(
    running: Simulator, database: Database, add: Add, provider: str, body: bytes
) -> None:
    running.script = lambda exchange: exchange.send(200, body)
    add("tiny", provider)
    with pytest.raises(AnswerInvalid, match="would not answer"):
        ask()


@every_dialect
def test_who_cannot_count_is_charged_at_the_worst(
    running: Simulator, database: Database, add: Add, provider: str
) -> None:
    running.script = lambda exchange: exchange.answer('{"count": 3}', usage={"prompt_tokens": -5})
    add("tiny", provider)
    assert ask().cost_micro == spent(database) >= 500 * 20


@pytest.mark.parametrize(
    ("provider", "status", "body"),
    [
        ("openai", 401, b"{}"),
        ("anthropic", 401, b'{"type": "error", "error": {"type": "authentication_error"}}'),
        ("anthropic", 403, b"{}"),
        ("google", 400, b'{"error": {"code": 400, "details": [{"reason": "API_KEY_INVALID"}]}}'),
        ("google", 403, b"{}"),
    ],
)
def test_a_key_that_is_refused_is_not_tried_again_and_again(
    running: Simulator, database: Database, add: Add, provider: str, status: int, body: bytes
) -> None:
    running.script = lambda exchange: exchange.send(status, body)
    add("tiny", provider)
    for _ in range(6):
        with pytest.raises(KeyRefused, match="on the page Models") as caught:
            ask()
        assert KEY not in str(caught.value)
    assert len(running.exchanges) == 1
    assert spent(database) == 0


def test_thoughts_have_room_beside_the_answer(running: Simulator, database: Database, add: Add) -> None:
    add("tiny", "anthropic", room=3000)
    ask()
    assert running.exchanges[0].question["max_tokens"] == 3500
