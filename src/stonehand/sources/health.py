"""How a source is doing: when to look again, and a sentence that says why. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

DAY = 86_400
FAILING = 3  # failures in a row until it is called failing
DEAD = 30  # failures in a row until nobody looks any more: about four weeks


class Health(Protocol):
    """What the sentence is made of."""

    @property
    def state(self) -> str: ...
    @property
    def next_poll_at(self) -> datetime | None: ...
    @property
    def last_poll_at(self) -> datetime | None: ...
    @property
    def last_new_at(self) -> datetime | None: ...
    @property
    def last_ok_at(self) -> datetime | None: ...
    @property
    def failure_streak(self) -> int: ...
    @property
    def last_error(self) -> str | None: ...
    @property
    def last_warning(self) -> str | None: ...


def delay_after(interval: int, failures: int, retry_after: float | None = None) -> float:
    """Seconds until the next look: the interval, doubled for each failure, at most a day or what the host asks."""
    backed_off = min(interval * 2.0 ** min(failures, 16), max(DAY, interval))
    return max(backed_off, min(retry_after or 0.0, 7 * DAY))


def state_after(failures: int) -> str:
    """What a source is called after so many failures in a row."""
    if failures >= DEAD:
        return "dead"
    if failures >= FAILING:
        return "failing"
    return "backing_off" if failures else "active"


def span(seconds: float) -> str:
    """`5 minutes`, `3 hours`: a time as people say it."""
    for size, one in ((DAY, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size * 0.99:  # 59 minutes 50 are an hour
            number = round(seconds / size)
            return f"{number} {one}{'' if number == 1 else 's'}"
    return "a moment"


def _ago(moment: datetime, now: datetime) -> str:
    return f"{span((now - moment).total_seconds())} ago"


def describe(source: Health, now: datetime) -> str:
    """How the source is doing, in a sentence; tells "nothing new" apart from "could not look"."""
    if source.state == "paused":
        return "Paused by somebody; nothing is collected until it is resumed."
    if source.state == "dead":
        return f"Given up after {source.failure_streak} failures in a row: {source.last_error}. Resume it to try again."
    if source.failure_streak:
        return _trouble(source, now)
    if source.last_poll_at is None:
        return "Waiting for the first look." if source.next_poll_at else "A list of pages; nothing to look for."
    news = f"last news {_ago(source.last_new_at, now)}" if source.last_new_at else "no news so far"
    if source.last_new_at == source.last_poll_at:
        news = "there was something new"
    warning = f" But {source.last_warning}." if source.last_warning else ""
    return f"Looked {_ago(source.last_poll_at, now)}; {news}.{warning}"


def _trouble(source: Health, now: datetime) -> str:
    times = "once" if source.failure_streak == 1 else f"{source.failure_streak} times in a row"
    since = f", last good look {_ago(source.last_ok_at, now)}" if source.last_ok_at else ", it has never worked"
    again = ""
    if source.next_poll_at:
        again = f" Next try in {span((source.next_poll_at - now).total_seconds())}."
    return f"Could not look ({times}{since}): {source.last_error}.{again}"
