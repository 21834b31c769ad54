"""When something comes again: intervals, cron expressions, and the days on which clocks change."""

from __future__ import annotations

import re
import zoneinfo
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stonehand.jobs.clock.timetable import AT_ONCE, SHORTHANDS, Timetable, due, is_astray, zone
from stonehand.jobs.errors import TimetableInvalid

ZURICH = "Europe/Zurich"


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def shown(expression: str, start: datetime, number: int, where: str = ZURICH) -> list[str]:
    """The times as the clocks there show them."""
    times = Timetable(cron=expression, zone=where).check().times(start, start)
    return [f"{at.astimezone(zone(where)):%d %H:%M}" for at in islice(times, number)]


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("0 9 * * MON-FRI", "every weekday at 09:00"),
        ("*/15 * * * *", "every 15 minutes"),
        ("* * * * *", "every minute"),
        ("@hourly", "every hour"),
        ("5 * * * *", "every hour, 5 min past"),
        ("@daily", "every day at 00:00"),
        ("@weekly", "every Sunday at 00:00"),
        ("@monthly", "every month on the 1st at 00:00"),
        ("@yearly", "every year on 1 January at 00:00"),
        ("30 7,19 * * sat,sun", "every Saturday and Sunday at 07:30 and 19:30"),
        ("0 */6 * * *", "every 6 hours from midnight on"),
        ("0 0 12 * *", "every month on the 12th at 00:00"),
        ("*/10 9-17 * * *", "every 10th minute from 09:00 through 17:59"),
        ("0 8 L * *", "at 08:00 on the last day of every month"),
        ("0 8 * * MON#1", "at 08:00 on the first Monday of the month"),
    ],
)
def test_cron_expressions_in_words(expression: str, words: str) -> None:
    assert Timetable(cron=expression, zone=ZURICH).check().words() == f"{words} (Europe/Zurich)"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(15, "every 15 seconds"), (60, "every minute"), (5400, "every 90 minutes"), (3600, "every hour")],
)
def test_intervals_in_words(seconds: int, words: str) -> None:
    assert Timetable(every=seconds).check().words() == words


@pytest.mark.parametrize(
    ("expression", "named"),
    [
        ("61 * * * *", "'61' is no minute"),
        ("* 24 * * *", "'24' is no hour"),
        ("* * 0 * *", "'0' is no day of a month"),
        ("0 0 31 2 *", "'31' is no day of a month"),
        ("* * * MAI *", "'MAI' is no month"),
        ("* * * * FRI-MON", "'FRI-MON' is no day of the week"),
        ("*/0 * * * *", "'*/0' is no minute"),
        ("٣ * * * *", "'٣' is no minute"),
        ("* * * *", "has 4 fields; it needs five"),
        ("0 0 0 * * *", "has 6 fields; it needs five"),
        ("@reboot", "one of @yearly"),
        ("1," * 80 + "1 * * * *", "it needs five"),
    ],
)
def test_what_cannot_be_read_names_the_field(expression: str, named: str) -> None:
    with pytest.raises(TimetableInvalid, match=re.escape(named)):
        Timetable(cron=expression).check()


@pytest.mark.parametrize(
    "table",
    [
        Timetable(),
        Timetable(every=60, cron="* * * * *"),
        Timetable(every=1),
        Timetable(every=10**9),
        Timetable(every=-60),
        Timetable(cron="* * * * *", zone="Mars/Olympus"),
        Timetable(cron="* * * * *", zone="../../etc/passwd"),
        Timetable(cron="* * * * *", zone="Europe"),
    ],
)
def test_nonsense_is_refused(table: Timetable) -> None:
    with pytest.raises(TimetableInvalid):
        table.check()


def test_a_time_that_clocks_skip_comes_once_right_after_the_gap() -> None:
    night = utc(2026, 3, 28, 12)  # at 02:00 of the 29th, clocks go to 03:00
    assert shown("30 2 * * *", night, 2) == ["29 03:00", "30 02:30"]
    assert shown("*/15 2 * * *", night, 3) == ["29 03:00", "30 02:00", "30 02:15"]
    assert shown("0 2,3 * * *", night, 3) == ["29 03:00", "30 02:00", "30 03:00"]
    assert shown("0 0 * * *", utc(2026, 4, 23, 12), 2, "Africa/Cairo") == ["24 01:00", "25 00:00"]


def test_a_time_that_comes_twice_fires_once() -> None:
    night = utc(2026, 10, 24, 12)  # at 03:00 of the 25th, clocks go back to 02:00
    assert shown("30 2 * * *", night, 2) == ["25 02:30", "26 02:30"]
    assert shown("0 */2 * * *", utc(2026, 10, 24, 21, 30), 3) == ["25 00:00", "25 02:00", "25 04:00"]
    first, second = utc(2026, 10, 25, 0, 40), utc(2026, 10, 25, 1, 10)  # between the two, and within the second
    assert shown("30 2 * * *", first, 1) == shown("30 2 * * *", second, 1) == ["26 02:30"]


