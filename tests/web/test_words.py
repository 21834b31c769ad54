"""Times and numbers in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from stonehand.web import words

NOW = datetime(2026, 11, 22, 14, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "just now"),
        (-4, "just now"),
        (59, "59 s ago"),
        (60, "1 min ago"),
        (-130, "in 2 min"),
        (3599, "59 min ago"),
        (3600, "1 h ago"),
        (86400 * 3 + 5, "3 d ago"),
        (86400 * 20, "2 November 2026"),
    ],
)
def test_ago(seconds: float, said: str) -> None:
    assert words.ago(NOW - timedelta(seconds=seconds), NOW) == said


@pytest.mark.parametrize(
    ("seconds", "said"), [(60, "in 1 min"), (5, "in 5 s"), (4, "due"), (-53, "due"), (-90000, "due")]
)
def test_what_is_to_come_was_never_some_time_ago(seconds: float, said: str) -> None:
    assert words.coming(NOW + timedelta(seconds=seconds), NOW) == said


def test_numbers() -> None:
    assert words.plural(1, "entry", "entries") == "1 entry"
    assert words.plural(1200, "entry", "entries") == "1\u2009200 entries"
    assert words.clock(NOW) == "22 Nov 2026, 14:03 UTC"


@pytest.mark.parametrize("values", [(), (0,), (0, 0), (5,), (1, 2, 400)])
def test_points_stay_inside_their_box(values: tuple[int, ...]) -> None:
    pairs = [tuple(map(float, point.split(","))) for point in words.points(values, 80, 20).split()]
    assert len(pairs) == len(values)
    assert all(0 <= x <= 80 and 0 <= y <= 20 for x, y in pairs)


def test_times_are_told_on_the_clocks_of_a_place() -> None:
    zurich = ZoneInfo("Europe/Zurich")
    assert words.clock(NOW, zurich) == "22 Nov 2026, 15:03 CET"
    assert words.day(NOW.replace(hour=23, minute=30), zurich) == "23 November 2026"
