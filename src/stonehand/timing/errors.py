"""What can go wrong with times."""

from __future__ import annotations

from stonehand.errors import Conflict, NotFound, Rejected


class CadenceUnfit(Rejected):
    """A channel cannot keep such hours."""


class TimeUnfit(Rejected):
    """No piece can go out at such a time."""


class NothingScheduled(NotFound):
    """There is no time that could be taken back."""


class TooLateToMove(Conflict):
    """It has gone out, or is on its way."""


class AddressUnknown(NotFound):
    """An address for programs that leads nowhere."""
