"""When something comes again: by an interval, or by a cron expression in a time zone. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from itertools import count, islice
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

from stonehand.jobs.clock import timetable_words
from stonehand.jobs.errors import TimetableInvalid

SHORTEST, LONGEST = 5, 366 * 24 * 3600  # seconds of an interval
LONGEST_JITTER = 60  # seconds
LONGEST_CRON = 120  # characters
SKIP_AFTER = timedelta(minutes=1)
AT_ONCE = 100  # due times that one tick fires of one schedule
FAR = timedelta(days=50 * 365)
SOME_DAY = datetime(2024, 1, 1, tzinfo=UTC)  # to read an expression, whenever it comes
MISSED = ("once", "skip", "all")
SHORTHANDS = {
    **{"@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0"},
    **{"@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *"},
}
_FIELDS = {
    "minute": "minute (0 to 59)",
    "hour": "hour (0 to 23)",
    "day-of-month": "day of a month (1 to 31 that the month has, or L for the last)",
    "month": "month (1 to 12, or JAN to DEC)",
    "day-of-week": "day of the week (0 to 7 or SUN to SAT, Sunday is 0 and 7)",
}


@dataclass(frozen=True)
class Timetable:
    """Every so many seconds, or at the times of a cron expression as the clocks of `zone` show them.

    `delay` is how many seconds after each time of the expression it is due, so that not everything is due at once.
    """

    every: int = 0
    cron: str = ""
    zone: str = "UTC"
    delay: int = 0

    def check(self) -> Timetable:
        """This timetable. Raises `TimetableInvalid`, which names the field that cannot be read."""
        zone(self.zone)
        if bool(self.every) == bool(self.cron):
            raise TimetableInvalid("say either every how many seconds or a cron expression, not both and not neither")
        if self.every and not SHORTEST <= self.every <= LONGEST:
            raise TimetableInvalid(f"every {self.every} seconds: an interval is {SHORTEST} to {LONGEST} seconds long")
        if self.cron and next(_cron_times(self.cron, "UTC", SOME_DAY), None) is None:
            raise TimetableInvalid(f"the cron expression {self.cron!r} never comes")
        return self

    def times(self, after: datetime, anchor: datetime) -> Iterator[datetime]:
        """The due times later than `after`, in UTC. `anchor` is any due time, from which intervals are counted."""
        if self.every:
            step = timedelta(seconds=self.every)
            first = anchor + step * ((after - anchor) // step + 1)
            return (first + step * number for number in count())
        late = timedelta(seconds=self.delay)
        return (moment + late for moment in _cron_times(self.cron, self.zone, after - late))

    def after(self, moment: datetime, anchor: datetime) -> datetime:
        """The first due time later than `moment`; a far day if there is none in fifty years."""
        return next(self.times(moment, anchor), moment + FAR)

    def upcoming(self, next_at: datetime, number: int = 5) -> list[datetime]:
        """The next due time and those that follow it."""
        return [next_at, *islice(self.times(next_at, next_at), number - 1)]

    def words(self) -> str:
        """Such as `every 15 minutes`, or `every weekday at 09:00 (Europe/Zurich)`."""
        if self.every:
            return _interval_words(self.every)
        return f"{_cron_words(self.cron)} ({self.zone})"


@dataclass(frozen=True)
class Due:
    """What a tick does with a schedule: the due times that it fires, those that it lets go, and the next one."""

    fire: list[datetime]
    let_go: list[datetime]
    next_at: datetime


def due(table: Timetable, next_at: datetime, now: datetime, missed: str) -> Due:
    """What to do at `now` about a schedule that was due at `next_at`, and perhaps many times since."""
    if missed == "all":
        times = [next_at, *islice(table.times(next_at, next_at), AT_ONCE)]
        fire = [each for each in times[:AT_ONCE] if each <= now]
        return Due(fire, [], times[len(fire)] if len(fire) < len(times) else now + FAR)
    after = table.after(now, next_at)
    if missed == "once" or now - next_at <= SKIP_AFTER:
        return Due([next_at], [], after)
    latest = table.after(now - SKIP_AFTER, next_at)
    return Due([latest] if latest <= now else [], [next_at], after)


def is_astray(every: int, next_at: datetime, now: datetime) -> bool:
    """Whether an interval's next time is further away than the interval: the clock was set back."""
    return bool(every) and next_at - now > timedelta(seconds=every + 1)


@cache
def zones() -> frozenset[str]:
    """The names of all time zones."""
    return frozenset(available_timezones())


def zone(name: str) -> ZoneInfo:
    """The time zone of this IANA name. Raises `TimetableInvalid`."""
    if name not in zones():
        raise TimetableInvalid(f"{name!r} is not a time zone; write one such as Europe/Zurich, America/New_York or UTC")
    return ZoneInfo(name)


def _cron_times(expression: str, zone_name: str, after: datetime) -> Iterator[datetime]:
    """A time that clocks skip comes once, right after the gap; one that they show twice comes once, at the first.

    Only what comes in every hour goes by the time that passes, so that it neither rests nor doubles its pace.
    """
    last = after
    for found in _simulation(_by_the_clock(_normal(expression)), after.astimezone(zone(zone_name))):
        moment = found.astimezone(UTC)
        if moment > last:  # within an hour that comes twice, the simulation starts from the first
            last = moment
            yield moment


def _simulation(expression: str, start: datetime) -> CronSim:
    try:
        return CronSim(expression, start)
    except CronSimError as error:
        raise TimetableInvalid(_complaint(expression, str(error))) from error


def _complaint(expression: str, said: str) -> str:
    field = said.removeprefix("Bad ")
    if field not in _FIELDS:
        return f"the cron expression {expression!r} cannot be read: {said}"
    part = expression.split()[list(_FIELDS).index(field)]
    return (
        f"the cron expression {expression!r}: {part!r} is no {_FIELDS[field]}; "
        "* is any, 1,3 a list, 1-5 a range, which goes upwards, and */15 every fifteenth"
    )


def _normal(expression: str) -> str:
    """Five fields with single spaces between them. Raises `TimetableInvalid`."""
    words = SHORTHANDS.get(expression.strip().lower(), expression).upper().split()
    if len(words) != len(_FIELDS) or len(expression) > LONGEST_CRON:
        raise TimetableInvalid(
            f"the cron expression {expression[:LONGEST_CRON]!r} has {len(words)} fields; it needs five: minute, hour, "
            f"day of the month, month, day of the week, such as 0 9 * * MON-FRI, or one of {', '.join(SHORTHANDS)}"
        )
    return " ".join(words)


@lru_cache(256)
def _by_the_clock(normal: str) -> str:
    """The expression in the form that tells cronsim how to go over a change of the clocks.

    It follows the clocks if neither minute nor hour begins with a star, and the time that passes otherwise.
    """
    minute, hour, *days = normal.split()
    if len(_simulation(normal, SOME_DAY).hours) == 24:
        return " ".join([minute, "*", *days])
    return " ".join([re.sub(r"(^|,)\*", r"\g<1>0-59", minute), re.sub(r"(^|,)\*", r"\g<1>0-23", hour), *days])


def _interval_words(seconds: int) -> str:
    size, unit = next(
        (size, unit) for size, unit in ((3600, "hour"), (60, "minute"), (1, "second")) if not seconds % size
    )
    number = seconds // size
    return f"every {unit}" if number == 1 else f"every {number} {unit}s"


def _cron_words(expression: str) -> str:
    return timetable_words.told(_simulation(_normal(expression), SOME_DAY))