def test_what_comes_every_hour_neither_rests_nor_doubles() -> None:
    for start in (utc(2026, 3, 28, 22), utc(2026, 10, 24, 22)):
        for expression, step in (("0 * * * *", 60), ("*/20 * * * *", 20), ("*/20 0-23 * * *", 20)):
            times = list(islice(Timetable(cron=expression, zone=ZURICH).times(start, start), 20))
            assert {late - early for early, late in pairwise(times)} == {timedelta(minutes=step)}


def test_zones_are_known_where_the_system_has_none() -> None:
    zoneinfo.reset_tzpath(to=())
    try:
        assert {ZURICH, "America/New_York", "UTC"} <= zoneinfo.available_timezones()
        summer = datetime(2026, 7, 1, tzinfo=zoneinfo.ZoneInfo.no_cache(ZURICH))
        assert summer.utcoffset() == timedelta(hours=2)
    finally:
        zoneinfo.reset_tzpath()


FIELD = st.sampled_from(["*", "*/2", "*/5", "0", "1", "2", "1-3", "2,3", "0-5/2"])
ZONES = st.sampled_from(
    ["UTC", ZURICH, "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kathmandu", "America/Havana"]
)
STARTS = st.integers(0, 4 * 365 * 24 * 60).map(lambda minutes: utc(2024, 1, 1) + timedelta(minutes=minutes, seconds=7))


@given(minute=FIELD, hour=FIELD, where=ZONES, start=STARTS)
def test_times_rise_and_are_the_same_wherever_one_starts(minute: str, hour: str, where: str, start: datetime) -> None:
    table = Timetable(cron=f"{minute} {hour} * * *", zone=where)
    times = list(islice(table.times(start, start), 8))
    assert times[0] > start
    assert times == sorted(set(times))
    assert [table.after(each, start) for each in times[:-1]] == times[1:]


@given(st.text("0123456789*/,-#LW@MONFRI ", max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        table = Timetable(cron=text).check()
    except TimetableInvalid:
        return
    assert table.words()
    assert table.after(utc(2026, 1, 1), utc(2026, 1, 1)) > utc(2026, 1, 1)


def test_every_shorthand_can_be_read() -> None:
    for word in SHORTHANDS:
        assert Timetable(cron=f" {word.upper()} ").check().words() == Timetable(cron=SHORTHANDS[word]).words()


def test_the_next_five() -> None:
    table = Timetable(every=90)
    assert table.upcoming(utc(2026, 1, 1)) == [utc(2026, 1, 1) + timedelta(seconds=90 * each) for each in range(5)]
    rare = Timetable(cron="0 0 29 2 *", zone="UTC")
    assert [each.year for each in rare.upcoming(rare.after(utc(2026, 1, 1), utc(2026, 1, 1)))] == list(
        range(2028, 2045, 4)
    )


def test_a_delay_puts_off_each_time() -> None:
    table = Timetable(cron="0 9 * * *", delay=40)
    nine = utc(2026, 1, 1, 9)
    assert table.after(nine, nine) == nine + timedelta(seconds=40)
    assert table.after(nine + timedelta(seconds=40), nine) == utc(2026, 1, 2, 9, 0, 40)


HOURLY = Timetable(cron="0 * * * *")
NOON = utc(2026, 1, 1, 12)


def test_what_was_missed_fires_once() -> None:
    found = due(HOURLY, NOON - timedelta(hours=5), NOON + timedelta(minutes=10), "once")
    assert (found.fire, found.let_go, found.next_at) == ([NOON - timedelta(hours=5)], [], NOON + timedelta(hours=1))


def test_what_was_missed_is_skipped_but_for_the_last_minute() -> None:
    long_ago = NOON - timedelta(hours=5)
    found = due(HOURLY, long_ago, NOON + timedelta(minutes=10), "skip")
    assert (found.fire, found.let_go, found.next_at) == ([], [long_ago], NOON + timedelta(hours=1))
    found = due(HOURLY, long_ago, NOON + timedelta(seconds=50), "skip")
    assert (found.fire, found.let_go, found.next_at) == ([NOON], [long_ago], NOON + timedelta(hours=1))
    found = due(HOURLY, NOON, NOON + timedelta(seconds=60), "skip")
    assert (found.fire, found.let_go) == ([NOON], [])


def test_what_was_missed_fires_each_time_a_hundred_at_once() -> None:
    start, now = NOON - timedelta(hours=150), NOON + timedelta(minutes=10)
    first = due(HOURLY, start, now, "all")
    assert (len(first.fire), first.next_at) == (AT_ONCE, start + timedelta(hours=100))
    rest = due(HOURLY, first.next_at, now, "all")
    assert first.fire + rest.fire == [start + timedelta(hours=each) for each in range(151)]
    assert rest.next_at == NOON + timedelta(hours=1)


def test_an_interval_is_astray_when_the_clock_was_set_back() -> None:
    assert is_astray(60, NOON + timedelta(hours=1), NOON)
    assert not is_astray(60, NOON + timedelta(seconds=60), NOON)
    assert not is_astray(0, NOON + timedelta(days=300), NOON)
