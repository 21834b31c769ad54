"""How a source is doing: when to look again, and a sentence that says why. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

DAY = 86_400
FAILING = 3  # failures in a row until it is called failing
SLOWEST = 8  # times the interval
QUIET = 4  # looks in a row that bring nothing, until the pace is halved
REMEMBERED = 50  # looks
NEWS, NOTHING, FAILED = "n", "o", "x"  # how a look ended, in `recent`
DEAD = 30  # failures in a row until nobody looks any more: about four weeks


class Health(Protocol):
    """What the sentence is made of."""

    @property
    def recent(self) -> str: ...
    @property
    def interval_seconds(self) -> int: ...
    @property
    def pace_seconds(self) -> int | None: ...
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


def remember(recent: str, look: str) -> str:
    """The last looks, with one more."""
    return (recent + look)[-REMEMBERED:]


def quiet_looks(recent: str) -> int:
    """How many of the last good looks, in a row, brought nothing new. Failures say nothing about news."""
    good = recent.replace(FAILED, "")
    return len(good) - len(good.rstrip(NOTHING))


def pace(interval: int, recent: str) -> int:
    """Seconds between looks: the interval, doubled for every few looks in a row that brought nothing.

    At most eight times the interval, and at most a day unless the interval is longer.
    """
    slower = interval * min(1 << quiet_looks(recent) // QUIET, SLOWEST)
    return max(interval, min(slower, DAY))


def success_rate(recent: str) -> float | None:
    """The share of the last looks that went well, with news or without; None before the first."""
    return round(1 - recent.count(FAILED) / len(recent), 3) if recent else None


def state_after(failures: int, needs_somebody: bool = False) -> str:
    """What a source is called after so many failures in a row; `needs_somebody` if no later look can mend it."""
    if failures >= DEAD:
        return "dead"
    if failures >= FAILING or (failures and needs_somebody):
        return "failing"
    return "backing_off" if failures else "active"


def span(seconds: float) -> str:
    """`5 minutes`, `3 hours`: a time as people say it."""
    for size, one in ((DAY, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size * 0.99:  # 59 minutes 50 are an hour
            number = round(seconds / size)
            return f"{number} {one}{'' if number == 1 else 's'}"
    return "a moment"


def every(seconds: float) -> str:
    """`every 5 minutes`, `every hour`, `every 30 seconds`: a pace as people say it."""
    exact = seconds < 60 or (seconds % 60 and seconds < 3600)
    return f"every {seconds:g} seconds" if exact else f"every {span(seconds).removeprefix('1 ')}"


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
        return (
            "Waiting for the first look."
            if source.next_poll_at
            else "Not looked at by itself: what is handed in is read."
        )
    news = f"last news {_ago(source.last_new_at, now)}" if source.last_new_at else "no news so far"
    if source.last_new_at == source.last_poll_at:
        news = "there was something new"
    warning = f" But {source.last_warning}." if source.last_warning else ""
    slower = f" Looks {every(source.pace_seconds)} for now, since little comes." if source.pace_seconds else ""
    return f"Looked {_ago(source.last_poll_at, now)}; {news}.{slower}{warning}"


def _trouble(source: Health, now: datetime) -> str:
    times = "once" if source.failure_streak == 1 else f"{source.failure_streak} times in a row"
    since = f", last good look {_ago(source.last_ok_at, now)}" if source.last_ok_at else ", it has never worked"
    again = ""
    if source.next_poll_at:
        again = f" Next try in {span((source.next_poll_at - now).total_seconds())}."
    return f"Could not look ({times}{since}): {source.last_error}.{again}"
