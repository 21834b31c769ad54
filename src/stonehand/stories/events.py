"""Facts about stories."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class StoryGrown:
    """A story began, or gained articles."""

    story_id: str
