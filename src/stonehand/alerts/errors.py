"""What can go wrong with alerts."""

from __future__ import annotations

from stonehand.errors import NotFound, Rejected


class AlertNotFound(NotFound):
    """No such alert."""


class NoWay(Rejected):
    """No way is set by which anybody could be told."""


class MuteUnfit(Rejected):
    """This cannot be muted, or not for so long."""
