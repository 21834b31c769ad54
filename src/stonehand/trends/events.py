"""Facts about trends."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TrendTurned:
    """A story became a trend, or its state changed."""

    story_id: str
