"""What can go wrong with posts."""

from __future__ import annotations

from stonehand.errors import Conflict, NotFound


class VersionNotFound(NotFound):
    """A post has no version of this number."""


class DeedImpossible(Conflict):
    """The post's status does not allow this."""


class CopyOvertaken(Conflict):
    """Another window of the same person has kept a newer working copy."""


class NothingChanged(Conflict):
    """There is nothing new to hand in."""
