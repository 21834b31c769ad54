"""What can go wrong with limits, and what they say when they hold."""

from __future__ import annotations

from stonehand.errors import NotFound, Rejected, Unavailable


class RateUnusable(Rejected):
    """A rate is not like `10/m`."""


class TargetUnknown(Rejected):
    """Not something that can be paused or limited."""


class NotYet(Unavailable):
    """Nothing was asked, since it is not the time for it: a job waits, and no try is counted.

    `gate` names what it waits for, if that may open before its time.
    """

    gate: str | None = None


class BreakerNotFound(NotFound):
    """Nothing is known of this breaker."""


class BreakerOpen(NotYet):
    """What we wanted to ask does not answer, or somebody has paused it; nothing was asked.

    `name` is the breaker's, such as `host:example.org:443`; the message is what it is called, and what is said of it.
    """

    def __init__(self, name: str, called: str, said: str, retry_after: float) -> None:
        super().__init__(f"{called} {said}", retry_after)
        self.name = self.gate = name
        self._said, self._seconds = said, retry_after

    def calling_it(self, called: str) -> BreakerOpen:
        """The same in other words for it: a channel has a name that people know."""
        return BreakerOpen(self.name, called, self._said, self._seconds)
