"""A cron expression in words: short ones for what is usual, the library's for the rest. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from cronsim import CronSim

WEEK = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
YEAR = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
WORKING_DAYS = {1, 2, 3, 4, 5}
MOST_TIMES = 6  # times of a day that are listed one by one


def told(simulation: CronSim) -> str:
    """Such as `every weekday at 09:00`."""
    days, times = _days(simulation), _times(simulation)
    if days == "every day" and times.startswith("every"):
        return times
    if days and times.startswith("at"):
        return f"{days} {times}"
    said = simulation.explain()
    return said[:1].lower() + said[1:]


def _days(simulation: CronSim) -> str:
    """The days in words; empty if that takes more than a few."""
    if not all(isinstance(day, int) for day in simulation.weekdays):
        return ""
    week = {day % 7 for day in simulation.weekdays if isinstance(day, int)}
    any_date, any_weekday, any_month = len(simulation.days) == 31, len(week) == 7, len(simulation.months) == 12
    if any_date and any_month:
        return _weekdays(week)
    if not any_weekday or len(simulation.days) != 1 or min(simulation.days) < 1:
        return ""
    date = min(simulation.days)
    if any_month:
        return f"every month on the {_ordinal(date)}"
    return f"every year on {date} {YEAR[min(simulation.months) - 1]}" if len(simulation.months) == 1 else ""


def _weekdays(week: set[int]) -> str:
    if len(week) == 7:
        return "every day"
    if week == WORKING_DAYS:
        return "every weekday"
    return f"every {_listed([WEEK[day] for day in sorted(week, key=lambda day: (day - 1) % 7)])}"


def _times(simulation: CronSim) -> str:
    """The times of a day in words; empty if that takes more than a few."""
    minutes, hours = sorted(simulation.minutes), sorted(simulation.hours)
    if len(hours) == 24:
        return _of_each_hour(minutes)
    if minutes == [0] and len(hours) > 2 and hours == list(range(0, 24, 24 // len(hours))):
        return f"every {24 // len(hours)} hours from midnight on"
    if len(minutes) * len(hours) > MOST_TIMES:
        return ""
    return f"at {_listed([f'{hour:02}:{minute:02}' for hour in hours for minute in minutes])}"


def _of_each_hour(minutes: Sequence[int]) -> str:
    step = 60 // len(minutes)
    if len(minutes) == 60:
        return "every minute"
    if len(minutes) == 1:
        return "every hour" if minutes == [0] else f"every hour, {minutes[0]} min past"
    return f"every {step} minutes" if list(minutes) == list(range(0, 60, step)) else ""


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10 if number not in (11, 12, 13) else 0, "th")
    return f"{number}{ending}"
