"""What can be wrong with trends."""

from __future__ import annotations

from stonehand.errors import NotFound, Rejected


class TrendNotFound(NotFound):
    """The story is no trend."""


class NumberUnfit(Rejected):
    """A number that a task was given is none, or is out of bounds."""


class CollectionFailed(Rejected):
    """The sources could not be looked at, so there is nothing to process."""
