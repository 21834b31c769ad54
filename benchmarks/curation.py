"""curate.seconds_*: choosing a diverse set, given vectors, beside plain Python that compares every pair.

The articles are like news: events of very different sizes, copies of some texts, hosts of very different sizes. Nothing
limits how many are chosen but the caps.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from stonehand.curation.diversity import Matrix, Rules, choose
from stonehand.nlp.vectors import unit

SIZES = (1_000, 3_000, 30_000)
FIGURES = tuple(f"curate.seconds_{size}" for size in SIZES)
AIMS = dict(zip(FIGURES, (0.05, 0.15, 2.0), strict=True))
PAIRWISE = 300  # articles that plain Python is measured on, since its cost grows with their square
ROUNDS = 5
WIDTH = 384


def measure() -> Iterator[dict[str, Any]]:
    """Choose among 1,000, 3,000 and 30,000 articles by the standard rules."""
    baseline = _timed(_pairwise, *world(PAIRWISE), rounds=1)
    for size, figure in zip(SIZES, FIGURES, strict=True):
        scores, vectors, hosts = world(size)
        seconds, chosen = _timed(_ours, scores, vectors, hosts, rounds=ROUNDS)
        yield {
            "figure": figure,
            "value": round(seconds, 4),
            "baseline": f"{round(baseline[0], 2)} s for {PAIRWISE} articles, pair by pair in plain Python",
            "aim": AIMS[figure],
            "articles": size,
            "chosen": chosen,
            "baseline_chosen": baseline[1],
        }


def world(size: int, seed: int = 7) -> tuple[list[float], Matrix, list[str]]:
    """Scores, vectors and hosts of articles like those of a newsroom."""
    random = np.random.default_rng(seed)
    events = np.minimum(random.zipf(1.6, size) - 1 + random.integers(0, max(1, size // 4), size), size // 3)
    centres = random.normal(size=(int(events.max()) + 1, WIDTH))
    vectors = centres[events] + 0.45 * random.normal(size=(size, WIDTH))
    copies = random.integers(0, size, size // 20)
    vectors[copies] = vectors[random.integers(0, size, size // 20)]
    hosts = [f"h{number}.example" for number in np.minimum(random.zipf(1.3, size), max(10, size // 20))]
    return random.uniform(20, 95, size).tolist(), unit(vectors), hosts


def _timed(work: Any, scores: list[float], vectors: Matrix, hosts: list[str], rounds: int) -> tuple[float, int]:
    times, chosen = [], 0
    for _ in range(rounds):
        began = time.perf_counter()
        chosen = len(work(scores, vectors, hosts))
        times.append(time.perf_counter() - began)
    return statistics.median(times), chosen


def _ours(scores: list[float], vectors: Matrix, hosts: list[str]) -> Sequence[int]:
    return choose(scores, vectors, hosts, None, Rules()).chosen


def _pairwise(scores: list[float], vectors: Matrix, hosts: list[str]) -> Sequence[int]:
    """Lists of floats and loops: each article joins the cluster of its nearest earlier one, then caps are applied."""
    rows, rules = vectors.tolist(), Rules()
    order = sorted(range(len(scores)), key=lambda row: -scores[row])
    cluster: dict[int, int] = {}
    chosen: list[int] = []
    for at, row in enumerate(order):
        near = [(sum(a * b for a, b in zip(rows[row], rows[other], strict=True)), other) for other in order[:at]]
        best = max(near, default=(0.0, row))
        cluster[row] = cluster[best[1]] if best[0] >= rules.cluster else row
        same = {other for cosine, other in near if cosine >= rules.duplicate}
        if (
            not same & set(chosen)
            and sum(hosts[other] == hosts[row] for other in chosen) < rules.domain_cap
            and sum(cluster[other] == cluster[row] for other in chosen) < rules.cluster_cap
        ):
            chosen.append(row)
    return chosen
