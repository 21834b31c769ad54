"""How prominent a story is, and its state.

prominence = log2(1 + outlets) x (1 + growth) x 2^(-age / 24 h), where growth is the share of its latest articles that
came within 24 h of the last one (0 for a single article) and age is that of the last article; an unknown date counts
as one half-life. The decay is the same for all, so the stored rank is log2 of the first two factors plus the last
article's time in half-lives: its order never needs renewal.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

from stonehand.stories.states import StoryState

HALF_LIFE = timedelta(hours=24)


def growth(latest: Sequence[datetime]) -> float:
    """The share of these articles that came within a half-life of the last; 0 if there is one."""
    if len(latest) < 2:
        return 0.0
    edge = max(latest) - HALF_LIFE
    return sum(moment > edge for moment in latest) / len(latest)


def rank(outlets: int, latest: Sequence[datetime], last_dated: datetime | None) -> float:
    """The number by which stories are ordered; one more is twice the prominence. `latest` has at least one time."""
    effective = last_dated or max(latest) - HALF_LIFE
    return math.log2(math.log2(1 + outlets) * (1 + growth(latest))) + effective.timestamp() / HALF_LIFE.total_seconds()


def prominence(rank: float, moment: datetime) -> float:
    """What the stored rank is worth at a moment, by the formula above."""
    return float(2 ** (rank - moment.timestamp() / HALF_LIFE.total_seconds()))


def state(outlets: int) -> StoryState:
    """Emerging while one outlet has it; developing from the second on."""
    return StoryState.DEVELOPING if outlets > 1 else StoryState.EMERGING
