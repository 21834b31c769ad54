"""A time that a person wrote, as a moment. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from stonehand.jobs.clock.timetable import zone as zone_named
from stonehand.timing import clocks
from stonehand.timing.errors import TimeUnfit

LATEST = timedelta(days=366)
FIRST_YEAR, LAST_YEAR = 1970, 9000  # of times that can be reckoned with
GRACE = timedelta(minutes=5)  # by which somebody's clock may be late


def read(text: str, timezone: str = "UTC") -> datetime:
    """The moment that `2026-12-01T09:00` is in a time zone. A text that ends in `Z` or `+01:00` needs none.

    A time that clocks show twice is the first of the two. Raises `TimeUnfit` for one that they leap over, and
    `TimetableInvalid` for a time zone that does not exist.
    """
    try:
        given = datetime.fromisoformat(text.strip())
    except ValueError:
        raise TimeUnfit(f"{text[:60]!r} is no time; write one like 2026-12-01T09:00 or 2026-12-01T09:00Z") from None
    if not FIRST_YEAR <= given.year <= LAST_YEAR:
        raise TimeUnfit(f"the year {given.year} is not one in which a piece could go out")
    if given.tzinfo is not None:
        return given.astimezone(UTC)
    zone = zone_named(timezone or "UTC")
    if clocks.is_leapt_over(given, zone):
        raise TimeUnfit(
            f"clocks in {timezone} are put forward over {given:%H:%M} on {given:%Y-%m-%d}; choose another time"
        )
    return given.replace(tzinfo=zone).astimezone(UTC)


def to_come(moment: datetime, now: datetime) -> datetime:
    """The moment, or now if it has just passed. Raises `TimeUnfit` for a time long past or more than a year away."""
    if moment < now - GRACE:
        raise TimeUnfit(f"{moment:%Y-%m-%d %H:%M} UTC is past; choose a time to come")
    if moment > now + LATEST:
        raise TimeUnfit(f"{moment:%Y-%m-%d %H:%M} UTC is more than a year away; choose an earlier time")
    return max(moment, now)


def told(moment: datetime, timezone: str) -> str:
    """Such as `2026-12-01 09:00 (Europe/Zurich)`."""
    return f"{moment.astimezone(zone_named(timezone)):%Y-%m-%d %H:%M} ({timezone})"
