"""What can be wrong with stories."""

from __future__ import annotations

from stonehand.errors import NotFound


class StoryNotFound(NotFound):
    """There is no such story."""
