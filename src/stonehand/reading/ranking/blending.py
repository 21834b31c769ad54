"""One score of what neighbours say, what an article is about, how many read it, and how old it is. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stonehand.nlp.vectors import Row, unit
from stonehand.reading.ranking.marks import Floats, Marks

TRUST = 8.0  # articles in a reader's past after which neighbours and content weigh `NEIGHBOURS` against the rest
NEIGHBOURS = 0.75  # of the score, at most
COLD = 0.5  # of the neighbours' part, that content stands in for where nobody read an article yet
POPULAR = 0.05  # of the score, for what many read; all of it for a reader of whom nothing is known
FRESH = 0.3  # of the score, that goes with age
HALF_LIFE = 7.0  # days after which half of that is gone


@dataclass(frozen=True)
class Side:
    """What does not depend on the reader: `vectors` [articles, width], and for each article whether neighbours
    know it, how popular it is (0 to 1), and how fresh (see `freshness`)."""

    vectors: Row
    known: np.typing.NDArray[np.bool_]
    popular: Floats
    fresh: Floats


def freshness(days: Floats) -> Floats:
    """What is left of a score after so many days: never less than `1 - FRESH`."""
    return (1 - FRESH + FRESH * np.exp2(-np.maximum(days, 0) / HALF_LIFE)).astype(np.float32)


def tastes(marks: Marks, vectors: Row, more: Row | None = None) -> Row:
    """float32 [readers, width], length 1 or 0: the mean of what each liked, less what they disliked.

    `more` [readers, width] is added to it: what readers say of themselves.
    """
    total = np.zeros((marks.readers, vectors.shape[1]), dtype=np.float32)
    for reader in range(marks.readers):
        part = slice(int(marks.starts[reader]), int(marks.starts[reader + 1]))
        if part.stop > part.start:
            weights = marks.weights[part]
            total[reader] = weights @ vectors[marks.items[part]] / np.abs(weights).sum()
    return unit(total if more is None else total + more)


def blend(neighbours: Floats, taste: Row, marks: Marks, side: Side) -> Floats:
    """float32 [readers, articles], 0 to 1: what `recommending` ranks by. `neighbours` is used up."""
    content = taste @ side.vectors.T
    np.maximum(content, 0, out=content)
    _scale(content)
    np.maximum(neighbours, 0, out=neighbours)
    _scale(neighbours)
    past = np.bincount(marks.rows()[marks.weights > 0], minlength=marks.readers).astype(np.float32)
    trust = (NEIGHBOURS * past / (past + TRUST))[:, None].astype(np.float32)
    # where nobody read an article yet, its content speaks for neighbours, but more softly
    neighbours += content * (COLD * ~side.known)
    neighbours *= trust
    content *= 1 - trust
    neighbours += content
    anybody = np.abs(taste).sum(axis=1) > 0
    share = np.where(anybody, POPULAR, 1.0)[:, None].astype(np.float32)
    neighbours *= 1 - share
    neighbours += share * side.popular
    neighbours *= side.fresh
    return neighbours


def _scale(rows: Floats) -> None:
    """Divide each row by its largest value."""
    if rows.size:
        rows /= np.maximum(rows.max(axis=1, keepdims=True), 1e-9)


def best(scores: Floats, most: int) -> tuple[np.typing.NDArray[np.int64], Floats]:
    """The places of the `most` highest of one reader's scores, the best first, and the scores; only those above 0."""
    most = min(most, len(scores))
    found = np.argpartition(scores, -most)[-most:] if most else np.empty(0, dtype=np.int64)
    found = found[scores[found] > 0]
    found = found[np.lexsort((found, -scores[found]))]
    return found, scores[found]
