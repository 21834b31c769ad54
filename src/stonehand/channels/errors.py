"""What can go wrong with channels."""

from __future__ import annotations

from stonehand.channels.interfaces import ArrivalDisputed, ArrivalUnknown, ConfigUnfit, LoginRefused
from stonehand.errors import Conflict, NotFound, Rejected


class ChannelNotFound(NotFound):
    """No such channel."""


class ChannelNameTaken(Conflict):
    """Another channel has this name, or one that is written the same in paths."""


class ChannelNameUnfit(Rejected):
    """A channel's name needs a letter or digit."""


class EyesUnknown(Rejected):
    """Not a way to say who approves."""


class ChannelDisabled(Conflict):
    """The channel is switched off."""


__all__ = [
    "ArrivalDisputed",
    "ArrivalUnknown",
    "ChannelDisabled",
    "ChannelNameTaken",
    "ChannelNameUnfit",
    "ChannelNotFound",
    "ConfigUnfit",
    "EyesUnknown",
    "LoginRefused",
]
