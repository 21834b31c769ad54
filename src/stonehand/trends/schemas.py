"""Shapes of trends at the border."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from stonehand.stories.models import Story
from stonehand.trends.models import Trend


class TrendOut(BaseModel):
    """A trend in a list."""

    story_id: str
    title: str
    state: str
    score: float
    velocity: float
    surprise: float
    slope: float
    why: str
    article_count: int
    outlet_count: int
    first_at: datetime
    last_at: datetime
    alarmed_at: datetime | None
    state_since: datetime
    updated_at: datetime
    is_sample: bool

    @classmethod
    def of(cls, trend: Trend, story: Story) -> TrendOut:
        """The shape of one trend."""
        return cls(**_values(cls, trend, story))


class PointOut(BaseModel):
    """What a trend was like at a time."""

    at: datetime
    velocity: float
    score: float
    reports: int


class TurnOut(BaseModel):
    """A change of state. `was` is null for the first."""

    at: datetime
    was: str | None
    became: str
    why: str


class TrendDetail(TrendOut):
    """A trend with the parts of its score, and how it went."""

    parts: dict[str, Any]
    peak_velocity: float
    peak_at: datetime
    history: list[PointOut]
    turns: list[TurnOut]

    @classmethod
    def of(cls, trend: Trend, story: Story) -> TrendDetail:
        """The shape of one trend in full."""
        turns = [TurnOut(at=each["at"], was=each["from"], became=each["to"], why=each["why"]) for each in trend.turns]
        return cls(
            **_values(cls, trend, story) | {"turns": turns, "history": [PointOut(**each) for each in trend.history]}
        )


def _values(shape: type[BaseModel], trend: Trend, story: Story) -> dict[str, Any]:
    return {
        name: getattr(trend if hasattr(trend, name) else story, name)
        for name in shape.model_fields
        if name not in ("turns", "history")
    }
