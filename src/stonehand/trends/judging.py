"""Which state a trend is in, and why, in a sentence. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

from stonehand.trends import shapes
from stonehand.trends.shapes import RECENT, Hours
from stonehand.trends.states import TrendState

ALARM = 3.0  # surprise: a chance of one in a thousand
MANY = 4  # outlets of one day, from which on something is told by everybody
YOUNG, DAY, OLD, SILENT = 12.0, 24.0, 48.0, 72.0  # hours
HOLDS, SLOWS, FALLS = 4, -0.2, -0.3  # reports a day; slopes


@dataclass(frozen=True)
class Facts:
    """What a story looks like now. `age` and `silence` are hours since the first and the last report."""

    counts: Hours
    volume: Hours
    typical: float
    outlets: int
    outlets_today: int
    age: float
    silence: float


@dataclass(frozen=True)
class Judgement:
    """A state, what it was judged by, and the reason in words."""

    state: TrendState
    surprise: float
    expected: float
    recent: int
    slope: float
    burst_hours: int
    why: str

    @property
    def is_alarm(self) -> bool:
        """Whether so many reports hardly came by chance."""
        return self.surprise >= ALARM


def judge(facts: Facts, before: TrendState | None) -> Judgement:
    """The state of a story, given the one it was in."""
    counts, volume = facts.counts, facts.volume
    surprise = min(99.0, shapes.surprise(counts, volume, facts.typical))
    slope, burst = shapes.slope(counts, volume), shapes.burst_hours(counts, volume)
    state = _state(facts, before, surprise, slope, burst)
    expected, recent = shapes.expected(counts, volume, facts.typical), int(counts[-RECENT:].sum())
    why = _why(facts, state, surprise, slope, burst)
    return Judgement(state, round(surprise, 2), round(expected, 2), recent, round(slope, 3), burst, why)


def _state(facts: Facts, before: TrendState | None, surprise: float, slope: float, burst: int) -> TrendState:  # noqa: PLR0911  a rule each
    if facts.silence > SILENT:
        return TrendState.DEAD
    if surprise >= ALARM and facts.outlets_today >= MANY and slope >= SLOWS:
        return TrendState.VIRAL
    was_wide = before in (TrendState.VIRAL, TrendState.SUSTAINED)
    today = float(facts.counts[-int(DAY) :].sum())
    holds = slope >= FALLS and (burst >= DAY or today >= HOLDS)
    if facts.age >= DAY and holds and (was_wide or facts.outlets >= MANY):
        return TrendState.SUSTAINED
    if was_wide and (slope < FALLS or (facts.age >= DAY and not holds)):
        return TrendState.DECLINING
    if was_wide:
        return before or TrendState.VIRAL
    if before == TrendState.DECLINING and not (slope > 0 and surprise >= ALARM):
        return TrendState.DECLINING
    if facts.age > OLD or (facts.age >= YOUNG and slope < FALLS):
        return TrendState.DECLINING if before != TrendState.DEAD else TrendState.EMERGING
    return TrendState.EMERGING


def _why(facts: Facts, state: TrendState, surprise: float, slope: float, burst: int) -> str:
    if state == TrendState.DEAD:
        return f"Nobody has reported on it for {_hours(facts.silence)}."
    parts = [_told(facts)]
    recent = int(facts.counts[-RECENT:].sum())
    if surprise >= ALARM:
        expected = shapes.expected(facts.counts, facts.volume, facts.typical)
        parts.append(
            f"{recent} reports in the last {RECENT} hours where {expected:.1f} were to be expected"
            f" (by chance once in {_round(surprise)})"
        )
    else:
        parts.append(f"{recent} {'report' if recent == 1 else 'reports'} in the last {RECENT} hours, nothing unusual")
    if burst >= DAY:
        parts.append(f"far more than usual for {_hours(burst)}")
    if state == TrendState.SUSTAINED:
        parts.append(f"it has gone on for {_hours(facts.age)}")
    unspread = state == TrendState.DECLINING and slope >= FALLS
    parts.append(f"begun {_hours(facts.age)} ago and told no further" if unspread else _direction(slope))
    return f"{'; '.join(parts)}."


def _told(facts: Facts) -> str:
    return f"Told by {facts.outlets} {'outlet' if facts.outlets == 1 else 'outlets'}"


def _round(surprise: float) -> str:
    if surprise > 9:
        return "more than a billion"
    return f"{10 ** math.floor(surprise):,}"


def _direction(slope: float) -> str:
    if slope > -FALLS:
        return "rising"
    return "falling" if slope < FALLS else "steady"


def _hours(hours: float) -> str:
    return f"{round(hours)} hours" if hours < 2 * DAY else f"{round(hours / DAY)} days"
