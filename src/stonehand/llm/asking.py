"""Ask a question and get a typed answer, within the budget. The only way the rooms reach a language model.

Unlike a room's service it opens its own short transactions: money is written down even if the work it was for fails.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from stonehand import config, db
from stonehand.http_client import AddressForbidden, HostUnavailable, UrlMalformed
from stonehand.limits import circuits, names
from stonehand.llm import ledger, openai_compatible, turns
from stonehand.llm.errors import AnswerInvalid, ModelNotConfigured, ModelRefused, ModelUnavailable
from stonehand.llm.openai_compatible import Completion, Server
from stonehand.llm.payers import NOBODY, Payer
from stonehand.llm.prices import Message, Prices

TIMEOUT = 60.0  # seconds for one answer, all of it
Shape = TypeVar("Shape", bound=BaseModel)


@dataclass(frozen=True)
class Answer(Generic[Shape]):
    """A checked answer, who gave it, and what it cost in millionths of the budget's currency."""

    value: Shape
    model: str
    cost_micro: int


def is_configured() -> bool:
    """Whether an operator has named a model."""
    return bool(config.settings().llm_base_url)


def ask(
    messages: Sequence[Message],
    shape: type[Shape],
    *,
    purpose: str,
    max_tokens: int = 2000,
    payer: Payer = NOBODY,
    model_id: str = "",
) -> Answer[Shape]:
    """Ask for an answer in the shape of a Pydantic model.

    Some servers answer 400 or 500 to a JSON schema, others ignore it: the first kind is asked once more without it,
    and every answer is validated here. Raises `BudgetSpent`, `ModelUnavailable`, `ModelRefused`, `AnswerInvalid`, and
    without asking `ProviderBusy` and `BreakerOpen`.
    """
    provider = names.provider(_server().base_url)
    turns.wait(provider)
    with circuits.through(provider, turns.outcome_of):
        completion, cost = _asked(messages, purpose, max_tokens, shape.model_json_schema(), provider)
    return Answer(_parse(completion.text, shape), config.settings().llm_model, cost)


def _asked(
    messages: Sequence[Message], purpose: str, max_tokens: int, schema: dict[str, Any], provider: str
) -> tuple[Completion, int]:
    try:
        return _paid(messages, purpose, max_tokens, schema)
    except (ModelRefused, ModelUnavailable) as error:
        turns.heed(provider, error)
        if not _about_schema(error):
            raise
        return _paid(messages, purpose, max_tokens, None)


def _about_schema(error: Exception) -> bool:
    status = getattr(error.__cause__, "code", None)
    return status in {400, 422, 500, 501}


def _paid(
    messages: Sequence[Message], purpose: str, max_tokens: int, schema: dict[str, Any] | None
) -> tuple[Completion, int]:
    server, prices = _server(), _prices()
    worst = prices.worst(messages, max_tokens, str(schema or ""))
    budget = round(config.settings().llm_daily_budget * 1_000_000)
    with db.database().transaction() as session:
        call = ledger.reserve(session, purpose=purpose, model=server.model, worst_micro=worst, budget_micro=budget)
    try:
        completion = openai_compatible.complete(server, messages, max_tokens, schema)
    except (ModelRefused, ModelUnavailable) as error:
        _settle(call, 0 if _was_free(error) else None)
        raise
    except BaseException:
        _settle(call, None)
        raise
    cost = worst if completion.usage is None else prices.cost(completion.usage)
    with db.database().transaction() as session:
        ledger.settle(session, call, cost, completion.usage)
    return completion, cost


def _was_free(error: Exception) -> bool:
    """A server that answered an error status, or was never reached, made no text; one that went silent may have."""
    cause = error.__cause__
    never_sent = isinstance(cause, (AddressForbidden, UrlMalformed)) or (
        isinstance(cause, HostUnavailable) and type(cause.__cause__).__name__ in {"ConnectError", "ConnectTimeout"}
    )
    return never_sent or getattr(cause, "code", None) is not None


def _settle(call: str, cost: int | None) -> None:
    with db.database().transaction() as session:
        ledger.settle(session, call, cost)


def _server() -> Server:
    settings = config.settings()
    if not settings.llm_base_url:
        raise ModelNotConfigured("no language model is configured; set STONEHAND_LLM_BASE_URL and STONEHAND_LLM_MODEL")
    return Server(settings.llm_base_url, settings.llm_api_key.get_secret_value(), settings.llm_model, TIMEOUT)


def _prices() -> Prices:
    settings = config.settings()
    return Prices(settings.llm_input_price, settings.llm_output_price)


def _parse(text: str, shape: type[Shape]) -> Shape:
    """The JSON object in `text`, which may stand in a code fence or between polite words."""
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start:
        raise AnswerInvalid("the language model did not answer with a JSON object")
    try:
        return shape.model_validate_json(text[start : end + 1])
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors(include_input=False)[0]["loc"])
        raise AnswerInvalid(f"the language model's answer does not fit at {where or 'its top'}") from error
