"""Days and ages as people write them in a search, and the moment that they mean."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

DAY = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
AGE = re.compile(r"(\d{1,4})(h|d|w)")
_HOURS = {"h": 1, "d": 24, "w": 168}
FORMS = "write a day such as 2026-05-17, a month, a year, or an age such as 36h, 7d or 2w"


def is_moment(words: str) -> bool:
    """Whether these words name a day, a month, a year or an age."""
    if AGE.fullmatch(words):
        return True
    try:
        _start(words)
    except ValueError:
        return False
    return True


def moment(words: str, now: datetime) -> datetime:
    """The start of the day, month or year (UTC), or so long before `now`."""
    if age := AGE.fullmatch(words):
        return now - timedelta(hours=int(age[1]) * _HOURS[age[2]])
    return _start(words)


def _start(words: str) -> datetime:
    if not (day := DAY.fullmatch(words)):
        raise ValueError(words)
    return datetime(int(day[1]), int(day[2] or 1), int(day[3] or 1), tzinfo=UTC)
