"""One call to one model, paid for: the worst cost is reserved before it, the real one settled after it."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import timedelta

from stonehand import db
from stonehand.http_client import AddressForbidden, HostUnavailable, UrlMalformed
from stonehand.llm import ledger, turns
from stonehand.llm.configured import Candidate
from stonehand.llm.dialects import sending
from stonehand.llm.dialects.shapes import Completion, Question, Server
from stonehand.llm.errors import AnswerInvalid, BudgetSpent, KeyRefused, ModelRefused, ModelUnavailable
from stonehand.llm.ledger import Ending, Wanted
from stonehand.llm.payers import Payer
from stonehand.llm.prices import Usage, most_tokens

NO_SCHEMAS = frozenset({400, 422, 500, 501})  # what servers answer that cannot do a JSON schema
NEVER_SENT = ("ConnectError", "ConnectTimeout")
SLACK = timedelta(seconds=30)  # for what a call needs beside the waiting


@dataclass(frozen=True)
class Paid:
    """What a model said, what it cost in millionths, and the call it was."""

    completion: Completion
    cost_micro: int
    call_id: str


@dataclass(frozen=True)
class Errand:
    """What is asked, what for, and at whose cost."""

    question: Question
    purpose: str
    payer: Payer


def call(candidate: Candidate, errand: Errand, timeout: float) -> Paid:
    """Ask, and once more without the schema if the server cannot do one. Raises what `sending.complete` raises."""
    server = candidate.server(timeout)
    errand = replace(errand, question=_with_room(errand.question, candidate.room))
    try:
        return _paid(candidate, server, errand)
    except (ModelRefused, ModelUnavailable) as error:
        if errand.question.schema is None or not _is_about_schema(error):
            raise
        return _paid(candidate, server, replace(errand, question=replace(errand.question, schema=None)))


def _with_room(question: Question, room: int) -> Question:
    return replace(question, max_tokens=question.max_tokens + room)


def _is_about_schema(error: Exception) -> bool:
    return not isinstance(error, KeyRefused) and getattr(error.__cause__, "code", None) in NO_SCHEMAS


def _paid(candidate: Candidate, server: Server, errand: Errand) -> Paid:
    call_id, worst = _reserved(candidate, errand, server.timeout)
    began = time.monotonic()
    try:
        completion = sending.complete(server, errand.question)
    except ModelRefused as error:
        _settle(call_id, Ending(0 if _was_free(error) else None, outcome="refused", took_ms=_since(began)))
        raise
    except ModelUnavailable as error:
        _settle(call_id, Ending(0 if _was_free(error) else None, outcome="unavailable", took_ms=_since(began)))
        turns.heed(candidate, error)
        raise
    except BaseException as error:
        outcome = "invalid" if isinstance(error, AnswerInvalid) else ledger.CRASHED
        _settle(call_id, Ending(None, outcome=outcome, took_ms=_since(began)))
        raise
    cost = worst if completion.usage is None else candidate.prices.cost(completion.usage)
    _settle(call_id, Ending(cost, completion.usage, took_ms=_since(began)))
    return Paid(completion, cost, call_id)


def _reserved(candidate: Candidate, errand: Errand, timeout: float) -> tuple[str, int]:
    asked = errand.question
    worst = Usage(most_tokens(asked.messages, str(asked.schema or "")), asked.max_tokens)
    wanted = Wanted(
        purpose=errand.purpose,
        model=candidate.model,
        worst_micro=candidate.prices.cost(worst),
        worst_tokens=worst.input_tokens + worst.output_tokens,
        model_id=candidate.id,
        payer=errand.payer,
        at_once=candidate.at_once,
        longest=timedelta(seconds=timeout) + SLACK,
    )
    try:
        with db.database().transaction() as session:
            return ledger.reserve(session, wanted), wanted.worst_micro
    except BudgetSpent as error:
        with db.database().transaction() as session:
            ledger.turn_away(session, error.span)
        raise


def _was_free(error: Exception) -> bool:
    """A server that answered an error status, or was never reached, made no text; one that went silent may have."""
    cause = error.__cause__
    never_sent = isinstance(cause, (AddressForbidden, UrlMalformed)) or (
        isinstance(cause, HostUnavailable) and type(cause.__cause__).__name__ in NEVER_SENT
    )
    return never_sent or getattr(cause, "code", None) is not None


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


def _settle(call_id: str, ending: Ending) -> None:
    with db.database().transaction() as session:
        ledger.settle(session, call_id, ending)


def was_unusable(paid: Paid) -> None:
    """Note that an answer was paid for and could not be used."""
    with db.database().transaction() as session:
        ledger.judge(session, paid.call_id, "invalid")
