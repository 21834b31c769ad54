"""Comparing many vectors by the signs of their numbers first. Pure.

Of two vectors at cosine c, each sign differs with probability arccos(c) / pi (Goemans and Williamson 1995), so the
number of differing signs tells how far one has to look to have found what is as close as c. 384 signs fit in 48 bytes.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

WIDTH = 384
WORDS = WIDTH // 64
BLOCK = 16384  # vectors whose signs stand together, number by number, so that one instruction compares many
PATIENCE = 2.5  # standard deviations that signs may differ more than expected
Bits = NDArray[np.uint64]
Counts = NDArray[np.unsignedinteger[Any]]


def signs(rows: NDArray[np.floating]) -> Bits:
    """uint64 [rows, 6]: a bit for each number, set where it is above 0."""
    return np.packbits(rows > 0, axis=1).view(np.uint64).reshape(len(rows), WORDS)


def turned(rows: NDArray[np.floating]) -> NDArray[np.float32]:
    """The same vectors turned at random, so that each sign tells of all numbers (Charikar 2002).

    Of vectors with few numbers other than 0, such as those of hashed words, the signs tell little before.
    """
    return np.asarray(rows @ _turn(), dtype=np.float32)


@cache
def _turn() -> NDArray[np.float32]:
    drawn = np.random.default_rng(1).standard_normal((WIDTH, WIDTH))
    return np.linalg.qr(drawn)[0].astype(np.float32)


def differing(blocks: Bits, wanted: Bits, count: int) -> Counts:
    """[count]: how many signs of each vector differ; uint8 of up to three numbers of 64 signs, uint16 of more.

    `blocks` is [n, 6, BLOCK] and `wanted` [6], or both have fewer than 6.
    """
    asked = wanted[:, np.newaxis]
    kind: type[np.uint8 | np.uint16] = np.uint8 if 64 * len(wanted) < 256 else np.uint16
    found = [np.bitwise_count(block ^ asked).sum(axis=0, dtype=kind) for block in blocks]
    return np.concatenate(found)[:count] if found else np.zeros(0, dtype=kind)


def cut(counts: Counts, wished: int) -> int:
    """The number of differing signs up to which at least `wished` vectors come, or all."""
    last = min(max(wished, 1), len(counts)) - 1
    return int(np.partition(counts, last)[last]) if len(counts) else 0


def reach(cosine: float) -> int:
    """How many signs may differ in a vector of at least this cosine, but for one in a hundred or so."""
    chance = math.acos(max(-1.0, min(1.0, cosine))) / math.pi
    return math.ceil(WIDTH * chance + PATIENCE * math.sqrt(WIDTH * chance * (1 - chance)))
