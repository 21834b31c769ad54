"""What older installations did by the clock is done by the same clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from stonehand import formerly, pipeline

SATURDAY = datetime(2026, 11, 28, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("former", "expected"),
    [
        ("update_all_user_recommendations", ["28 02:00", "29 02:00"]),
        ("generate_daily_analytics_report", ["28 03:00", "29 03:00"]),
        ("generate_analytics_task", ["28 03:00", "29 03:00"]),
        ("cleanup_old_articles", ["29 04:00", "06 04:00"]),
        ("cleanup_expired_cache", ["28 06:00", "28 12:00"]),
        ("process_pending_items_task", ["28 01:30", "28 02:00"]),
    ],
)
def test_schedules_come_when_they_came(former: str, expected: list[str]) -> None:
    known = formerly.find(former)
    assert known is not None
    (planned,) = [each for each in pipeline.planned() if each.task == known.task]
    moments = planned.timetable().upcoming(planned.timetable().after(SATURDAY, SATURDAY), 2)
    assert [f"{each - timedelta(seconds=each.second):%d %H:%M}" for each in moments] == expected


@pytest.mark.parametrize("former", ["health_check", "health_check_task"])
def test_health_is_checked_every_five_minutes(former: str) -> None:
    known = formerly.find(former)
    assert known is not None
    (planned,) = [each for each in pipeline.planned() if each.task == known.task]
    assert planned.seconds == 300
