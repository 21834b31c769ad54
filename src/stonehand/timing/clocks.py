"""Times as the clocks of a place show them, also when clocks are put forward or back. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)


def shown(moment: datetime, zone: ZoneInfo) -> datetime:
    """What the clocks of `zone` show at an aware moment, without a zone."""
    return moment.astimezone(zone).replace(tzinfo=None)


def first_at(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The first moment at which clocks show this time of this day or, where they leap over it, a later one. In UTC."""
    wanted = datetime.combine(day, at)
    first = wanted.replace(tzinfo=zone).astimezone(UTC)
    if shown(first, zone) == wanted:
        return first
    moment = wanted.replace(tzinfo=zone, fold=1).astimezone(UTC)  # in a gap, this is before it
    while shown(moment, zone) < wanted:
        moment += MINUTE
    return moment


def both_at(day: date, at: time, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The first and the second moment at which clocks show this; the same twice but when they are put back or forward.

    Where they leap over it, the second is somewhat before the gap.
    """
    return first_at(day, at, zone), datetime.combine(day, at, zone).replace(fold=1).astimezone(UTC)


def is_leapt_over(wanted: datetime, zone: ZoneInfo) -> bool:
    """Whether clocks never show this time, since they are put forward over it."""
    return shown(wanted.replace(tzinfo=zone).astimezone(UTC), zone) != wanted


def hour_of(moment: datetime, zone: ZoneInfo) -> str:
    """The name of the hour that clocks show. An hour that comes twice has two names."""
    return moment.astimezone(zone).strftime("%Y-%m-%dT%H%z")


def day_of(moment: datetime, zone: ZoneInfo) -> str:
    """The name of the day that calendars show."""
    return moment.astimezone(zone).strftime("%Y-%m-%d")


def next_hour(moment: datetime, zone: ZoneInfo) -> datetime:
    """The first moment of the next hour that clocks show."""
    local = moment.astimezone(zone)
    return moment - timedelta(
        minutes=local.minute, seconds=local.second, microseconds=local.microsecond - 3_600_000_000
    )


def next_day(moment: datetime, zone: ZoneInfo) -> datetime:
    """The first moment of the next day that calendars show."""
    return first_at(shown(moment, zone).date() + timedelta(days=1), time(), zone)
