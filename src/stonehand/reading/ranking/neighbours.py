"""For each article the few others that speak for it or against it, and what they say of a reader's history. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stonehand.reading.ranking.marks import Floats, Ints, Marks

NONE = -1


@dataclass(frozen=True)
class Neighbours:
    """`items` [articles, k] names others, `NONE` where there are fewer; `weights` [articles, k] is what each is worth.

    Row `i` holds what having read article `i` says about reading the others.
    """

    items: Ints
    weights: Floats

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which articles some neighbour speaks about, so that their score means something."""
        found = np.zeros(len(self.items), dtype=np.bool_)
        found[self.items[self.items >= 0]] = True
        return found


def nobody(width: int) -> Neighbours:
    """As long as nothing is known."""
    return Neighbours(np.full((width, 1), NONE, dtype=np.int32), np.zeros((width, 1), dtype=np.float32))


@dataclass(frozen=True)
class Told:
    """What neighbours say to some readers: `values` at `cells`, which count row after row of [readers, articles]."""

    cells: NDArray[np.int64]
    values: Floats


def tell(marks: Marks, found: Neighbours) -> Told:
    """The sum of what each read article says of another, by how much the reader made of it."""
    rows, items = marks.rows(), found.items[marks.items]
    told = items >= 0
    cells = (rows[:, None].astype(np.int64) * marks.width + items)[told]
    worth = (marks.weights[:, None] * found.weights[marks.items])[told]
    order = np.argsort(cells, kind="stable")
    cells, worth = cells[order], worth[order]
    begins = np.flatnonzero(np.concatenate([[True], cells[1:] != cells[:-1]])) if len(cells) else cells
    sums = np.add.reduceat(worth, begins) if len(cells) else worth
    return Told(cells[begins], sums.astype(np.float32))


def score(marks: Marks, found: Neighbours) -> Floats:
    """float32 [readers, articles]: the same written out. Give few readers at once."""
    told = tell(marks, found)
    total = np.zeros(marks.readers * marks.width, dtype=np.float32)
    total[told.cells] = told.values
    return total.reshape(marks.readers, marks.width)


def strongest(items: Ints, weights: Floats, found: Neighbours, wanted: Ints) -> Ints:
    """For each of `wanted`, which of a reader's `items` says most for it, as its place; -1 if none does."""
    best = np.full(len(wanted), NONE, dtype=np.int32)
    if not len(items) or not len(wanted):
        return best
    order = np.argsort(wanted)
    named = found.items[items]
    at = np.minimum(np.searchsorted(wanted[order], named), len(wanted) - 1)
    rows, columns = np.nonzero(wanted[order][at] == named)
    worth = weights[rows] * found.weights[items[rows], columns]
    rising = np.argsort(worth, kind="stable")  # the last that is written is the greatest
    rising = rising[worth[rising] > 0]
    best[order[at[rows[rising], columns[rising]]]] = rows[rising]
    return best
