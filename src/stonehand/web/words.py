"""Times and numbers in words, and the points of a small curve. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo

_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))
LONGEST_RELATIVE = 14 * 86400  # seconds
SOON = timedelta(seconds=5)


def ago(value: datetime, now: datetime, zone: tzinfo = UTC) -> str:
    """`3 min ago`, `in 2 h`, `just now`; a date when it is over two weeks away."""
    seconds = (now - value).total_seconds()
    size = abs(seconds)
    if size < 5:
        return "just now"
    if size >= LONGEST_RELATIVE:
        return day(value, zone)
    length, unit = next(step for step in _UNITS if size >= step[0])
    text = f"{int(size // length)} {unit}"
    return f"{text} ago" if seconds > 0 else f"in {text}"


def coming(value: datetime, now: datetime, zone: tzinfo = UTC) -> str:
    """`in 3 min` of what is to come; `due` once its time is here, since somebody may yet have to get to it."""
    return ago(value, now, zone) if value - now >= SOON else "due"


def day(value: datetime, zone: tzinfo = UTC) -> str:
    """`22 November 2026`."""
    return f"{value.astimezone(zone):%-d %B %Y}"


def clock(value: datetime, zone: tzinfo = UTC) -> str:
    """`22 Nov 2026, 14:03 UTC`."""
    return f"{value.astimezone(zone):%-d %b %Y, %H:%M %Z}"


def number(value: float) -> str:
    """`12 345`, with thin spaces."""
    return f"{value:,.0f}".replace(",", "\u2009")


def plural(count: int, one: str, many: str = "") -> str:
    """`1 source`, `5 sources`."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def points(values: Sequence[float], width: int, height: int) -> str:
    """Points of an SVG polyline that fills `width` x `height` units, the largest value at the top."""
    if not values:
        return ""
    top = max(*values, 1) if len(values) > 1 else max(values[0], 1)
    step = width / max(len(values) - 1, 1)
    return " ".join(f"{i * step:.1f},{height - 1 - value / top * (height - 2):.1f}" for i, value in enumerate(values))
