"""trends.detected: bursts that were put into a stream of reports, at two false alarms in a thousand."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from stonehand.trends import shapes
from stonehand.trends.shapes import RECENT, Hours

STORIES, HOURS, WARM = 400, 14 * 24, 7 * 24
BURSTS = 200
LONGEST = 24  # hours of a burst, after which it is missed
FALSE = 0.002  # alarms an hour and story without a burst
Detector = Callable[[Hours, Hours], float]


def measure() -> Iterator[dict[str, Any]]:
    """Stories of very different rates, a world that sleeps at night and has busy days, and bursts of 2 to 8 times."""
    drawn = np.random.default_rng(11)
    quiet, volume = _world(drawn)
    found = {name: _judged(each, quiet, volume, np.random.default_rng(12)) for name, each in DETECTORS.items()}
    ours = found["surprise"]
    yield {
        "figure": "trends.detected",
        "value": ours[0],
        "baseline": f"z-score {found['z-score'][0]}, growth ratio {found['growth ratio'][0]}",
        "median_hours": ours[1],
        "bursts": BURSTS,
        "false_alarms": FALSE,
    }


def _world(drawn: np.random.Generator) -> tuple[Hours, Hours]:
    """Reports of each story by the hour, and of all."""
    rates = drawn.lognormal(-2.0, 1.0, size=(STORIES, 1))
    hour = np.arange(HOURS)
    day = 1.0 + 0.8 * np.sin(2 * np.pi * (hour - 9) / 24)
    busy = np.repeat(drawn.lognormal(0.0, 0.35, size=HOURS // 24), 24)
    counts = drawn.poisson(rates * day * busy).astype(np.float64)
    return counts, counts.sum(axis=0) + drawn.poisson(20 * day * busy)


def _judged(score: Detector, quiet: Hours, volume: Hours, drawn: np.random.Generator) -> tuple[float, float | None]:
    """The share of the bursts that are found, and after how many hours; the threshold comes of the quiet stream."""
    calm = [score(counts[:end], volume[:end]) for counts in quiet[:100] for end in range(WARM, HOURS, 5)]
    threshold = float(np.quantile(calm, 1 - FALSE))
    delays = []
    for _ in range(BURSTS):
        story, start = int(drawn.integers(STORIES)), int(drawn.integers(WARM, HOURS - LONGEST))
        extra = np.zeros(HOURS)
        strength = drawn.uniform(2.0, 8.0) * max(0.15, float(quiet[story].mean()))
        extra[start : start + LONGEST] = drawn.poisson(strength, size=LONGEST)
        counts, world = quiet[story] + extra, volume + extra
        delay = next(
            (at for at in range(1, LONGEST + 1) if score(counts[: start + at], world[: start + at]) > threshold), None
        )
        delays.append(delay)
    found = [each for each in delays if each is not None]
    return round(len(found) / BURSTS, 3), statistics.median(found) if found else None


def _surprise(counts: Hours, volume: Hours) -> float:
    return shapes.surprise(counts, volume, 1 / STORIES)


def _z_score(counts: Hours, _: Hours) -> float:
    """How many deviations the last six hours are above the mean of earlier six hours."""
    windows = np.convolve(counts[:-RECENT], np.ones(RECENT), "valid")
    return float((counts[-RECENT:].sum() - windows.mean()) / (windows.std() + 0.5))


def _growth_ratio(counts: Hours, _: Hours) -> float:
    """The last six hours over the six before."""
    return float((counts[-RECENT:].sum() + 1) / (counts[-2 * RECENT : -RECENT].sum() + 1))


DETECTORS: dict[str, Detector] = {"surprise": _surprise, "z-score": _z_score, "growth ratio": _growth_ratio}
