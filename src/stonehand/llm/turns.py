"""When a provider may be asked: at the pace a person has set, and not while it asks to be left alone."""

from __future__ import annotations

import time

from stonehand import db
from stonehand.http_client import outcome_of as outcome_of_request
from stonehand.limits import pacing
from stonehand.limits.circuits import Outcome
from stonehand.llm.errors import AnswerInvalid, AnswerUnreadable, ModelRefused, ModelUnavailable, ProviderBusy

PATIENCE = 2.0  # seconds a worker waits for its turn; longer waits are slept in the queue


def wait(provider: str) -> None:
    """Wait for our turn, if it is near. Raises `ProviderBusy`, and `ModelUnavailable` while it wants to be alone."""
    with db.database().transaction() as session:
        rest = pacing.rest(session, provider)
        if rest:
            raise ModelUnavailable(f"the language model asked to be left alone for {rest:.0f} s more", rest)
        turn = pacing.reserve(session, provider, 0.0)
        if turn > PATIENCE:  # raised inside, so that the slot is given back
            raise ProviderBusy(f"the language model can be asked again in {turn:.0f} s, at the pace that was set", turn)
    if turn:
        time.sleep(turn)


def heed(provider: str, error: ModelRefused | ModelUnavailable) -> None:
    """If it asks to be left alone, all workers leave it alone."""
    if isinstance(error, ModelUnavailable) and error.retry_after:
        with db.database().transaction() as session:
            pacing.defer(session, provider, error.retry_after)


def outcome_of(error: BaseException) -> Outcome:
    """What an error says about the provider. A refusal, 429 or a wrong shape is an answer; garbage is not."""
    if isinstance(error, AnswerUnreadable):
        return Outcome.FAILED
    if isinstance(error, ModelUnavailable):
        refused = outcome_of_request(error.__cause__) is Outcome.ANSWERED and error.__cause__ is not None
        return Outcome.ANSWERED if refused else Outcome.FAILED
    return Outcome.ANSWERED if isinstance(error, (ModelRefused, AnswerInvalid)) else Outcome.UNKNOWN
