"""Dates as pages and feeds write them, read into UTC."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal

Precision = Literal["day", "time"]
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
LAST = datetime.max.replace(tzinfo=UTC)
DAY = re.compile(r"\s*(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\s*")
LOOSE_ISO = re.compile(
    r"(\d{4}-\d{2}-\d{2})[T ]+(\d{2}:\d{2}(?::\d{2})?)(?:[.,]\d+)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?", re.IGNORECASE
)


@dataclass(frozen=True)
class Moment:
    """When something was published, and how exactly that is known. A bare day is its midnight in UTC."""

    at: datetime
    precision: Precision = "time"


def parse(value: Any, latest: datetime) -> Moment | None:
    """Read ISO 8601, RFC 2822 or a bare day. None if it is neither, before 1990, or after `latest`."""
    if not isinstance(value, str) or not value.strip():
        return None
    try:
        moment = _read(value.strip()[:100])
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
    return moment if EARLIEST <= moment.at <= latest else None


def _read(value: str) -> Moment:
    if day := DAY.fullmatch(value):
        year, month, number = map(int, day.groups())
        return Moment(datetime(year, month, number, tzinfo=UTC), "day")
    if loose := LOOSE_ISO.match(value):
        date, time, zone = loose.groups()
        zone = "+00:00" if not zone or zone.upper() in {"Z", "UTC", "GMT"} else zone
        return Moment(datetime.fromisoformat(f"{date}T{time}{zone}").astimezone(UTC))
    written = parsedate_to_datetime(value)
    return Moment(written.replace(tzinfo=UTC) if written.tzinfo is None else written.astimezone(UTC))
