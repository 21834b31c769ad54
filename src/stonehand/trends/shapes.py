"""How reports of a story came over time, and what stands out of chance. Pure.

`counts` is a story's reports and `volume` those of all stories, hour by hour, the present hour last.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Hours = NDArray[np.float64]
RECENT = 6  # hours in which something may stand out
DAY = 24
SHORT, LONG = 3.0, 12.0  # half-lives, in hours, of the two averages that a slope is made of
BURST = 3.0  # how much higher a story's share is in a burst
STEP = 6  # hours that the automaton takes as one
CLIMB = 1.0  # what it costs to say that a burst has begun, times ln of the steps (gamma of Kleinberg 2002)


def expected(counts: Hours, volume: Hours, typical: float) -> float:
    """Reports to be expected in the last 6 hours: the story's share before, or that of a typical story if it is more,
    of what is reported at all now. So a story does not stand out because the whole world writes more. Before is since
    its first report, and a day at least."""
    since = _since(counts, DAY + RECENT)
    before, world = float(counts[since:-RECENT].sum()), float(volume[since:-RECENT].sum())
    share = max(before / world if world else 0.0, typical)
    return share * float(volume[-RECENT:].sum())


def surprise(counts: Hours, volume: Hours, typical: float) -> float:
    """-log10 of the chance that so many reports or more came in the last 6 hours, if reports come by chance (Poisson).

    `typical` is the share of all reports that a typical story has.
    """
    return -log10_tail(int(counts[-RECENT:].sum()), expected(counts, volume, typical))


def log10_tail(count: int, mean: float) -> float:
    """log10 of P(X >= count) of a Poisson variable; 0 for a count of 0."""
    if count <= 0:
        return 0.0
    if mean <= 0:
        return -math.inf
    if count <= mean:  # the rest of the sum is the larger part; what is near to 1 needs no precision
        below = sum(math.exp(_log_poisson(each, mean)) for each in range(count))
        return math.log10(max(1.0 - below, 1e-12))
    first, total, term = _log_poisson(count, mean), 1.0, 1.0
    for more in range(count + 1, count + 200):
        term *= mean / more
        total += term
        if term < 1e-12 * total:
            break
    return (first + math.log(total)) / math.log(10)


def _log_poisson(count: int, mean: float) -> float:
    return count * math.log(mean) - mean - math.lgamma(count + 1)


def corrected(counts: Hours, volume: Hours) -> Hours:
    """The counts as they would be if equally much were reported in each hour."""
    busy = volume > 0
    usual = float(volume[busy].mean()) if busy.any() else 0.0
    found = np.zeros_like(counts)
    np.divide(counts * usual, np.maximum(volume, 0.25 * usual), out=found, where=busy)
    return found


def slope(counts: Hours, volume: Hours) -> float:
    """How much the average of the last hours is above that of the last day: 0 steady, 1 doubled, -1 over.

    Two exponentially weighted averages, with half-lives of 3 and 12 hours, since the first report and over a day at
    least. The present hour, which has only begun, counts as far as it is not below the one before.
    """
    series = corrected(counts, volume)[_since(counts, DAY) :]
    if len(series) > 1 and series[-1] < series[-2]:
        series = series[:-1]
    short, long = _average(series, SHORT), _average(series, LONG)
    return (short - long) / max(long, 1 / 24)


def _since(counts: Hours, least: int) -> int:
    """Where a story begins, so that at least so many hours follow."""
    told = np.flatnonzero(counts)
    return max(0, min(int(told[0]) if len(told) else len(counts), len(counts) - least))


def _average(series: Hours, half_life: float) -> float:
    weights = 0.5 ** (np.arange(len(series))[::-1] / half_life)
    return float((series * weights).sum() / weights.sum())


def burst_hours(counts: Hours, volume: Hours) -> int:
    """For how many hours up to now the story has been in a burst; 0 if it is in none.

    Kleinberg's automaton of two states on batches (2002): in a burst, the story's share of all reports is three times
    what it is over the whole time; the cheapest sequence of states explains the counts.
    """
    ours, world = _steps(counts), _steps(volume)
    total = float(world.sum())
    if not ours.sum() or not total:
        return 0
    usual = float(ours.sum()) / total
    shares = (min(usual, 0.9), min(BURST * usual, 0.95))
    states = _cheapest(ours, world, shares, CLIMB * math.log(len(ours)))
    run = 0
    while run < len(states) and states[-1 - run]:
        run += 1
    return run * STEP


def _steps(series: Hours) -> Hours:
    whole = series[len(series) % STEP :]
    return np.asarray(whole.reshape(-1, STEP).sum(axis=1))


def _cheapest(ours: Hours, world: Hours, shares: tuple[float, float], climb: float) -> list[int]:
    """Viterbi's path through the two states."""
    rest = np.maximum(world - ours, 0.0)
    costs = np.stack([-(ours * math.log(share) + rest * math.log(1 - share)) for share in shares])
    best, came = [0.0, climb], []
    for step in range(costs.shape[1]):
        from_low, from_high = best[0], best[1]
        to_low = (min(from_low, from_high), 0 if from_low <= from_high else 1)
        to_high = (min(from_low + climb, from_high), 0 if from_low + climb < from_high else 1)
        best = [to_low[0] + float(costs[0, step]), to_high[0] + float(costs[1, step])]
        came.append((to_low[1], to_high[1]))
    state = 0 if best[0] <= best[1] else 1
    path = [state]
    for before in reversed(came[1:]):
        state = before[state]
        path.append(state)
    return path[::-1]


def hourly(moments: Sequence[float], until: float, hours: int) -> Hours:
    """float64 [hours]: how many of these times (in seconds) fall into each of the hours up to `until`."""
    ago = np.floor((until - np.asarray(moments, dtype=np.float64)) / 3600).astype(int)
    ago = np.maximum(ago, 0)
    found = np.bincount(ago[ago < hours], minlength=hours).astype(np.float64)
    return found[::-1].copy()
