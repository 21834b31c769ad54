"""The means of a window's stories as one matrix, and which of them are closest to a vector. Knows no stories."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stonehand.nlp import similarity
from stonehand.nlp.vectors import Row
from stonehand.vectors import signs

ALL = 1024  # means up to which every one is compared in full: more do not stay in a core's cache between articles
COARSE = 2  # numbers of 64 signs that are compared of all others
PART = 8  # of all others, one in so many is then compared by all its signs
ALIKE = (
    256  # and so many in full. The eight best are among them but for one in 150, one in 1,000 with the model's vectors
)
EACH = 16  # of how many the signs of one tell where to cut


class Means:
    """Vectors of length 1, each at its place; one that was taken out matches nothing."""

    def __init__(self) -> None:
        self.count = 0
        """How many places there are."""
        self._rows: Row = np.zeros((64, signs.WIDTH), dtype=np.float32)
        self._first: signs.Bits = np.zeros((0, COARSE, signs.BLOCK), dtype=np.uint64)
        """The first signs of each, as `signs.differing` wants them."""
        self._others: signs.Bits = np.zeros((64, signs.WORDS - COARSE), dtype=np.uint64)
        """All others, those of one vector side by side: half a line of a core's cache."""

    def put(self, place: int, mean: Row) -> None:
        """Set the vector at a place, which may be the next new one."""
        if place >= len(self._rows):
            self._rows, self._others = (
                np.concatenate([each, np.zeros_like(each)]) for each in (self._rows, self._others)
            )
        if place // signs.BLOCK >= len(self._first):
            self._first = np.concatenate([self._first, np.zeros((1, COARSE, signs.BLOCK), dtype=np.uint64)])
        self.count, own = max(self.count, place + 1), _signs(mean)
        self._rows[place], self._others[place] = mean, own[COARSE:]
        self._first[place // signs.BLOCK, :, place % signs.BLOCK] = own[:COARSE]

    def take_out(self, place: int) -> None:
        """Nothing is at this place any more."""
        self._rows[place] = 0.0

    def at(self, place: int) -> Row:
        """The vector at a place."""
        row: Row = self._rows[place]
        return row

    def top(self, row: Row, most: int) -> list[tuple[int, float]]:
        """The places of the closest, and their cosines. Among many, signs say which may be close."""
        if self.count <= ALL:
            return similarity.top(self._rows[: self.count], row, most)
        places = self._alike(_signs(row), max(ALIKE, 8 * most))
        return [(int(places[at]), cosine) for at, cosine in similarity.top(self._rows[places], row, most)]

    def _alike(self, wanted: signs.Bits, wished: int) -> NDArray[np.intp]:
        first = signs.differing(self._first, wanted[:COARSE], self.count)
        part = max(wished, self.count // PART)
        places = np.flatnonzero(first <= signs.cut(first[::EACH], part // EACH))
        others = np.bitwise_count(self._others.take(places, axis=0) ^ wanted[COARSE:])
        counts = sum((others[:, word] for word in range(others.shape[1])), first[places].astype(np.uint16))
        return places[counts <= signs.cut(counts, wished)]


def _signs(row: Row) -> signs.Bits:
    return np.ravel(signs.signs(signs.turned(row)[np.newaxis]))
