"""vectors.query_ms: the nearest of very many vectors, beside a scan of all of them; and how that grows."""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stonehand.nlp.vectors import Row, unit
from stonehand.vectors.local import LocalIndex

MANY, VERY_MANY = 100_000, 1_000_000
TOPICS = 2000
QUERIES, JUDGED = 200, 50
TOGETHER = 10_000
K = 10
FIGURES = ("vectors.query_ms", "vectors.query_ms_1000000")


def measure() -> Iterator[dict[str, Any]]:
    """The default index in a folder of its own, filled as it is in use: a part after the other."""
    yield _figure(FIGURES[0], MANY)


def measure_growth() -> Iterator[dict[str, Any]]:
    """The same among ten times as many; needs 1.2 GB of disk."""
    yield _figure(FIGURES[1], VERY_MANY)


def _figure(name: str, count: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="stonehand-bench-") as folder:
        index = LocalIndex(Path(folder) / "index")
        drawn = np.random.default_rng(7)
        middles = unit(drawn.normal(size=(TOPICS, 384)))
        began = time.perf_counter()
        for start in range(0, count, TOGETHER):
            index.put([str(at) for at in range(start, start + TOGETHER)], _some(drawn, middles, TOGETHER))
        filled = time.perf_counter() - began
        wanted = _some(drawn, middles, QUERIES)
        index.nearest(wanted[0], K)
        spent, computed, found = zip(*(_timed(index, row) for row in wanted), strict=True)
        exact, recall = _judge(index, wanted[:JUDGED], found)
    return {
        "figure": name,
        "value": round(float(np.percentile(spent, 95)) * 1000, 2),
        "baseline": f"{exact * 1000:.1f} ms to compare all of them in numpy (median, float32 in memory)",
        "median_ms": round(float(np.median(spent)) * 1000, 2),
        "cpu_ms": round(float(np.median(computed)) * 1000, 2),
        "recall_at_10": round(recall, 3),
        "vectors": count,
        "fill_seconds": round(filled, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def _some(drawn: np.random.Generator, middles: Row, count: int) -> Row:
    """Vectors as news has them: near to one of many topics, some closer than others."""
    spread = drawn.uniform(0.4, 1.2, size=(count, 1))
    away = unit(drawn.normal(size=(count, 384)))
    return unit(middles[drawn.integers(len(middles), size=count)] + spread * away)


def _timed(index: LocalIndex, row: Row) -> tuple[float, float, set[str]]:
    """Seconds that one search took, seconds that it computed, and what it found."""
    began, computing = time.perf_counter(), time.thread_time()
    found = index.nearest(row, K)
    return time.perf_counter() - began, time.thread_time() - computing, {each.id for each in found}


def _judge(index: LocalIndex, wanted: Row, found: tuple[set[str], ...]) -> tuple[float, float]:
    """Median seconds of a scan of everything, and the share of the true nearest that were found."""
    ids, rows = index.everything()
    matrix: NDArray[np.float32] = rows.astype(np.float32)
    spent, hits = [], 0
    for row, some in zip(wanted, found, strict=False):
        began = time.perf_counter()
        cosines = matrix @ row
        best = np.argpartition(cosines, -K)[-K:]
        spent.append(time.perf_counter() - began)
        hits += len({ids[at] for at in best.tolist()} & some)
    return float(np.median(spent)), hits / (K * len(wanted))
