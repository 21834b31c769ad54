"""The page of the calendar: looking, scheduling, moving, taking off, and what channels bear."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from stonehand import db
from stonehand.accounts.permissions import Person
from stonehand.errors import Conflict, Forbidden, NotFound, Rejected
from stonehand.publications import bearing, scheduling
from stonehand.timing import cadences, moments, outward
from stonehand.web import flash
from stonehand.web.api.library import base_of
from stonehand.web.api.scheduling import addresses_of
from stonehand.web.deps import Admin, Editor, Publisher, Reader
from stonehand.web.flash import Flash
from stonehand.web.pages import calendar_reading as reading
from stonehand.web.pages.calendar import CalendarView
from stonehand.web.pages.showing import show

router = APIRouter(prefix="/calendar", include_in_schema=False)
Word = Annotated[str, Field(max_length=500)]
Asked = Annotated[str, Query(max_length=60)]
Deed = Callable[[db.Session], Flash]


class Typed(BaseModel):
    """What was typed into a form of this page, and which part of the calendar it stood on."""

    span: Word = ""
    at: Word = ""
    zone: Word = ""
    kind: Word = ""
    id: Word = ""
    draft: Word = ""
    channel: Word = ""
    due: Word = ""
    reason: Word = ""
    what: Word = outward.CALENDAR
    timezone: Word = ""
    quiet: Annotated[str, Field(max_length=2000)] = ""
    per_day: Word = ""
    per_hour: Word = ""
    gap_minutes: Word = ""

    @property
    def part(self) -> tuple[str, str, str]:
        """Which part of the calendar to go back to."""
        return self.span, self.at, self.zone

    @property
    def wished(self) -> tuple[str, str]:
        """The draft and the channel of a wish, which its id is made of."""
        draft, _, channel = self.id.partition("/")
        return draft, channel


Sent = Annotated[Typed, Form()]


@router.get("")
def index(
    request: Request, person: Reader, span: Asked = "month", at: Asked = "", zone: Asked = "", draft: Asked = ""
) -> Response:
    """A month, a week or a list, perhaps with a draft chosen to be scheduled."""
    return _page(request, person, (span, at, zone), draft=draft)


@router.post("/schedule")
def schedule(request: Request, person: Publisher, typed: Sent) -> Response:
    """Choose when a piece goes out; before its approval that is a wish."""

    def deed(session: db.Session) -> Flash:
        zone = typed.zone or cadences.usual_zone(session)
        moment = moments.read(typed.due, zone)
        made = scheduling.schedule(session, person, typed.draft, typed.channel, moment, zone)
        when = moments.told(made.due_at, zone)
        words = f"Goes to {made.channel_name} at {when}" if made.publication_id else f"Wanted at {when}, once approved"
        return Flash(f"{words}. {made.note}".strip())

    return _act(request, person, typed, deed)


@router.post("/move")
def move(request: Request, person: Publisher, typed: Sent) -> Response:
    """Choose another time."""

    def deed(session: db.Session) -> Flash:
        zone = typed.zone or cadences.usual_zone(session)
        moment = moments.read(typed.due, zone)
        if typed.kind == "wish":
            made = scheduling.schedule(session, person, *typed.wished, moment, zone)
        else:
            made = scheduling.move(session, person, typed.id, moment)
        return Flash(f"Moved to {moments.told(made.due_at, zone)}. {made.note}".strip())

    return _act(request, person, typed, deed)


@router.post("/take-off")
def take_off(request: Request, person: Publisher, typed: Sent) -> Response:
    """Let it not go out."""

    def deed(session: db.Session) -> Flash:
        if typed.kind == "wish":
            scheduling.unschedule(session, person, *typed.wished, typed.reason)
        else:
            scheduling.cancel(session, person, typed.id, typed.reason)
        return Flash("Taken off. It can be scheduled again.", "quiet")

    return _act(request, person, typed, deed)


@router.post("/hours")
def hours(request: Request, person: Admin, typed: Sent) -> Response:
    """Say what a channel bears."""

    def deed(session: db.Session) -> Flash:
        counts = {"per_day": typed.per_day, "per_hour": typed.per_hour, "gap_seconds": _seconds(typed.gap_minutes)}
        wish = {"timezone": typed.timezone or cadences.usual_zone(session), "quiet": typed.quiet, **counts}
        kept = bearing.keep(session, person, typed.channel, wish)
        return Flash(f"Saved: {kept.words() or 'anything at any time'}.")

    return _act(request, person, typed, deed)


def _seconds(minutes: str) -> str:
    try:
        return str(round(float(minutes or 0) * 60))
    except (ValueError, OverflowError):
        return minutes


@router.post("/addresses")
def open_address(request: Request, person: Editor, typed: Sent) -> Response:
    """Open an address for programs. It is told once, on this page."""
    wanted = outward.PUBLISHED if typed.what == outward.PUBLISHED else outward.CALENDAR
    with db.database().transaction() as session:
        _, secret = outward.make(session, person, wanted, typed.channel)
    return _page(request, person, typed.part, opened=addresses_of(base_of(request), wanted, secret))


@router.post("/addresses/close")
def close_address(person: Editor, typed: Sent) -> Response:
    """Let an address lead nowhere."""
    with db.database().transaction() as session:
        outward.close(session, person, typed.id)
    return flash.redirect("/calendar", Flash("The address leads nowhere now.", "quiet"))


def _act(request: Request, person: Person, typed: Typed, deed: Deed) -> Response:
    """Do it and go back to the same part of the calendar; what is wrong is said there."""
    try:
        with db.database().transaction() as session:
            said = deed(session)
    except Forbidden:
        raise
    except (Rejected, Conflict, NotFound) as error:
        words = str(error)
        return _page(
            request, person, typed.part, f"{words[:1].upper()}{words[1:]}.", status=error.status, draft=typed.draft
        )
    with db.database().read() as session:
        back = reading.wanted(session, *typed.part).address()
    return flash.redirect(back, said)


def _page(
    request: Request,
    person: Person,
    asked: tuple[str, str, str],
    error: str = "",
    opened: list[str] | None = None,
    status: int = 200,
    draft: str = "",
) -> Response:
    def look(session: db.Session) -> CalendarView:
        return reading.index(session, person, reading.wanted(session, *asked), error, opened or (), draft)

    return show(request, person, "calendar/index.html", look, status)
