"""What many read, and what suddenly more do than before. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

VIEW, READ, LIKE, SAVE, SHARE, DISMISS, STAR = 1.0, 1.0, 2.5, 2.0, 3.0, -2.0, 0.5
RECENT = 2  # days that trending looks at
BEFORE = 7  # days before them, with which it compares


@dataclass(frozen=True)
class Day:
    """What all readers did with one article on one day."""

    views: int = 0
    reads: int = 0
    likes: int = 0
    saves: int = 0
    shares: int = 0
    dismissals: int = 0
    ratings: int = 0
    rating_total: int = 0

    @property
    def worth(self) -> float:
        """One number for all of it; three stars say nothing."""
        stars = STAR * (self.rating_total - 3 * self.ratings)
        deeds = LIKE * self.likes + SAVE * self.saves + SHARE * self.shares + DISMISS * self.dismissals
        return max(0.0, VIEW * self.views + READ * self.reads + deeds + stars)


def surprise(days: Mapping[date, float], today: date) -> float:
    """How far the last two days exceed what the seven days before would lead one to expect, in standard deviations.

    A Poisson count's variance is its mean, so this is (seen - expected) / sqrt(expected + 1).
    """
    ages = {day: (today - day).days for day in days}
    seen = sum(worth for day, worth in days.items() if 0 <= ages[day] < RECENT)
    earlier = sum(worth for day, worth in days.items() if RECENT <= ages[day] < RECENT + BEFORE)
    expected = earlier * RECENT / BEFORE
    return (seen - expected) / math.sqrt(expected + 1)
