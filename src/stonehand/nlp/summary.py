"""Which sentences say what a text says: LexRank, then maximal marginal relevance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

DAMPING, ROUNDS, MOST = 0.85, 30, 1000


def rank(vectors: NDArray[np.float32], weights: Sequence[float] | None = None) -> NDArray[np.float32]:
    """How central each sentence is, summing to 1: continuous LexRank (Erkan and Radev 2004) over cosines.

    `vectors` is [sentences, width] with rows of length 1; `weights`, if given, is where the walk restarts.
    """
    similar = np.clip(vectors @ vectors.T, 0.0, 1.0)
    np.fill_diagonal(similar, 0.0)
    moves = similar / np.maximum(similar.sum(axis=1, keepdims=True), 1e-12)
    start = np.ones(len(vectors)) if weights is None else np.maximum(np.asarray(weights, dtype=float), 1e-9)
    start = start / start.sum()
    shares = start
    for _ in range(ROUNDS):
        shares = DAMPING * (shares @ moves) + (1 - DAMPING) * start
        shares = shares / shares.sum()
    return np.asarray(shares, dtype=np.float32)


def select(
    vectors: NDArray[np.float32], count: int, diversity: float = 0.7, weights: Sequence[float] | None = None
) -> list[int]:
    """The rows of `count` sentences, best first (sort them to read in order of the text).

    Maximal marginal relevance (Carbonell and Goldstein 1998): rank minus `diversity` (0 to 1) times the highest cosine
    to a sentence already chosen. Of more than 1,000 sentences only the first 1,000 are considered.
    """
    considered = vectors[:MOST]
    if not len(considered) or count < 1:
        return []
    shares = rank(considered, None if weights is None else weights[:MOST])
    relevance = shares / shares.max()
    repeated = np.zeros(len(considered), dtype=np.float32)
    chosen: list[int] = []
    for _ in range(min(count, len(considered))):
        scores = relevance - diversity * repeated
        scores[chosen] = -np.inf
        chosen.append(int(scores.argmax()))
        repeated = np.maximum(repeated, considered @ considered[chosen[-1]])
    return chosen
