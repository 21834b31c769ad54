"""What channels bear: quiet hours over changes of the clocks, caps and gaps. Every rule is checked by brute force."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from stonehand.jobs.errors import TimetableInvalid
from stonehand.timing import cadence, clocks, moments
from stonehand.timing.cadence import Limits, Taken
from stonehand.timing.errors import CadenceUnfit, TimeUnfit

ZURICH = "Europe/Zurich"
FORWARD, BACK = datetime(2026, 3, 28, 20, tzinfo=UTC), datetime(2026, 10, 24, 20, tzinfo=UTC)


def limits(*quiet: str, zone: str = ZURICH, **more: int) -> Limits:
    return cadence.read({"timezone": zone, "quiet": list(quiet), **more})


def free_from(asked: Limits, moment: datetime) -> datetime:
    held = cadence.wait(asked, Taken(), moment)
    return held.until if held else moment


@pytest.mark.parametrize("start", [datetime(2026, 6, 3, 20, tzinfo=UTC), FORWARD], ids=["a usual night", "forward"])
@pytest.mark.parametrize("quiet", ["22:00-07:00", "23:30-02:30", "01:15-02:15", "00:00-24:00 SUN"])
def test_the_first_minute_that_is_not_quiet_is_found(start: datetime, quiet: str) -> None:
    asked = limits(quiet)
    for minutes in range(0, 36 * 60, 13):
        moment = start + timedelta(minutes=minutes)
        by_hand = moment
        while asked.is_quiet(by_hand):
            by_hand += timedelta(minutes=1 if by_hand.second == 0 else 0)
        assert free_from(asked, moment) == by_hand, moment


@pytest.mark.parametrize("quiet", ["22:00-07:00", "23:30-02:30", "02:15-02:45"])
def test_nothing_goes_out_while_clocks_show_a_quiet_time_twice(quiet: str) -> None:
    asked = limits(quiet)
    found = [free_from(asked, BACK + timedelta(minutes=minutes)) for minutes in range(0, 16 * 60, 5)]
    assert not any(asked.is_quiet(moment) for moment in found)
    assert all(one <= other for one, other in pairwise(found))
    assert max(each - (BACK + timedelta(minutes=5 * n)) for n, each in enumerate(found)) <= timedelta(hours=12)


def test_an_hour_that_comes_twice_has_two_names() -> None:
    zone = limits().zone
    names = {clocks.hour_of(datetime(2026, 10, 25, hour, 30, tzinfo=UTC), zone) for hour in (0, 1)}
    assert names == {"2026-10-25T02+0200", "2026-10-25T02+0100"}
    half = limits(zone="Asia/Kolkata").zone
    assert clocks.next_hour(datetime(2026, 5, 1, 10, 15, tzinfo=UTC), half) == datetime(2026, 5, 1, 10, 30, tzinfo=UTC)


def test_a_day_whose_midnight_is_leapt_over_begins_at_one() -> None:
    cairo = limits(zone="Africa/Cairo").zone  # 24 April 2026, 00:00 becomes 01:00
    assert clocks.next_day(datetime(2026, 4, 23, 12, tzinfo=UTC), cairo) == datetime(2026, 4, 23, 22, tzinfo=UTC)


def test_caps_and_gaps_hold_by_simulation() -> None:
    asked = limits("22:00-07:00", per_day=5, per_hour=2, gap_seconds=600)
    start = datetime(2026, 6, 3, 15, 3, tzinfo=UTC)
    waits = list(cadence.expected(asked, Taken(), start, [start] * 12))
    times = [each.until for each in waits]
    assert waits[0] == cadence.Wait(start, "")
    for zone_name, most in ((clocks.day_of, 5), (clocks.hour_of, 2)):
        counted = [zone_name(each, asked.zone) for each in times]
        assert max(counted.count(each) for each in counted) <= most
    assert min(later - earlier for earlier, later in pairwise(times)) >= timedelta(minutes=10)
    assert not any(asked.is_quiet(each) for each in times)
    assert [waits[n].why for n in (1, 2, 5)] == ["10 min between two pieces", "2 an hour have gone out", "quiet hours"]
    assert times[5] == datetime(2026, 6, 4, 5, tzinfo=UTC), "at seven the next morning, by the clocks of Zürich"


def test_the_second_that_waits_goes_an_hour_after_the_first() -> None:
    """It was told that it goes now, for no reason, since the count of the next hour said nothing about this one."""
    asked = limits(per_hour=1)
    start = datetime(2026, 6, 3, 15, 3, tzinfo=UTC)
    taken = cadence.take(asked, Taken(), start)
    waits = list(cadence.expected(asked, taken, start, [start - timedelta(minutes=1), start]))
    why = "1 an hour have gone out"
    assert waits == [
        cadence.Wait(start.replace(hour=16, minute=0), why),
        cadence.Wait(start.replace(hour=17, minute=0), why),
    ]
    two = limits(per_hour=2)
    full = cadence.take(two, cadence.take(two, Taken(), start), start)
    behind = list(cadence.expected(two, full, start, [start, start, start.replace(hour=20)]))
    assert [each.until.hour for each in behind] == [16, 16, 20]
    assert [each.why for each in behind] == ["2 an hour have gone out"] * 2 + [""]


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"quiet": ["22-7"]}, "write one like 22:00-07:00"),
        ({"quiet": ["22:00-07:00 MONDAY"]}, "no quiet time"),
        ({"quiet": ["00:00-24:00"]}, "no moment of the week"),
        ({"quiet": ["07:00-22:00", "22:00-07:00"]}, "no moment of the week"),
        ({"per_day": -1}, "per_day must be a number"),
        ({"gap_seconds": "soon"}, "gap_seconds must be a number"),
    ],
)
def test_hours_that_make_no_sense_are_refused(wish: dict[str, object], words: str) -> None:
    with pytest.raises(CadenceUnfit, match=words):
        cadence.read(wish)
    with pytest.raises(TimetableInvalid, match="not a time zone"):
        cadence.read({"timezone": "Mars"})


def test_it_is_told_in_one_line() -> None:
    asked = limits("22:00-07:00", "00:00-24:00 SAT,SUN", per_day=5, gap_seconds=900)
    assert asked.words() == (
        "quiet 22:00-07:00, quiet 00:00-00:00 SAT,SUN, at most 5 a day, 15 min apart (Europe/Zurich)"
    )
    assert cadence.read({"timezone": ZURICH, "quiet": [each.words() for each in asked.quiet]}).quiet == asked.quiet
    assert limits().words() == ""


def test_a_time_is_read_as_the_clocks_of_the_place_show_it() -> None:
    assert moments.read("2026-12-01T09:00", ZURICH) == datetime(2026, 12, 1, 8, tzinfo=UTC)
    assert moments.read("2026-12-01 09:00Z", ZURICH) == datetime(2026, 12, 1, 9, tzinfo=UTC)
    assert moments.read("2026-10-25T02:30", ZURICH) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "the first of two"
    with pytest.raises(TimeUnfit, match="put forward over 02:30"):
        moments.read("2026-03-29T02:30", ZURICH)
    with pytest.raises(TimeUnfit, match="no time"):
        moments.read("tomorrow", ZURICH)
    for year in ("0001", "9999"):
        with pytest.raises(TimeUnfit, match="the year"):
            moments.read(f"{year}-01-01T00:00+14:00")


def test_times_past_and_far_away_are_refused() -> None:
    now = datetime(2026, 6, 1, tzinfo=UTC)
    assert moments.to_come(now - timedelta(minutes=1), now) == now
    for wrong in (now - timedelta(minutes=6), now + timedelta(days=367)):
        with pytest.raises(TimeUnfit):
            moments.to_come(wrong, now)
