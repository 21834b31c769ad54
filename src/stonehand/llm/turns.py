"""When a model may be asked: at the pace a person has set, and not while it asks to be left alone.

The pace of a server holds for all models there; that of a model, and its wish to be left alone, for this model only,
since another one may have another key.
"""

from __future__ import annotations

import time

from stonehand import db
from stonehand.http_client import outcome_of as outcome_of_request
from stonehand.limits import pacing
from stonehand.limits.circuits import Outcome
from stonehand.llm.configured import Candidate
from stonehand.llm.errors import AnswerInvalid, AnswerUnreadable, ModelRefused, ModelUnavailable, ProviderBusy

PATIENCE = 2.0  # seconds a worker waits for its turn; longer waits are slept in the queue
UNSAID_PAUSE = 15.0  # seconds for which it is left alone that says 429 and not for how long
TOO_MANY = 429


def wait(candidate: Candidate) -> None:
    """Wait for our turn, if it is near. Raises `ProviderBusy`, and `ModelUnavailable` while it wants to be alone."""
    with db.database().read() as session:
        rest = pacing.rest(session, candidate.slot)
        is_paced = pacing.intervals(session, [candidate.host], 0.0)[candidate.host] > 0
    if rest:
        raise ModelUnavailable(f"the language model asked to be left alone for {rest:.0f} s more", rest)
    if is_paced or candidate.per_minute:
        _take_turn(candidate)


def _take_turn(candidate: Candidate) -> None:
    with db.database().transaction() as session:
        turn = pacing.reserve(session, candidate.host, 0.0)
        if candidate.per_minute:
            turn = max(turn, pacing.reserve_every(session, candidate.slot, 60.0 / candidate.per_minute))
        if turn > PATIENCE:  # raised inside, so that the slots are given back
            raise ProviderBusy(f"the language model can be asked again in {turn:.0f} s, at the pace that was set", turn)
    if turn:
        time.sleep(turn)


def heed(candidate: Candidate, error: ModelUnavailable) -> None:
    """If it asks to be left alone, all workers leave it alone."""
    is_too_much = getattr(error.__cause__, "code", None) == TOO_MANY
    if error.retry_after or is_too_much:
        with db.database().transaction() as session:
            pacing.defer(session, candidate.slot, error.retry_after or UNSAID_PAUSE)


def outcome_of(error: BaseException) -> Outcome:
    """What an error says about the provider. A refusal, 429 or a wrong shape is an answer; garbage is not."""
    if isinstance(error, AnswerUnreadable):
        return Outcome.FAILED
    if isinstance(error, ModelUnavailable):
        refused = outcome_of_request(error.__cause__) is Outcome.ANSWERED and error.__cause__ is not None
        return Outcome.ANSWERED if refused else Outcome.FAILED
    return Outcome.ANSWERED if isinstance(error, (ModelRefused, AnswerInvalid)) else Outcome.UNKNOWN
