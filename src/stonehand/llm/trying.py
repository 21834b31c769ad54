"""Trying a model out: a tiny question, asked at once and paid for like any other."""

from __future__ import annotations

import time
from dataclasses import dataclass

from pydantic import BaseModel

from stonehand import db
from stonehand.accounts.permissions import Person
from stonehand.errors import StonehandError
from stonehand.llm import asking, calling, refusals, service
from stonehand.llm.calling import Errand, Paid
from stonehand.llm.dialects.shapes import Question
from stonehand.llm.errors import AnswerInvalid, KeyRefused
from stonehand.llm.payers import Payer
from stonehand.llm.prices import Message

PURPOSE = "llm.test"
MAX_TOKENS = 200


class Sum(BaseModel):
    """What is asked for."""

    total: int


QUESTION = (
    Message("system", 'You check a connection. Answer with one JSON object: {"total": integer}.'),
    Message("user", "How much is 19 and 23 together?"),
)
TOTAL = 42


@dataclass(frozen=True)
class Tried:
    """What came of it. `model` is what the server calls its model; `trouble` says what is wrong and how to mend it.

    A model that `answered` may still have given an answer that nobody can use; it was paid for all the same.
    """

    is_well: bool
    milliseconds: int
    model: str = ""
    cost_micro: int = 0
    input_tokens: int | None = None
    output_tokens: int | None = None
    trouble: str = ""
    answered: bool = True


def attempt(person: Person, model_id: str) -> Tried:
    """Ask the model now, whatever its breaker says: a person wants to know. Holds no transaction while it waits.

    Raises `ModelNotFound`, `PermissionMissing`.
    """
    with db.database().read() as session:
        candidate = service.changeable(session, person, model_id)
    errand = Errand(Question(QUESTION, MAX_TOKENS, Sum.model_json_schema()), PURPOSE, Payer(user_id=person.id))
    began = time.monotonic()
    try:
        paid = calling.call(candidate, errand, asking.TIMEOUT)
        refusals.forget(candidate)
    except StonehandError as error:
        if isinstance(error, KeyRefused):
            refusals.note(candidate, error)
        return Tried(False, _since(began), trouble=f"It does not answer: {error}.", answered=False)
    said, counted, trouble = paid.completion, paid.completion.usage, _unusable(paid)
    return Tried(
        is_well=not trouble,
        milliseconds=_since(began),
        model=said.model or candidate.model,
        cost_micro=paid.cost_micro,
        input_tokens=counted.input_tokens if counted else None,
        output_tokens=counted.output_tokens if counted else None,
        trouble=trouble,
    )


def _unusable(paid: Paid) -> str:
    """What is wrong with the answer, in a sentence; empty if nothing is."""
    said, other = paid.completion, "another model, or a larger one, may do better"
    try:
        total = asking.parse(said.text, Sum, said.is_cut, said.refusal).total
    except AnswerInvalid as error:
        calling.was_unusable(paid)
        return f"It answers, so address and key are right, but nobody can use what it says: {error}; {other}."
    if total != TOTAL:
        return f"It answers, so address and key are right, but it says that 19 and 23 are {total}; {other}."
    return ""


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
