"""How long a silent target is asked: the window is one of asking, not of waiting for a worker."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from stonehand.jobs import doubts

BEGAN = datetime(2026, 3, 1, tzinfo=UTC)


def ask(gaps: list[float], window: float = 900.0, retry_after: float | None = None) -> list[float | None]:
    """The waits after each question, where one comes so many seconds after the one before."""
    kept: dict[str, Any] = {}
    moment, waits = BEGAN, []
    for gap in [0.0, *gaps]:
        moment += timedelta(seconds=gap)
        kept, wait = doubts.next_question(kept, moment, window, 15.0, retry_after)
        waits.append(wait)
    return waits


def test_a_person_looks_after_a_window_of_silence() -> None:
    assert ask([15.0] * 60) == [15.0] * 60 + [None]
    assert ask([15.0] * 3, window=40.0) == [15.0, 15.0, 10.0, None], "the last question comes at its end"


def test_waiting_for_a_worker_is_no_silence_of_the_target() -> None:
    assert ask([1200.0, 15.0, 15.0]) == [15.0] * 4, "asked after 20 minutes behind others, and twice more"
    assert ask([1200.0] * 40).index(None) == 12, "nor is a person kept from it for ever"


def test_a_target_that_wants_to_be_left_alone_is() -> None:
    assert ask([600.0, 300.0], retry_after=600.0) == [600.0, 300.0, None]


def test_a_short_window_asks_three_times_and_none_at_all_asks_nobody() -> None:
    assert ask([60.0, 60.0], window=10.0) == [10.0, 15.0, None]
    assert ask([], window=0.0) == [None]


def test_a_clock_that_is_set_back_ends_nothing() -> None:
    assert ask([-3600.0, 15.0]) == [15.0] * 3
