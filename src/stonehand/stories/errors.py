"""What can be wrong with stories."""

from __future__ import annotations

from stonehand.errors import NotFound, Rejected


class StoryNotFound(NotFound):
    """There is no such story."""


class SplitUnfit(Rejected):
    """Stories cannot be split or merged in this way."""
