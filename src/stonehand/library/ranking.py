"""Putting results in order: by words, by nearness of meaning, and by both. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from stonehand.nlp import vectors

K = 60  # of reciprocal rank fusion (Cormack, Clarke and Büttcher 2009)
LEADERS = 5  # results by words whose mean says what the search is about (Rocchio 1971)


def fuse(*rankings: Sequence[str]) -> list[str]:
    """One ranking of several: each adds 1 / (60 + rank) to what it names. Ties keep the order of the first."""
    scores: dict[str, float] = {}
    for ranking in rankings:
        for rank, each in enumerate(ranking, 1):
            scores[each] = scores.get(each, 0.0) + 1 / (K + rank)
    return sorted(scores, key=lambda each: -scores[each])


def by_meaning(by_words: Sequence[str], packed: Mapping[str, bytes]) -> list[str]:
    """Those that have a vector, the nearest to the mean of the best by words first."""
    known = [each for each in by_words if each in packed]
    if len(known) < 3:
        return known
    rows = vectors.stack([packed[each] for each in known])
    closeness = rows @ vectors.unit(rows[:LEADERS].mean(axis=0))
    return [known[at] for at in np.argsort(-closeness, kind="stable")]
