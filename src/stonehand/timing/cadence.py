"""What a channel bears: its quiet hours, how many pieces a day and an hour, and how far apart. Pure.

Everything goes by what the clocks of the channel's time zone show.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from stonehand.jobs.clock.timetable import zone as zone_named
from stonehand.timing import clocks
from stonehand.timing.errors import CadenceUnfit

DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
MOST_QUIET = 20  # windows
MOST_STEPS = 2000  # of looking for the next free moment
LONGEST_GAP = 7 * 24 * 3600  # seconds
MOST_PIECES = 100_000


@dataclass(frozen=True)
class Quiet:
    """A time of the day in which nothing goes out, perhaps over midnight. `days` are those on which it begins, 0 is
    Monday; none means every day.
    """

    begins: time
    ends: time
    days: tuple[int, ...] = ()

    def holds(self, shown: datetime) -> bool:
        """Whether clocks that show this are within it."""
        at, day = shown.time(), shown.weekday()
        if self.begins < self.ends:
            return self.begins <= at < self.ends and self._begins_on(day)
        return (at >= self.begins and self._begins_on(day)) or (at < self.ends and self._begins_on((day - 1) % 7))

    def _begins_on(self, day: int) -> bool:
        return not self.days or day in self.days

    def words(self) -> str:
        """Such as `22:00-07:00`, or `00:00-00:00 SAT,SUN`."""
        days = " " + ",".join(DAYS[day] for day in self.days) if self.days else ""
        return f"{self.begins:%H:%M}-{self.ends:%H:%M}{days}"


@dataclass(frozen=True)
class Limits:
    """What a channel bears. 0 means that there is no such limit."""

    timezone: str = "UTC"
    quiet: tuple[Quiet, ...] = ()
    per_day: int = 0
    per_hour: int = 0
    gap_seconds: int = 0

    @property
    def zone(self) -> ZoneInfo:
        """Whose clocks count."""
        return zone_named(self.timezone)

    def is_quiet(self, moment: datetime) -> bool:
        """Whether nothing may go out at this moment."""
        shown = clocks.shown(moment, self.zone)
        return any(each.holds(shown) for each in self.quiet)

    def words(self) -> str:
        """All of it in one line; empty if it bears anything."""
        parts = [f"quiet {each.words()}" for each in self.quiet]
        parts += [f"at most {self.per_day} a day"] if self.per_day else []
        parts += [f"at most {self.per_hour} an hour"] if self.per_hour else []
        parts += [f"{span(self.gap_seconds)} apart"] if self.gap_seconds else []
        return f"{', '.join(parts)} ({self.timezone})" if parts else ""


@dataclass(frozen=True)
class Taken:
    """What has gone out lately: on which day and in which hour how many, and when the last one."""

    day: str = ""
    day_count: int = 0
    hour: str = ""
    hour_count: int = 0
    last_at: datetime | None = None


@dataclass(frozen=True)
class Wait:
    """Until when something waits, and for what."""

    until: datetime
    why: str


def wait(limits: Limits, taken: Taken, moment: datetime) -> Wait | None:
    """How long whoever wants to go out at `moment` waits; None if they may go. `why` is what holds them longest."""
    at, why = moment, ""
    for _ in range(MOST_STEPS):
        held = _held(limits, taken, at)
        if held is None:
            return Wait(at, why) if at > moment else None
        at, why = held.until, held.why
    raise CadenceUnfit("the quiet hours of this channel leave no moment at which anything could go out; shorten them")


def _held(limits: Limits, taken: Taken, at: datetime) -> Wait | None:
    zone = limits.zone
    if limits.is_quiet(at):
        return Wait(_quiet_ends(limits, at), "quiet hours")
    if limits.per_day and taken.day == clocks.day_of(at, zone) and taken.day_count >= limits.per_day:
        return Wait(clocks.next_day(at, zone), f"{limits.per_day} a day have gone out")
    if limits.per_hour and taken.hour == clocks.hour_of(at, zone) and taken.hour_count >= limits.per_hour:
        return Wait(clocks.next_hour(at, zone), f"{limits.per_hour} an hour have gone out")
    free = taken.last_at + timedelta(seconds=limits.gap_seconds) if taken.last_at else at
    return Wait(free, f"{span(limits.gap_seconds)} between two pieces") if limits.gap_seconds and free > at else None


def _quiet_ends(limits: Limits, at: datetime) -> datetime:
    """The next moment at which some window ends; another one may hold then."""
    zone, today = limits.zone, clocks.shown(at, limits.zone).date()
    days = [today + timedelta(days=number) for number in range(-1, 3)]
    ends = (end for day in days for each in limits.quiet for end in clocks.both_at(day, each.ends, zone))
    return min((end for end in ends if end > at), default=at + timedelta(days=1))


def take(limits: Limits, taken: Taken, at: datetime) -> Taken:
    """What has gone out after one more went out at `at`."""
    zone = limits.zone
    day, hour = clocks.day_of(at, zone), clocks.hour_of(at, zone)
    return Taken(
        day,
        taken.day_count + 1 if taken.day == day else 1,
        hour,
        taken.hour_count + 1 if taken.hour == hour else 1,
        at,
    )


def expected(limits: Limits, taken: Taken, moment: datetime, dues: Sequence[datetime]) -> Iterator[Wait]:
    """When each of these would go out, in their order, and why not earlier. `dues` ascend; the past means now.

    None goes before the one ahead of it, whose reason is then its own.
    """
    at, why = moment, ""
    for due in dues:
        wanted = max(due, at)
        why = why if due < at else ""
        held = wait(limits, taken, wanted)
        if held:
            at, why = held.until, held.why
        else:
            at = wanted
        taken = take(limits, taken, at)
        yield Wait(at, why)


def read(given: Mapping[str, object]) -> Limits:
    """What somebody wrote. `quiet` holds texts like `22:00-07:00` or `00:00-24:00 SAT,SUN`. Raises `CadenceUnfit`."""
    made = understood(given)
    if len(made.quiet) > MOST_QUIET:
        raise CadenceUnfit(f"{len(made.quiet)} quiet times are more than the {MOST_QUIET} that a channel may have")
    _check_some_moment_is_free(made)
    return made


def understood(given: Mapping[str, object]) -> Limits:
    """The same without asking whether it makes sense: for what was found fit before."""
    windows = given.get("quiet") or ()
    texts = windows.split(";") if isinstance(windows, str) else [*windows] if isinstance(windows, list | tuple) else []
    return Limits(
        zone_named(str(given.get("timezone") or "UTC").strip()).key,
        tuple(_window(str(each)) for each in texts if str(each).strip()),
        _number(given, "per_day", MOST_PIECES),
        _number(given, "per_hour", MOST_PIECES),
        _number(given, "gap_seconds", LONGEST_GAP),
    )


def _number(given: Mapping[str, object], name: str, most: int) -> int:
    try:
        number = int(str(given.get(name) or 0))
    except ValueError:
        number = -1
    if not 0 <= number <= most:
        raise CadenceUnfit(f"{name} must be a number from 0, which means no limit, to {most}")
    return number


def _window(text: str) -> Quiet:
    hours, _, days = text.strip().partition(" ")
    begins, _, ends = hours.partition("-")
    try:
        names = [each.strip().upper() for each in days.split(",") if each.strip()]
        return Quiet(_time(begins), _time(ends), tuple(sorted(DAYS.index(name) for name in names)))
    except ValueError:
        raise CadenceUnfit(
            f"{text.strip()[:60]!r} is no quiet time; write one like 22:00-07:00, or 00:00-24:00 SAT,SUN"
        ) from None


def _time(text: str) -> time:
    return time() if text.strip() == "24:00" else time.fromisoformat(text.strip()).replace(second=0, microsecond=0)


def _check_some_moment_is_free(limits: Limits) -> None:
    week = [datetime(2024, 1, 1) + timedelta(minutes=minute) for minute in range(0, 7 * 24 * 60, 5)]  # noqa: DTZ001
    edges = [datetime.combine(day.date(), each.ends) for day in week[::288] for each in limits.quiet]
    if limits.quiet and all(any(each.holds(shown) for each in limits.quiet) for shown in (*week, *edges)):
        raise CadenceUnfit("these quiet times leave no moment of the week at which anything could go out")


def span(seconds: int) -> str:
    """Such as `90 s`, `15 min` or `2 h`."""
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds and not seconds % size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
