"""What readers' pasts say about articles: EASE where there are few enough, random walks beyond. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stonehand.reading.ranking import ease, walks
from stonehand.reading.ranking.marks import Marks, starts_of
from stonehand.reading.ranking.neighbours import NONE, Neighbours, nobody

FEWEST = 2  # readers of an article, before it says anything about others
PAST = 100  # the latest articles of a reader that are looked at: pairs grow with the square
PENALTY = 200.0  # of EASE
BETA = 0.3  # of the walks


def fit(marks: Marks, most_for_ease: int = ease.MOST) -> Neighbours:
    """The neighbours of every article, by whichever model fits the number of articles that have readers."""
    liked = marks.liked(PAST)
    warm = liked.popularity() >= FEWEST
    if not warm.any():
        return nobody(marks.width)
    few = _only(liked, warm)
    found = ease.fit(few, PENALTY) if few.width <= most_for_ease else walks.fit(few, BETA)
    return _spread(found, np.flatnonzero(warm).astype(np.int32), marks.width)


def _only(marks: Marks, kept: NDArray[np.bool_]) -> Marks:
    """The same marks of the kept articles alone, which are numbered anew."""
    place = np.cumsum(kept).astype(np.int32) - 1
    told = kept[marks.items]
    rows = marks.rows()[told]
    return Marks(starts_of(rows, marks.readers), place[marks.items[told]], marks.weights[told], int(kept.sum()))


def _spread(found: Neighbours, at: NDArray[np.int32], width: int) -> Neighbours:
    """The neighbours of the articles `at`, among all."""
    items = np.full((width, found.items.shape[1]), NONE, dtype=np.int32)
    weights = np.zeros((width, found.items.shape[1]), dtype=np.float32)
    items[at] = np.where(found.items >= 0, at[found.items], NONE)
    weights[at] = found.weights
    return Neighbours(items, weights)
