"""EASE: the linear model of articles by articles with a closed form (Steck 2019). Pure.

Given X [readers, articles], B minimises |X - XB|² + penalty |B|² with a diagonal of zeros: with P = (XᵀX + penalty I)⁻¹
it is B = I - P / diag(P). It takes memory by the square and time by the cube of the number of articles.
"""

from __future__ import annotations

import numpy as np

from stonehand.reading.ranking.marks import Floats, Marks
from stonehand.reading.ranking.neighbours import NONE, Neighbours

MOST = 4000  # articles: two matrices of 64 MB, and about five seconds on one core
KEPT = 200  # weights of an article that are kept, the largest by their amount
BLOCK = 512  # readers whose rows are written out at once


def fit(marks: Marks, penalty: float) -> Neighbours:
    """The weights of `marks`' articles, of which there may be at most `MOST`."""
    inverse = np.linalg.inv(_gram(marks) + penalty * np.eye(marks.width, dtype=np.float32))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0.0)
    return _largest(weights.astype(np.float32, copy=False))


def _gram(marks: Marks) -> Floats:
    """XᵀX, without ever writing X out as a whole. Every mark counts alike: that somebody read it."""
    total = np.zeros((marks.width, marks.width), dtype=np.float32)
    for first in range(0, marks.readers, BLOCK):
        last = min(first + BLOCK, marks.readers)
        part = slice(int(marks.starts[first]), int(marks.starts[last]))
        rows = np.repeat(np.arange(last - first), np.diff(marks.starts[first : last + 1]))
        block = np.zeros((last - first, marks.width), dtype=np.float32)
        block[rows, marks.items[part]] = 1.0
        total += block.T @ block
    return total


def _largest(weights: Floats) -> Neighbours:
    kept = min(KEPT, weights.shape[1])
    items = np.argpartition(-np.abs(weights), kept - 1, axis=1)[:, :kept].astype(np.int32)
    worth = np.take_along_axis(weights, items, axis=1)
    return Neighbours(np.where(worth != 0, items, NONE).astype(np.int32), worth)
