"""The score of a trend, from 0 to 100, and its velocity. Pure.

score = (0.5 E + 0.2 R + 0.2 V + 0.1 D) x decay x boost, at most 100

    E = 10 log10(engagement), at most 100; engagement = up + 2 comments + 3 shares + 0.1 views
    R = 100 x 2^(-age / 24 h), of the last report
    V = 15 log10(engagement without views / hours), at most 100; hours from the first to the last report, at least one
    D = 20, 50, 70, 100 for one, two, three, four outlets or more
    decay = 2^(-silence / 48 h)
    boost = 1 + 1.5 x growth of the velocity if that grew by a fifth or more, at most 2

A report is a share: another outlet thought the news worth telling. `up` and `comments` are what sites count that
people vote on.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

FRESH, LASTING = 24.0, 48.0  # half-lives, in hours
SPREAD = {1: 20.0, 2: 50.0, 3: 70.0}
NOTABLE, GAIN, MOST_BOOST = 0.2, 1.5, 2.0


@dataclass(frozen=True)
class Engagement:
    """What people did with a story."""

    up: int = 0
    comments: int = 0
    shares: int = 0
    views: int = 0

    @property
    def weighed(self) -> float:
        """Without views."""
        return self.up + 2.0 * self.comments + 3.0 * self.shares


@dataclass(frozen=True)
class Score:
    """The whole, and its parts, each from 0 to 100 before they are weighed."""

    total: float
    engagement: float
    recency: float
    velocity: float
    spread: float


def velocity(engagement: Engagement, hours: float) -> float:
    """Engagement an hour: (up + 2 comments + 3 shares + 0.05 views) / hours, of at least one hour."""
    return (engagement.weighed + 0.05 * engagement.views) / max(1.0, hours)


def growth(now: float, before: float | None) -> float:
    """How much higher a velocity is than the one before: 0.2 for a fifth more. 0 if there was none."""
    return (now - before) / before if before else 0.0


def score(engagement: Engagement, outlets: int, hours: float, silent_hours: float, growth: float) -> Score:
    """`hours` lie between the first and the last report, `silent_hours` since then."""
    parts = Score(
        total=0.0,
        engagement=_log(10.0, engagement.weighed + 0.1 * engagement.views),
        recency=100.0 * 0.5 ** (silent_hours / FRESH),
        velocity=_log(15.0, engagement.weighed / max(1.0, hours)),
        spread=SPREAD.get(max(1, outlets), 100.0),
    )
    plain = 0.5 * parts.engagement + 0.2 * parts.recency + 0.2 * parts.velocity + 0.1 * parts.spread
    boost = min(MOST_BOOST, 1.0 + GAIN * growth) if growth >= NOTABLE else 1.0
    total = min(100.0, plain * 0.5 ** (silent_hours / LASTING) * boost)
    return Score(*(round(each, 2) for each in (total, parts.engagement, parts.recency, parts.velocity, parts.spread)))


def _log(factor: float, value: float) -> float:
    return max(0.0, min(100.0, factor * math.log10(value))) if value > 0 else 0.0
