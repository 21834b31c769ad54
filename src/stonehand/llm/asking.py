"""Ask a question and get a typed answer, within the budgets. The only way the rooms reach a language model.

Models are asked in their order until one answers. Unlike a room's service this opens its own short transactions: money
is written down even if the work it was for fails.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from stonehand import db, log
from stonehand.limits import circuits
from stonehand.limits.errors import BreakerOpen
from stonehand.llm import calling, configured, refusals, turns
from stonehand.llm.calling import Errand, Paid
from stonehand.llm.configured import Candidate
from stonehand.llm.dialects.shapes import Question
from stonehand.llm.errors import (
    AllowanceSpent,
    AnswerInvalid,
    BudgetSpent,
    KeyRefused,
    ModelNotConfigured,
    ModelRefused,
    ModelUnavailable,
    NoModelAnswered,
    ProviderBusy,
)
from stonehand.llm.payers import NOBODY, Payer
from stonehand.llm.prices import Message
from stonehand.vault import SecretUnreadable

TIMEOUT = 240.0  # seconds for one answer, whoever gives it; each model has a shorter time of its own
Failure = (
    ModelRefused
    | ModelUnavailable
    | AnswerInvalid
    | BudgetSpent
    | AllowanceSpent
    | ProviderBusy
    | BreakerOpen
    | SecretUnreadable
)
FAILURES = get_args(Failure)
Shape = TypeVar("Shape", bound=BaseModel)
_logger = log.logger(__name__)


@dataclass(frozen=True)
class Answer(Generic[Shape]):
    """A checked answer, who gave it, and what it cost in millionths of the budgets' currency.

    `model_id` is the configured model's. Tokens are None where the server does not count them.
    """

    value: Shape
    model: str
    cost_micro: int
    model_id: str = configured.ENVIRONMENT
    input_tokens: int | None = None
    output_tokens: int | None = None


def is_configured() -> bool:
    """Whether anybody has named a model that serves everybody, or only some."""
    with db.database().read() as session:
        return configured.is_any(session)


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

    The model `model_id` is asked first, if there is one; then the payer's own, then those for everybody, until one
    gives an answer that fits. Some servers answer 400 or 500 to a JSON schema, others ignore it: the first kind is
    asked once more without it, and every answer is validated here.

    Raises `ModelNotConfigured`; of the only one `BudgetSpent`, `AllowanceSpent`, `ModelUnavailable`, `ModelRefused`,
    `AnswerInvalid`, and without asking `ProviderBusy` and `BreakerOpen`; of several `ProviderBusy` if one can be asked
    soon, else `NoModelAnswered` or what they all had in common.
    """
    errand = Errand(Question(messages, max_tokens, shape.model_json_schema()), purpose, payer)
    failures: list[tuple[Candidate, Failure]] = []
    until = time.monotonic() + TIMEOUT
    for candidate in _to_ask(payer, model_id):
        left = until - time.monotonic()
        if failures and left <= 0:
            break
        try:
            return _answer(candidate, errand, shape, left)
        except FAILURES as error:
            failures.append((candidate, error))
            _logger.warning("a language model did not answer", model=candidate.name, reason=str(error))
    raise _verdict(failures)


def _to_ask(payer: Payer, model_id: str) -> list[Candidate]:
    with db.database().read() as session:
        found = configured.to_ask(session, payer.user_id, model_id)
    if not found:
        raise ModelNotConfigured(
            "no language model is configured; add one on the page Models or with: stonehand models add"
            " (or set STONEHAND_LLM_BASE_URL and STONEHAND_LLM_MODEL)"
        )
    if model_id and found[0].id != model_id:
        _logger.warning("the chosen language model is gone or not for this user", model_id=model_id)
    return found


def _answer(candidate: Candidate, errand: Errand, shape: type[Shape], seconds: float) -> Answer[Shape]:
    refusals.check(candidate)
    turns.wait(candidate)
    try:
        with circuits.through(candidate.host, turns.outcome_of):
            paid = calling.call(candidate, errand, seconds)
    except KeyRefused as error:
        refusals.note(candidate, error)
        raise
    refusals.forget(candidate)
    usage = paid.completion.usage
    return Answer(
        value=_checked(paid, shape),
        model=candidate.model,
        cost_micro=paid.cost_micro,
        model_id=candidate.id,
        input_tokens=usage.input_tokens if usage else None,
        output_tokens=usage.output_tokens if usage else None,
    )


def _checked(paid: Paid, shape: type[Shape]) -> Shape:
    try:
        return parse(paid.completion.text, shape, paid.completion.is_cut, paid.completion.refusal)
    except AnswerInvalid:
        calling.was_unusable(paid)
        raise


def parse(text: str, shape: type[Shape], is_cut: bool = False, refusal: str = "") -> Shape:
    """The JSON object in `text`, which may stand in a code fence or between polite words. Raises `AnswerInvalid`."""
    if refusal:
        raise AnswerInvalid(f"the language model would not answer: {refusal}")
    if is_cut:
        raise AnswerInvalid("the language model's answer was cut off, because it was too long; give it more room")
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start:
        raise AnswerInvalid("the language model did not answer with a JSON object")
    try:
        return shape.model_validate_json(text[start : end + 1])
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors(include_input=False)[0]["loc"])
        raise AnswerInvalid(f"the language model's answer does not fit at {where or 'its top'}") from error


def _verdict(failures: Sequence[tuple[Candidate, Failure]]) -> Failure | NoModelAnswered:
    """What to say if nobody answered. A turn that is only a matter of waiting goes before all."""
    errors = [error for _, error in failures]
    busy = [error for error in errors if isinstance(error, ProviderBusy)]
    if busy:
        return min(busy, key=lambda error: error.retry_after or 0.0)
    waits = [error for error in errors if isinstance(error, (ModelUnavailable, BreakerOpen))]
    if len(errors) == 1 or not waits:
        return errors[0]
    said = "; ".join(f"{candidate.name}: {error}" for candidate, error in failures)
    soonest = min((error.retry_after for error in waits if error.retry_after), default=None)
    return NoModelAnswered(f"no language model answered ({said})", soonest)
