"""RP3beta: random walks of three steps, article - reader - article, for many articles (Paudel and others 2017). Pure.

What article i says of j is the chance to walk from i to j by way of a reader, divided by j's popularity to the power
of beta, so that what everybody reads is not near to everything. Time and memory go by the pairs of articles that one
reader has read; everything is sorted as whole numbers, which numpy does several times as fast as by any key.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from stonehand.reading.ranking.marks import Floats, Marks
from stonehand.reading.ranking.neighbours import NONE, Neighbours

KEPT = 40  # neighbours of an article
PAIRS = 1_000_000  # that are looked at together: about 80 MB in all
STEPS = 12  # bits in which a reader's weight is written beside a pair
Keys = NDArray[np.uint64]


def fit(marks: Marks, beta: float) -> Neighbours:
    """The neighbours of all of `marks`' articles."""
    items = np.full((marks.width, KEPT), NONE, dtype=np.int32)
    weights = np.zeros((marks.width, KEPT), dtype=np.float32)
    popular = np.maximum(marks.popularity(), 1).astype(np.float32)
    for first, keys in _pairs(marks):
        row, other, chance = _summed(keys, first, marks.width)
        worth = chance / popular[row] / popular[other] ** np.float32(beta)
        _keep(items, weights, row, other, worth, first)
    return Neighbours(items, weights)


def _pairs(marks: Marks) -> Iterator[tuple[int, Keys]]:
    """Blocks of articles, with a key for each pair that a reader of theirs has read.

    A key is (article - first) * width + other, then the reader's share 1 / (articles they read) in `STEPS` bits.
    """
    order = np.argsort(marks.items, kind="stable")
    article, reader = marks.items[order].astype(np.int64), marks.rows()[order]
    lengths = np.diff(marks.starts)
    share = np.maximum(1, np.round((2**STEPS - 1) / np.maximum(lengths, 1))).astype(np.uint64)
    ends = np.cumsum(lengths[reader])
    at = 0
    while at < len(article):
        stop = int(np.searchsorted(ends, (ends[at - 1] if at else 0) + PAIRS, side="right"))
        # an article's readers stay together, so that its sums are whole
        stop = int(np.searchsorted(article, article[max(stop - 1, at)], side="right"))
        who = reader[at:stop]
        each = lengths[who]
        place = np.arange(int(each.sum())) - np.repeat(np.cumsum(each) - each, each)
        other = marks.items[np.repeat(marks.starts[who], each) + place]
        first = int(article[at])
        cells = np.repeat((article[at:stop] - first) * marks.width, each) + other
        yield first, (cells.astype(np.uint64) << np.uint64(STEPS)) | np.repeat(share[who], each)
        at = stop


def _summed(keys: Keys, first: int, width: int) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """(article, other, chance) of each pair once, without those of an article with itself."""
    keys.sort()
    cells = (keys >> np.uint64(STEPS)).astype(np.int64)
    begins = np.flatnonzero(np.concatenate([[True], cells[1:] != cells[:-1]]))
    shares = np.add.reduceat((keys & np.uint64(2**STEPS - 1)).astype(np.float32), begins) / (2**STEPS - 1)
    row, other = np.divmod(cells[begins], width)
    apart = row + first != other
    return row[apart] + first, other[apart], shares[apart].astype(np.float32)


def _keep(
    items: NDArray[np.int32],
    weights: Floats,
    row: NDArray[np.int64],
    other: NDArray[np.int64],
    worth: Floats,
    first: int,
) -> None:
    """Write the `KEPT` best of each row. Positive floats sort like their bits, so one number sorts row and worth."""
    bits = np.uint64(2**32 - 1) - worth.view(np.uint32).astype(np.uint64)
    order = np.argsort(((row - first).astype(np.uint64) << np.uint64(32)) | bits)
    row, other, worth = row[order], other[order], worth[order]
    place = np.arange(len(row)) - np.searchsorted(row, row)
    best = place < KEPT
    items[row[best], place[best]] = other[best]
    weights[row[best], place[best]] = worth[best]
