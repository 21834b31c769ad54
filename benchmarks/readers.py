"""Invented readers and articles with a structure that is known: topics, which content tells, and styles, which it
does not.

A reader likes a few of the topics and a few of the styles, and chooses articles by both and by how prominent they are.
So content alone finds half of what there is to find, readers alone the rest where there are enough of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stonehand.nlp.vectors import Row, unit
from stonehand.reading.ranking.marks import Marks, matrix

WIDTH = 384
TOPICS, STYLES = 120, 24
LIKED_TOPICS, LIKED_STYLES = 4, 4
LOVE = 30.0  # how much likelier a liked topic or style makes it that an article is chosen
TOGETHER = 64  # readers who are drawn at once


@dataclass(frozen=True)
class Town:
    """`vectors` [articles, 384]; `read` holds, for each reader, the articles they chose, in no order."""

    vectors: Row
    read: NDArray[np.int32]

    def marks(self, read: NDArray[np.int32]) -> Marks:
        """Of these columns of `read`: each reader has read each of them to the end."""
        readers, each = read.shape
        rows = np.repeat(np.arange(readers), each)
        return matrix(rows, read.ravel(), np.ones(read.size), readers, len(self.vectors))


def town(readers: int, articles: int, each: int, seed: int = 11) -> Town:
    """So many readers who chose `each` of so many articles."""
    drawn = np.random.default_rng(seed)
    topic, style = drawn.integers(TOPICS, size=articles), drawn.integers(STYLES, size=articles)
    prominent = 1.0 / (drawn.permutation(articles) + 20.0) ** 0.6
    directions = unit(drawn.normal(size=(TOPICS, WIDTH)))
    vectors = unit(directions[topic] + drawn.normal(scale=0.04, size=(articles, WIDTH)))
    read = np.empty((readers, each), dtype=np.int32)
    for first in range(0, readers, TOGETHER):
        last = min(first + TOGETHER, readers)
        read[first:last] = _chosen(drawn, last - first, each, topic, style, prominent)
    return Town(vectors, read)


def _chosen(drawn: Any, count: int, each: int, topic: Any, style: Any, prominent: Any) -> NDArray[np.int32]:
    """Draws without replacement, by the largest of weights raised by noise (Gumbel)."""
    topics, styles = np.zeros((count, TOPICS)), np.zeros((count, STYLES))
    for reader in range(count):
        topics[reader, drawn.choice(TOPICS, LIKED_TOPICS, replace=False)] = np.log(LOVE)
        styles[reader, drawn.choice(STYLES, LIKED_STYLES, replace=False)] = np.log(LOVE)
    wish = topics[:, topic] + styles[:, style] + np.log(prominent)
    wish += drawn.gumbel(size=wish.shape)
    return np.argpartition(-wish, each, axis=1)[:, :each].astype(np.int32)
