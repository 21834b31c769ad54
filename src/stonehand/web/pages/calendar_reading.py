"""From the rooms to what the calendar shows."""

from __future__ import annotations

from calendar import Calendar
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from stonehand import db
from stonehand.accounts.permissions import Person
from stonehand.agents import diary
from stonehand.channels import queries as channels
from stonehand.db import Session
from stonehand.drafts.models import Draft
from stonehand.drafts.states import DraftState
from stonehand.jobs.clock import timetable
from stonehand.jobs.errors import TimetableInvalid
from stonehand.publications.calendar import Entry
from stonehand.timing import cadences, clocks, moments, outward
from stonehand.timing.cadence import Limits
from stonehand.timing.errors import TimeUnfit
from stonehand.timing.models import OutwardFeed
from stonehand.web.pages.calendar import Address, CalendarView, Choice, Day, Hours, Item
from stonehand.web.pages.channel_reading import openable
from stonehand.web.pages.parts import Badge, Link, Tab, Tone

SPANS = {"month": "Month", "week": "Week", "list": "List"}
LIST_DAYS = 28
MOST_DRAFTS = 100
MOST_IN_MONTH = 6  # entries of a day
OVER = {"Published", "Retracted"}
MOST_RUNS = 3  # of one agent that are shown one by one on a day
SCHEDULABLE = (DraftState.IN_REVIEW, DraftState.CHANGES_REQUESTED, DraftState.APPROVED)
TONES: dict[str, Tone] = {
    "published": "good",
    "scheduled": "busy",
    "publishing": "busy",
    "approved": "busy",
    "failed": "bad",
    "needs_reconcile": "bad",
}
WORDS = {"wish": "Waits for approval", "run": "Agent", "needs_reconcile": "Needs a look", "publishing": "On its way"}


@dataclass(frozen=True)
class Wanted:
    """Which part of the calendar somebody wants to see, on whose clocks."""

    span: str
    day: date
    zone: ZoneInfo

    @property
    def first(self) -> date:
        """The first day that is shown."""
        if self.span == "month":
            return next(iter(Calendar().itermonthdates(self.day.year, self.day.month)))
        return self.day - timedelta(days=self.day.weekday()) if self.span == "week" else self.day

    @property
    def count(self) -> int:
        """How many days are shown."""
        if self.span == "month":
            return len(list(Calendar().itermonthdates(self.day.year, self.day.month)))
        return 7 if self.span == "week" else LIST_DAYS

    def address(self, day: date | None = None, span: str = "") -> str:
        """Of this page, or of another part."""
        return f"/calendar?{urlencode({'span': span or self.span, 'at': day or self.day, 'zone': self.zone.key})}"

    def step(self, back: bool) -> date:
        """The day from which the part before or after is shown."""
        if self.span == "month":
            edge = self.day.replace(day=1) - timedelta(days=1) if back else self.day.replace(day=28) + timedelta(days=4)
            return edge.replace(day=1)
        return self.day + timedelta(days=-self.count if back else self.count)


def wanted(session: Session, span: str, at: str, zone: str) -> Wanted:
    """What an address asks for; what it leaves out, or cannot be read, is chosen."""
    try:
        place = timetable.zone(zone or cadences.usual_zone(session))
    except TimetableInvalid:
        place = ZoneInfo("UTC")
    try:
        day = date.fromisoformat(at)
        moments.read(day.isoformat())
    except (ValueError, TimeUnfit):
        day = clocks.shown(db.now(session), place).date()
    return Wanted(span if span in SPANS else "month", day, place)


def index(
    session: Session, person: Person, asked: Wanted, error: str = "", opened: Sequence[str] = (), draft: str = ""
) -> CalendarView:
    """The part of the calendar that is asked for, perhaps with a draft chosen to be scheduled."""
    days = _days(session, person, asked)
    weeks = tuple(days[start : start + 7] for start in range(0, len(days), 7)) if asked.span == "month" else ()
    found = channels.channels(session)
    limits = cadences.all_limits(session)
    may_open = person.may("edit")
    return CalendarView(
        _title(asked),
        asked.span,
        asked.zone.key,
        asked.day.isoformat(),
        tuple(Tab(words, asked.address(span=span), active=span == asked.span) for span, words in SPANS.items()),
        Link("Earlier", asked.address(asked.step(back=True))),
        Link("Later", asked.address(asked.step(back=False))),
        Link("Today", asked.address(clocks.shown(db.now(session), asked.zone).date())),
        weeks,
        days if asked.span == "week" else tuple(day for day in days if day.items or day.is_today),
        tuple(_hours(each.id, each.name, limits.get(each.id, Limits(asked.zone.key))) for each in found),
        _drafts(session, draft) if person.may("publish") else (),
        tuple(Choice(each.id, each.name) for each in found if each.is_enabled),
        tuple(sorted(timetable.zones())),
        tuple(_address(session, each) for each in outward.of_person(session, person)) if may_open else (),
        tuple(opened),
        error,
        person.may("publish"),
        person.may("admin"),
        may_open,
    )


def _title(asked: Wanted) -> str:
    if asked.span == "month":
        return f"{asked.day:%B %Y}"
    last = asked.first + timedelta(days=asked.count - 1)
    return f"{asked.first.day} {asked.first:%B} to {last.day} {last:%B %Y}"


