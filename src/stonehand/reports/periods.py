"""Days and weeks, in UTC. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from stonehand.ids import first_id
from stonehand.reports.errors import PeriodUnfit

DAILY, WEEKLY = "daily", "weekly"
LENGTH = {DAILY: 1, WEEKLY: 7}
EARLIEST = date(2000, 1, 1)


@dataclass(frozen=True)
class Period:
    """From the beginning of `since` to the beginning of `until`, a day or a week from Monday on."""

    kind: str
    since: date

    @property
    def until(self) -> date:
        """The first day after it."""
        return self.since + timedelta(days=LENGTH[self.kind])

    @property
    def begins(self) -> datetime:
        """The moment it begins."""
        return datetime.combine(self.since, time(), UTC)

    @property
    def ends(self) -> datetime:
        """The moment it is over."""
        return datetime.combine(self.until, time(), UTC)

    @property
    def ids(self) -> tuple[str, str]:
        """Every id that was made in it is from the first on and before the second."""
        return first_id(self.begins), first_id(self.ends)

    @property
    def before(self) -> Period:
        """The one before it."""
        return Period(self.kind, self.since - timedelta(days=LENGTH[self.kind]))

    @property
    def title(self) -> str:
        """`17 May 2026`, or `Week of 11 May 2026`."""
        day = f"{self.since:%-d %B %Y}"
        return day if self.kind == DAILY else f"Week of {day}"

    def parts(self) -> Iterator[tuple[str, datetime, datetime]]:
        """Eight times three hours of a day, or the days of a week, each with a short name."""
        step = timedelta(hours=3) if self.kind == DAILY else timedelta(days=1)
        at = self.begins
        while at < self.ends:
            yield (f"{at:%H}–{(at + step):%H} h" if self.kind == DAILY else f"{at:%a %-d %b}"), at, at + step
            at += step


def read(kind: str, day: str, now: datetime) -> Period:
    """The period of this kind that holds `day`; without one, the last that is over. Raises `PeriodUnfit`."""
    if kind not in LENGTH:
        raise PeriodUnfit(f"there are daily and weekly reports, no {kind[:20]!r} ones")
    if not day:
        return _holding(kind, now.date()).before
    try:
        found = _holding(kind, date.fromisoformat(day))
    except ValueError:
        raise PeriodUnfit(f"{day[:20]!r} is no day; write it like 2026-05-17") from None
    if found.since < EARLIEST or found.begins > now:
        raise PeriodUnfit(f"nothing can be known of {day}; choose a day from {EARLIEST} to today")
    return found


def _holding(kind: str, day: date) -> Period:
    return Period(kind, day if kind == DAILY else day - timedelta(days=day.weekday()))
