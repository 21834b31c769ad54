"""One score of what neighbours say, what an article is about, how many read it, and how old it is. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from stonehand.nlp.vectors import Row, unit
from stonehand.reading.ranking.marks import Floats, Marks
from stonehand.reading.ranking.neighbours import Told

TRUST = 8.0  # articles in a reader's past after which neighbours and content weigh `NEIGHBOURS` against the rest
NEIGHBOURS = 0.75  # of the score, at most
COLD = 0.5  # of the neighbours' part, that content stands in for where nobody read an article yet
POPULAR = 0.05  # of the score, for what many read; all of it for a reader of whom nothing is known
FRESH = 0.3  # of the score, that goes with age
HALF_LIFE = 7.0  # days after which half of that is gone
BLOCK = 4096  # articles scored together, so that what is known of them stays in the processor's own memory
EVERY = 16  # one in so many scores tells where the highest begin


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


def blend(told: Told, taste: Row, marks: Marks, side: Side, room: Floats | None = None) -> Floats:
    """float32 [readers, articles], 1 at most: what recommending ranks by. Written to `room` if that is given.

    ((1 - t) content + t neighbours) x fresh + POPULAR x popular x fresh, where t is `NEIGHBOURS` at most and grows
    with a reader's past, and content and neighbours are as parts of each reader's highest. Where nobody read an
    article yet, its content stands in for neighbours, more softly. What neighbours say is little and is added where
    it stands.
    """
    past = np.bincount(marks.rows()[marks.weights > 0], minlength=marks.readers)
    trust = (NEIGHBOURS * past / (past + TRUST)).astype(np.float32)
    some = np.abs(taste).sum(axis=1) > 0
    scores = np.empty((len(taste), len(side.vectors)), dtype=np.float32) if room is None else room
    highest = _content(taste, side.vectors, scores)
    known, others = (1 - POPULAR) * (1 - trust) / highest, (1 - POPULAR) * (1 - trust + COLD * trust) / highest
    fresh = np.stack([side.fresh * side.known, side.fresh * ~side.known]).astype(np.float32)
    shares, popular = np.stack([known, others], axis=1).astype(np.float32), side.popular * side.fresh
    for part in _blocks(len(side.vectors)):
        scores[:, part] *= shares @ fresh[:, part]
        scores[:, part] += POPULAR * popular[part]
    scores[~some] = popular
    _add(scores, told, (1 - POPULAR) * trust * some, side.fresh)
    return scores


def _blocks(width: int) -> Iterator[slice]:
    return (slice(first, min(first + BLOCK, width)) for first in range(0, width, BLOCK))


def _content(taste: Row, vectors: Row, scores: Floats) -> Floats:
    """Write the cosines to `scores`. Returns the highest of each reader, above 0."""
    highest = np.full(len(taste), 1e-9, dtype=np.float32)
    for part in _blocks(len(vectors)):
        np.matmul(taste, vectors[part].T, out=scores[:, part])
        np.maximum(highest, scores[:, part].max(axis=1), out=highest)
    return highest


def _add(scores: Floats, told: Told, shares: Floats, fresh: Floats) -> None:
    """Add what neighbours say, as parts of each reader's highest."""
    rows, items = np.divmod(told.cells, scores.shape[1])
    highest = np.full(len(scores), 1e-9, dtype=np.float32)
    np.maximum.at(highest, rows, told.values)
    scores[rows, items] += told.values / highest[rows] * shares[rows] * fresh[items]


def best(scores: Floats, most: int) -> tuple[np.typing.NDArray[np.int64], Floats]:
    """The places of the `most` highest of one reader's scores, the best first, and the scores; only those above 0."""
    found = _promising(scores, most)
    if len(found) > most:
        found = found[np.argpartition(scores[found], len(found) - most)[-most:]] if most else found[:0]
    found = found[np.lexsort((found, -scores[found]))]
    return found, scores[found]


def _promising(scores: Floats, most: int) -> np.typing.NDArray[np.int64]:
    """The places of all scores above 0, or of the higher ones, as long as that is `most` at least."""
    some, enough = scores[::EVERY], 2 * most // EVERY + 1
    if len(some) > enough:
        edge = np.partition(some, len(some) - enough)[-enough]
        found = np.flatnonzero(scores >= max(edge, np.finfo(np.float32).tiny))
        if len(found) >= most:
            return found
    return np.flatnonzero(scores > 0)
