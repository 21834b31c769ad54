"""What stands out of chance, what a score is made of, and that every state is reached by a shape that deserves it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from stonehand.trends import scoring, shapes
from stonehand.trends.gathering import HOURS
from stonehand.trends.judging import ALARM, Facts, judge
from stonehand.trends.scoring import Engagement
from stonehand.trends.states import TrendState


def hours(*ago: int, of: int = HOURS) -> np.ndarray:
    """Counts with one report at each of these hours ago."""
    return shapes.hourly([-3600.0 * each - 1 for each in ago], 0.0, of)


WORLD = np.full(HOURS, 30.0)
TYPICAL = 1 / 400


def facts(ago: list[int], outlets: int = 5, volume: np.ndarray = WORLD) -> Facts:
    counts = hours(*ago)
    today = min(outlets, sum(each < 24 for each in ago))
    return Facts(counts, volume, TYPICAL, min(outlets, len(ago)), today, float(max(ago)), float(min(ago)))


def test_the_tail_of_poisson_is_exact() -> None:
    for mean in (0.3, 2.0, 40.0):
        for count in (1, 2, 5, 60):
            exact = 1 - sum(math.exp(-mean) * mean**k / math.factorial(k) for k in range(count))
            if exact > 1e-9:
                assert shapes.log10_tail(count, mean) == pytest.approx(math.log10(exact), abs=1e-5)
    assert shapes.log10_tail(0, 3.0) == 0.0
    assert shapes.log10_tail(50, 0.1) == pytest.approx(-114.5, abs=0.1)
    assert shapes.log10_tail(1, 0.0) == -math.inf


def test_more_of_everything_is_no_surprise() -> None:
    counts = hours(*range(0, 48, 2), 0, 1, 2, 3)
    louder = WORLD.copy()
    louder[-6:] *= 10
    assert shapes.surprise(counts, louder, TYPICAL) < 0.5 < shapes.surprise(counts, WORLD, TYPICAL)
    assert shapes.surprise(hours(300), WORLD, TYPICAL) == 0.0


def test_slope_tells_rising_from_falling() -> None:
    assert shapes.slope(hours(0, 0, 0, 1, 1, 2), WORLD) > 0.5
    assert shapes.slope(hours(*range(24), *range(24)), WORLD) == pytest.approx(0.0, abs=0.25)
    assert shapes.slope(hours(*range(10, 24)), WORLD) < -0.3
    assert shapes.slope(np.zeros(48), np.zeros(48)) == 0.0


def test_bursts_last_as_long_as_they_last() -> None:
    assert shapes.burst_hours(hours(*range(30), *range(30)), WORLD) in (30, 36)
    assert shapes.burst_hours(hours(*range(100, 130), *range(100, 130)), WORLD) == 0
    assert shapes.burst_hours(np.zeros(HOURS), WORLD) == 0
    assert shapes.burst_hours(hours(*range(0, HOURS, 12)), WORLD) == 0


def test_hours_count_back_from_now() -> None:
    assert shapes.hourly([-1.0, -3599.0, -3601.0, -1e9, 5.0], 0.0, 3).tolist() == [0.0, 1.0, 3.0]


def test_the_score_is_the_published_formula() -> None:
    engagement = Engagement(up=100, comments=50, shares=10, views=1000)
    assert engagement.weighed == 230
    found = scoring.score(engagement, outlets=3, hours=10, silent_hours=24, growth=0.0)
    e, r, v, d = 10 * math.log10(330), 50.0, 15 * math.log10(23), 70.0
    assert (found.engagement, found.recency, found.velocity, found.spread) == pytest.approx((e, r, v, d), abs=0.01)
    assert found.total == pytest.approx((0.5 * e + 0.2 * r + 0.2 * v + 0.1 * d) * 2**-0.5, abs=0.01)
    boosted = scoring.score(engagement, 3, 10, 24, growth=0.4)
    assert boosted.total == pytest.approx(found.total * 1.6, abs=0.02)
    assert scoring.score(engagement, 3, 10, 24, growth=0.19).total == found.total
    assert scoring.score(engagement, 3, 10, 24, growth=9).total == pytest.approx(2 * found.total, abs=0.02)
    assert scoring.score(Engagement(10**9, 10**9), 9, 0, 0, 9).total == 100.0
    assert scoring.score(Engagement(), 1, 0, 0, 0).engagement == 0.0
    assert [scoring.score(Engagement(), n, 0, 0, 0).spread for n in (1, 2, 3, 4, 9)] == [20, 50, 70, 100, 100]


def test_velocity_and_growth() -> None:
    assert scoring.velocity(Engagement(10, 5, 2, 100), 0.2) == 31
    assert scoring.velocity(Engagement(10, 5, 2, 100), 10) == 3.1
    assert (scoring.growth(3, 2), scoring.growth(3, None), scoring.growth(1, 2)) == (0.5, 0.0, -0.5)


def test_every_state_is_reached_by_its_shape() -> None:
    first = judge(facts([1, 1], outlets=2), None)
    assert first.state == TrendState.EMERGING
    loud = judge(facts([0, 0, 0, 1, 1, 1, 2, 2, 3, 4]), TrendState.EMERGING)
    assert (loud.state, loud.is_alarm) == (TrendState.VIRAL, True)
    lasting = judge(facts([*range(40), *range(0, 40, 2)]), TrendState.VIRAL)
    assert lasting.state == TrendState.SUSTAINED
    fading = judge(facts([14, 20, *range(20, 60)]), TrendState.SUSTAINED)
    assert fading.state == TrendState.DECLINING
    over = judge(facts([80, 90, 100]), TrendState.DECLINING)
    assert over.state == TrendState.DEAD
    assert over.why == "Nobody has reported on it for 3 days."
    assert judge(facts([0, 80, 90], outlets=2), TrendState.DEAD).state == TrendState.EMERGING  # and it can come back


def test_what_is_loud_in_one_outlet_only_is_not_viral() -> None:
    found = judge(facts([0, 0, 0, 1, 1, 1, 2, 2, 3, 4], outlets=2), None)
    assert (found.state, found.is_alarm) == (TrendState.EMERGING, True)


def test_small_things_grow_old() -> None:
    assert judge(facts([3, 30], outlets=2), TrendState.EMERGING).state == TrendState.EMERGING
    assert judge(facts([3, 60], outlets=2), TrendState.EMERGING).state == TrendState.DECLINING
    assert judge(facts([0, 60], outlets=2), TrendState.DECLINING).state == TrendState.DECLINING


def test_a_viral_story_stays_so_until_it_holds_or_falls() -> None:
    assert judge(facts([8, 9, 9, 10, 3, 2]), TrendState.VIRAL).state == TrendState.VIRAL
    assert judge(facts([12, 13, 13, 14, 14, 15]), TrendState.VIRAL).state == TrendState.DECLINING


def test_why_is_a_sentence_with_its_numbers() -> None:
    loud = judge(facts([0, 0, 0, 1, 1, 1, 2, 2, 3, 4]), None)
    assert loud.why.startswith("Told by 5 outlets; 10 reports in the last 6 hours where 0.5 were to be expected")
    assert loud.why.endswith("rising.")
    quiet = judge(facts([5], outlets=1), None)
    assert quiet.why == "Told by 1 outlet; 1 report in the last 6 hours, nothing unusual; steady."
    assert loud.surprise > ALARM > quiet.surprise


def test_why_says_since_when_something_holds_or_that_it_spread_no_further() -> None:
    holds = judge(facts(list(range(0, 60, 4))), None)
    assert (holds.state, "it has gone on for 2 days" in holds.why) == (TrendState.SUSTAINED, True)
    small = judge(facts([60, 1], outlets=2), None)
    assert small.state == TrendState.DECLINING
    assert small.why.endswith("begun 2 days ago and told no further.")