def _days(session: Session, person: Person, asked: Wanted) -> tuple[Day, ...]:
    shown = [asked.first + timedelta(days=number) for number in range(asked.count)]
    since = clocks.first_at(shown[0], time(), asked.zone)
    until = clocks.first_at(shown[-1] + timedelta(days=1), time(), asked.zone)
    by_day: dict[date, list[Item]] = defaultdict(list)
    for day, entries in _by_day(diary.entries(session, since, until), asked.zone).items():
        by_day[day] = [_item(entry, asked.zone, person.may("publish")) for entry in _told_once(entries)]
    names = {each.id: each.name for each in channels.channels(session)}
    quiet = [(names.get(id_, ""), each) for id_, each in cadences.all_limits(session).items() if id_ in names]
    today = clocks.shown(db.now(session), asked.zone).date()
    is_month = asked.span == "month"
    return tuple(
        Day(
            day,
            f"{day:%A} {day.day} {day:%B}",
            _shortened(by_day[day]) if is_month else tuple(by_day[day]),
            () if is_month else _quiet(quiet, day),
            day == today,
            is_month and day.month != asked.day.month,
            _more(asked, day, len(by_day[day])) if is_month else None,
        )
        for day in shown
    )


def _shortened(items: Sequence[Item]) -> tuple[Item, ...]:
    """What fits into a day of a month: what is over makes way for what is to come."""
    over = [item for item in items if item.badge.words in OVER][: max(0, len(items) - MOST_IN_MONTH)]
    return tuple(item for item in items if item not in over)[:MOST_IN_MONTH]


def _more(asked: Wanted, day: date, count: int) -> Link | None:
    hidden = count - MOST_IN_MONTH
    return Link(f"{hidden} more", asked.address(day, "list")) if hidden > 0 else None


def _by_day(entries: Iterable[Entry], zone: ZoneInfo) -> dict[date, list[Entry]]:
    found: dict[date, list[Entry]] = defaultdict(list)
    for entry in entries:
        found[clocks.shown(entry.at, zone).date()].append(entry)
    return found


def _told_once(entries: Sequence[Entry]) -> list[Entry]:
    """A day's entries; of an agent that runs often only the first run, which says how many there are."""
    counts = Counter(entry.id for entry in entries if entry.kind == "run")
    often, shown = {id_ for id_, count in counts.items() if count > MOST_RUNS}, list[Entry]()
    for entry in entries:
        if entry.kind != "run" or entry.id not in often:
            shown.append(entry)
        elif counts[entry.id]:
            shown.append(replace(entry, title=f"{entry.title}, {counts.pop(entry.id)} runs from then on"))
    return shown


def _quiet(limits: Sequence[tuple[str, Limits]], day: date) -> tuple[str, ...]:
    """The quiet hours that begin on a day, each on the clocks of its channel."""
    found = []
    for name, each in limits:
        for window in each.quiet:
            if not window.days or day.weekday() in window.days:
                found.append(f"{name} is quiet {window.begins:%H:%M}–{window.ends:%H:%M} ({each.timezone})")
    return tuple(found)


def _item(entry: Entry, zone: ZoneInfo, may_publish: bool) -> Item:
    at = clocks.shown(entry.at, zone)
    late = (
        f"wanted at {clocks.shown(entry.due_at, zone):%Y-%m-%d %H:%M}; "
        if entry.at > entry.due_at and entry.note
        else ""
    )
    words = WORDS.get(entry.state, entry.state.replace("_", " ").capitalize())
    can_move = may_publish and entry.can_move
    is_off = entry.state == "taken off"
    return Item(
        entry.id,
        entry.kind,
        f"{at:%H:%M}",
        entry.title,
        entry.channel_name,
        Badge(words, TONES.get(entry.state, "quiet")),
        late + entry.note,
        openable(entry.url) or (entry.url if entry.url.startswith("/") else ""),
        _typed(entry.due_at, zone),
        can_move,
        can_move and not is_off,
    )


def _typed(moment: datetime, zone: ZoneInfo) -> str:
    return f"{clocks.shown(moment, zone):%Y-%m-%dT%H:%M}"


def _hours(id_: str, name: str, limits: Limits) -> Hours:
    return Hours(
        id_,
        name,
        limits.words() or "anything at any time",
        limits.timezone,
        "; ".join(each.words() for each in limits.quiet),
        str(limits.per_day or ""),
        str(limits.per_hour or ""),
        f"{limits.gap_seconds / 60:g}" if limits.gap_seconds else "",
    )


def _drafts(session: Session, chosen: str = "") -> tuple[Choice, ...]:
    """What may be given a time, the newest first, and the one that was chosen elsewhere."""
    open_ones = sa.select(Draft).where(sa.or_(Draft.state.in_(SCHEDULABLE), Draft.id == chosen))
    first = open_ones.order_by(Draft.id != chosen, Draft.id.desc()).limit(MOST_DRAFTS)
    return tuple(Choice(each.id, each.title) for each in session.scalars(first))


def _address(session: Session, each: OutwardFeed) -> Address:
    names = {row.id: row.name for row in channels.channels(session)}
    what = "Calendar" if each.what == outward.CALENDAR else "What went out"
    of = f" of {names.get(each.channel_id, 'a channel that was removed')}" if each.channel_id else ""
    return Address(each.id, f"{what}{of}, {each.prefix}…, since {each.created_at:%Y-%m-%d}")
