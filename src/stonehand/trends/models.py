"""The table of trends: the stories that were worth watching, and how they went."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from stonehand.db import Base, Mapped, mapped_column
from stonehand.trends.states import TrendState

_KNOWN = ", ".join(repr(each.value) for each in TrendState)


class Trend(Base):
    """A story as a trend. `alarmed_at` is when it last stood out of chance.

    `history` holds up to 50 of {"at", "velocity", "score", "reports"}, `turns` up to 20 of {"at", "from", "to", "why"},
    the oldest first; `parts` are those of the score.
    """

    __tablename__ = "trends"
    __table_args__ = (
        sa.CheckConstraint(f"state IN ({_KNOWN})", name="state_known"),
        sa.Index("ix_trends_state_score", "state", sa.text("score DESC")),
        sa.Index("ix_trends_score", sa.text("score DESC")),
    )

    story_id: Mapped[str] = mapped_column(sa.ForeignKey("stories.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[str]
    score: Mapped[float]
    velocity: Mapped[float]
    surprise: Mapped[float]
    slope: Mapped[float]
    why: Mapped[str]
    parts: Mapped[dict[str, Any]]
    history: Mapped[list[Any]]
    turns: Mapped[list[Any]]
    peak_velocity: Mapped[float]
    peak_at: Mapped[datetime]
    alarmed_at: Mapped[datetime | None]
    state_since: Mapped[datetime]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime] = mapped_column(index=True)
