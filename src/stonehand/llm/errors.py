"""What can go wrong when a language model is asked.

Rejected
├── ModelNotConfigured   there is none to ask
├── ModelRefused         a wrong address, an unknown model, or a request that its server cannot read
│   └── KeyRefused       its server does not take our key
├── AnswerInvalid        an answer in another shape than was asked for
│   └── AnswerUnreadable   no answer of a model at all
├── BudgetSpent          a budget does not cover the worst that a call could cost
├── AllowanceSpent       what was set aside for the job does not cover it
└── ModelUnfit, ProviderUnknown, PriceUnknown, BudgetUnfit   what a person wrote about a model or a budget
NotFound ── ModelNotFound, BudgetNotFound
Conflict ── ModelNameTaken
Unavailable
├── ModelUnavailable     down, slow, or it asks us to wait
├── NoModelAnswered      none of several answered
└── NotYet ── ProviderBusy   it is not our turn; nothing was asked
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from stonehand.errors import Conflict, NotFound, Rejected, Unavailable
from stonehand.limits.errors import NotYet

if TYPE_CHECKING:
    from stonehand.llm.spans import Span


class ModelNotConfigured(Rejected):
    """No language model is configured."""


class ModelRefused(Rejected):
    """The model's server refused the request: an unknown model, a wrong address, or a request it cannot read."""


class KeyRefused(ModelRefused):
    """The model's server does not take our key."""


class AnswerInvalid(Rejected):
    """The model answered in another shape than was asked for. Asking again costs again, so no job does."""


class AnswerUnreadable(AnswerInvalid):
    """What came back is no answer of a model at all, so it is the server's fault."""


class ModelUnavailable(Unavailable):
    """The model's server is down, slow, or asks us to wait."""


class NoModelAnswered(Unavailable):
    """Several were asked, one after the other, and none answered."""


class ProviderBusy(NotYet):
    """A person has limited how often it may be asked, and it is not our turn; nothing was asked."""


class BudgetSpent(Rejected):
    """A budget does not cover the worst that this call could cost. `span` says which one."""

    def __init__(self, message: str, resets_at: datetime, span: Span) -> None:
        super().__init__(message)
        self.resets_at = resets_at
        self.span = span


class AllowanceSpent(Rejected):
    """What was set aside for the present job does not cover the worst that this call could cost."""


class ModelUnfit(Rejected):
    """A configuration that cannot work."""


class ProviderUnknown(Rejected):
    """No provider of this name."""


class PriceUnknown(Rejected):
    """Nobody said what a model costs, so no budget could hold."""


class BudgetUnfit(Rejected):
    """A budget of something that has none, or of less than nothing."""


class ModelNotFound(NotFound):
    """There is no such model, or it is somebody else's."""


class BudgetNotFound(NotFound):
    """There is no such budget."""


class ModelNameTaken(Conflict):
    """Another model has this name."""
