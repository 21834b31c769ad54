"""When pieces go out: choosing, moving and taking back times, the calendar, and what channels bear."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from stonehand import config, db
from stonehand.agents import diary
from stonehand.channels import queries as channels
from stonehand.drafts import queries as drafts
from stonehand.errors import Rejected
from stonehand.publications import bearing, queries, scheduling, telling
from stonehand.publications.scheduling import Scheduled
from stonehand.publications.schemas import PublicationOut
from stonehand.timing import cadence, cadences, moments, outward
from stonehand.timing.cadence import Limits
from stonehand.web.api.contract import ById, Page, Wish, problems, whole
from stonehand.web.api.library import base_of
from stonehand.web.deps import Admin, Editor, Publisher, Reader

router = APIRouter()
LONGEST = timedelta(days=100)
Zone = Annotated[
    str, Field(max_length=60, description="An IANA time zone, for a time that names none; usually the newsroom's own.")
]
Text = Annotated[str, Field(max_length=40, description="Such as `2026-12-01T09:00:00Z`, or without a zone.")]
BUSY = problems(404, 409)


class PeriodUnfit(Rejected):
    """A part of the calendar that nobody can be shown at once."""


class ScheduleIn(Wish):
    """When a piece should go out, and where; `publisher_id` is a channel, which may be left out if there is one."""

    scheduled_at: Text
    publisher_id: str | None = Field(default=None, max_length=64)
    timezone: Zone = ""


class MoveIn(Wish):
    """Another time."""

    scheduled_at: Text
    timezone: Zone = ""


class TakeOffIn(Wish):
    """Why it does not go out."""

    reason: str = Field(default="", max_length=300)


class ScheduledOut(BaseModel):
    """A time that was chosen. Without `publication_id` it waits for somebody to approve the piece."""

    post_id: str
    publisher_id: str
    scheduled_at: datetime
    status: Literal["scheduled", "draft"]
    publication_id: str | None
    message: str


class EntryOut(BaseModel):
    """Something that happens at a time; `at` is when, as far as anybody knows, and `note` why not at `due_at`."""

    model_config = ConfigDict(from_attributes=True)

    kind: Literal["publication", "wish", "approval", "run"]
    id: str
    title: str
    at: datetime
    due_at: datetime
    state: str
    channel_id: str
    channel_name: str
    draft_id: str
    note: str
    url: str
    can_move: bool


class HoursIn(Wish):
    """What a channel bears. 0 is no limit; quiet times are like `22:00-07:00` or `00:00-24:00 SAT,SUN`."""

    timezone: Zone = Field(default_factory=lambda: config.settings().timezone)
    quiet: list[Annotated[str, Field(max_length=60)]] = Field(default_factory=list, max_length=cadence.MOST_QUIET)
    per_day: int = Field(default=0, ge=0, le=cadence.MOST_PIECES)
    per_hour: int = Field(default=0, ge=0, le=cadence.MOST_PIECES)
    gap_seconds: int = Field(default=0, ge=0, le=cadence.LONGEST_GAP)


class HoursOut(HoursIn):
    """What a channel bears, and in words."""

    words: str


class AddressIn(Wish):
    """What a program should read without signing in; perhaps of one channel alone."""

    what: Literal["calendar", "published"]
    channel_id: str = Field(default="", max_length=64)


class AddressOut(BaseModel):
    """An address for programs. `urls` are told once: nobody can look the secret up later."""

    id: str
    what: str
    channel_id: str
    prefix: str
    created_at: datetime
    urls: list[str] = []


@router.post("/posts/{post_id}/schedule", tags=["calendar"], responses=BUSY, summary="Choose when a piece goes out")
def schedule(post_id: ById, wish: ScheduleIn, person: Publisher) -> ScheduledOut:
    """`post_id` is a draft. Before its approval the time is a wish, which counts once it is approved."""
    with db.database().transaction() as session:
        zone = wish.timezone or cadences.usual_zone(session)
        at = moments.read(wish.scheduled_at, zone)
        channel_id = wish.publisher_id or _only_channel(session)
        return _told(scheduling.schedule(session, person, post_id, channel_id, at, zone))


def _only_channel(session: db.Session) -> str:
    found = channels.enabled(session)
    if len(found) != 1:
        raise PeriodUnfit(f"{len(found)} channels are switched on; say in publisher_id which one is meant")
    return found[0].id


def _told(made: Scheduled) -> ScheduledOut:
    words = f"scheduled for {made.channel_name}" if made.publication_id else "counts once somebody has approved it"
    return ScheduledOut(
        post_id=made.draft_id,
        publisher_id=made.channel_id,
        scheduled_at=made.due_at,
        status="scheduled" if made.publication_id else "draft",
        publication_id=made.publication_id or None,
        message=f"{words}; {made.note}" if made.note else words,
    )


@router.delete(
    "/posts/{post_id}/schedule", tags=["calendar"], status_code=204, responses=BUSY, summary="Take a time back"
)
def unschedule(post_id: ById, person: Publisher, publisher_id: Annotated[str, Query(max_length=64)] = "") -> None:
    """Be it a wish or a publication that has not begun. `publisher_id` may be left out if there is one channel."""
    with db.database().transaction() as session:
        drafts.draft(session, post_id)
        scheduling.unschedule(session, person, post_id, publisher_id or _only_channel(session))


@router.post("/publications/{publication_id}/move", tags=["calendar"], responses=BUSY, summary="Choose another time")
def move(publication_id: ById, wish: MoveIn, person: Publisher) -> ScheduledOut:
    """Of a publication that has not begun, has failed, or was taken off."""
    with db.database().transaction() as session:
        at = moments.read(wish.scheduled_at, wish.timezone or cadences.usual_zone(session))
        return _told(scheduling.move(session, person, publication_id, at))


@router.post(
    "/publications/{publication_id}/take-off", tags=["calendar"], responses=BUSY, summary="Let a piece not go out"
)
def take_off(publication_id: ById, wish: TakeOffIn, person: Publisher) -> PublicationOut:
    """Before it begins. It can be scheduled again."""
    with db.database().transaction() as session:
        scheduling.cancel(session, person, publication_id, wish.reason)
        return telling.out(session, queries.publication(session, publication_id))


@router.get("/calendar", tags=["calendar"], summary="What goes out when")
def listing(
    person: Reader,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    channel_id: Annotated[str, Query(max_length=64)] = "",
) -> Page[EntryOut]:
    """From `since` (now) on and before `until` (two weeks later), at most 100 days."""
    with db.database().read() as session:
        begin = since or db.now(session)
        if not moments.FIRST_YEAR <= begin.year <= moments.LAST_YEAR:
            raise PeriodUnfit(f"nothing goes out in the year {begin.year}")
        end = until or begin + timedelta(days=14)
        if not begin < end <= begin + LONGEST:
            raise PeriodUnfit(f"until must be after since, and at most {LONGEST.days} days later")
        return whole([EntryOut.model_validate(each) for each in diary.entries(session, begin, end, channel_id)])


@router.get("/channels/{channel_id}/hours", tags=["calendar"], responses=problems(404), summary="What a channel bears")
def hours(channel_id: ById, person: Reader) -> HoursOut:
    """Its quiet hours, and how many pieces how far apart."""
    with db.database().read() as session:
        channels.channel(session, channel_id)
        return _hours(cadences.limits_of(session, channel_id))


@router.put("/channels/{channel_id}/hours", tags=["calendar"], responses=problems(404), summary="Say what it bears")
def keep_hours(channel_id: ById, wish: HoursIn, person: Admin) -> HoursOut:
    """It counts at once, also for what waits."""
    with db.database().transaction() as session:
        return _hours(bearing.keep(session, person, channel_id, wish.model_dump()))


def _hours(limits: Limits) -> HoursOut:
    quiet = [each.words() for each in limits.quiet]
    numbers = {"per_day": limits.per_day, "per_hour": limits.per_hour, "gap_seconds": limits.gap_seconds}
    return HoursOut(timezone=limits.timezone, quiet=quiet, **numbers, words=limits.words())


@router.get("/calendar/addresses", tags=["calendar"], summary="Addresses at which programs read")
def addresses(person: Editor) -> Page[AddressOut]:
    """One's own; all of them for an administrator. Their secrets are not told again."""
    with db.database().read() as session:
        found = outward.of_person(session, person)
        return whole([AddressOut.model_validate(each, from_attributes=True) for each in found])


@router.post("/calendar/addresses", tags=["calendar"], status_code=201, responses=problems(404), summary="Open one")
def open_address(request: Request, wish: AddressIn, person: Editor) -> AddressOut:
    """For calendar programs (`ics`), or for readers of feeds (`rss`, `atom`, `json`)."""
    with db.database().transaction() as session:
        made, secret = outward.make(session, person, wish.what, wish.channel_id)
        told = AddressOut.model_validate(made, from_attributes=True)
    return told.model_copy(update={"urls": addresses_of(base_of(request), wish.what, secret)})


def addresses_of(base: str, what: str, secret: str) -> list[str]:
    """Where programs read, by their kinds."""
    endings = ("ics",) if what == outward.CALENDAR else ("rss", "atom", "json")
    return [f"{base}/feeds/out/{secret}.{ending}" for ending in endings]


@router.delete(
    "/calendar/addresses/{feed_id}", tags=["calendar"], status_code=204, responses=problems(404), summary="Close one"
)
def close_address(feed_id: ById, person: Editor) -> None:
    """It leads nowhere from now on."""
    with db.database().transaction() as session:
        outward.close(session, person, feed_id)
