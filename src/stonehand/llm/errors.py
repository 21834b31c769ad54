"""What can go wrong when a language model is asked."""

from __future__ import annotations

from datetime import datetime

from stonehand.errors import Rejected, Unavailable
from stonehand.limits.errors import NotYet


class ModelNotConfigured(Rejected):
    """No language model is configured."""


class ModelRefused(Rejected):
    """The model's server refused the request: a wrong key, an unknown model, or a request it cannot read."""


class AnswerInvalid(Rejected):
    """The model answered in another shape than was asked for. Asking again costs again, so no job does."""


class AnswerUnreadable(AnswerInvalid):
    """What came back is no chat completion at all, so it is the server's fault."""


class ModelUnavailable(Unavailable):
    """The model's server is down, slow, or asks us to wait."""


class ProviderBusy(NotYet):
    """A person has limited how often it may be asked, and it is not our turn; nothing was asked."""


class BudgetSpent(Rejected):
    """Today's budget does not cover the worst this call could cost."""

    def __init__(self, message: str, resets_at: datetime) -> None:
        super().__init__(message)
        self.resets_at = resets_at
