"""What readers made of articles, as a sparse matrix: [readers, articles], rows one after the other. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Floats = NDArray[np.float32]
MOST = 5.0
OPENED, COMPLETED, LIKED, SAVED, SHARED, DISMISSED, A_STAR = 0.5, 1.0, 2.5, 2.0, 3.0, -4.0, 1.5
"""How much each deed speaks for an article. Three stars say nothing, five as much as sharing it."""


@dataclass(frozen=True)
class Marks:
    """Row `r` is `items[starts[r]:starts[r + 1]]` with `weights`, the latest first."""

    starts: NDArray[np.int64]
    items: Ints
    weights: Floats
    width: int

    @property
    def readers(self) -> int:
        """How many rows."""
        return len(self.starts) - 1

    def rows(self) -> Ints:
        """The row of each entry."""
        return np.repeat(np.arange(self.readers, dtype=np.int32), np.diff(self.starts))

    def liked(self, most: int) -> Marks:
        """Only what speaks for an article, at most the latest `most` of each reader."""
        good = self.weights > 0
        rows = self.rows()[good]
        starts = starts_of(rows, self.readers)
        place = np.arange(len(rows)) - starts[rows]
        kept = place < most
        return Marks(starts_of(rows[kept], self.readers), self.items[good][kept], self.weights[good][kept], self.width)

    def popularity(self) -> NDArray[np.int64]:
        """How many readers each article has."""
        return np.bincount(self.items, minlength=self.width)


def starts_of(rows: Ints, count: int) -> NDArray[np.int64]:
    """Where each of `count` rows starts, of sorted row numbers."""
    return np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=count))]).astype(np.int64)


def matrix(rows: Any, items: Any, weights: Any, readers: int, width: int) -> Marks:
    """Of three sequences of one length, of numbers, that stand in the order of their rows."""
    return Marks(
        starts_of(np.asarray(rows, dtype=np.int32), readers),
        np.asarray(items, dtype=np.int32),
        np.asarray(weights, dtype=np.float32),
        width,
    )
