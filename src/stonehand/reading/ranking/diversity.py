"""Caps that keep a list from being all alike: by outlet, by likeness, by story. Pure.

The list is filled greedily from the best down; whatever would break a cap is left out, so the caps hold always, even
if the list becomes shorter than it might be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

import numpy as np

from stonehand.nlp.vectors import Row


@dataclass(frozen=True)
class Caps:
    """How many articles of one outlet, of one cluster and of one story a list may hold.

    Two articles of a cosine of `same` or more are one; an article belongs to the cluster of the chosen one that it is
    nearest to, if their cosine is `alike` or more.
    """

    outlet: int
    cluster: int
    same: float
    alike: float
    story: int = 1


NO_CAPS = Caps(10**9, 10**9, 2.0, 2.0, 10**9)


def choose(
    vectors: Row, outlets: Iterable[Hashable], stories: Iterable[Hashable | None], caps: Caps, most: int
) -> list[int]:
    """Rows of at most `most` articles, of rows that stand best first. An article without a story is capped by none."""
    chosen: list[int] = []
    clusters: list[int] = []
    of_outlet: Counter[Hashable] = Counter()
    of_story: Counter[Hashable] = Counter()
    of_cluster: Counter[int] = Counter()
    near = np.zeros((most, vectors.shape[1]), dtype=np.float32)
    for row, (outlet, story) in enumerate(zip(outlets, stories, strict=True)):
        if len(chosen) >= most:
            break
        if of_outlet[outlet] >= caps.outlet or (story is not None and of_story[story] >= caps.story):
            continue
        cosines = near[: len(chosen)] @ vectors[row]
        nearest = int(cosines.argmax()) if chosen else -1
        likeness = float(cosines[nearest]) if chosen else -1.0
        cluster = clusters[nearest] if nearest >= 0 and likeness >= caps.alike else len(chosen)
        if likeness >= caps.same or of_cluster[cluster] >= caps.cluster:
            continue
        near[len(chosen)] = vectors[row]
        chosen.append(row)
        clusters.append(cluster)
        of_outlet[outlet] += 1
        of_cluster[cluster] += 1
        if story is not None:
            of_story[story] += 1
    return chosen
