"""The calendar: what goes out when, and what channels bear."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from stonehand.web.pages.parts import Badge, Link, Tab


@dataclass(frozen=True)
class Item:
    """Something that happens at a time. `moves` and `typed` are the kind and the time in the form that moves it."""

    id: str
    kind: str
    time: str
    title: str
    channel: str
    badge: Badge
    note: str = ""
    href: str = ""
    typed: str = ""
    can_move: bool = False
    can_take_off: bool = False


@dataclass(frozen=True)
class Day:
    """A day with what happens on it. `quiet` are the hours of channels that begin on it, in words.

    `more` leads to the whole day, if there is more than fits.
    """

    day: date
    words: str
    items: tuple[Item, ...] = ()
    quiet: tuple[str, ...] = ()
    is_today: bool = False
    is_outside: bool = False
    more: Link | None = None


@dataclass(frozen=True)
class Hours:
    """What a channel bears, as its form shows it."""

    id: str
    name: str
    words: str
    timezone: str
    quiet: str
    per_day: str
    per_hour: str
    gap_minutes: str


@dataclass(frozen=True)
class Choice:
    """A draft or a channel that can be chosen."""

    id: str
    words: str


@dataclass(frozen=True)
class Address:
    """An address for programs that somebody has opened."""

    id: str
    words: str


@dataclass(frozen=True)
class CalendarView:
    """A month as weeks of days, a week, or a list of days. `error` says what is wrong with what was sent."""

    title: str
    span: str
    zone: str
    at: str
    tabs: tuple[Tab, ...]
    earlier: Link
    later: Link
    today: Link
    weeks: tuple[tuple[Day, ...], ...] = ()
    days: tuple[Day, ...] = ()
    hours: tuple[Hours, ...] = ()
    drafts: tuple[Choice, ...] = ()
    channels: tuple[Choice, ...] = ()
    zones: tuple[str, ...] = ()
    addresses: tuple[Address, ...] = ()
    opened: tuple[str, ...] = ()
    error: str = ""
    can_publish: bool = False
    can_set_hours: bool = False
    can_open: bool = False
