"""Choosing, moving and taking back the time at which a piece goes out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from stonehand import db, jobs
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.channels import queries as channels
from stonehand.db import Session
from stonehand.drafts import queries as drafts
from stonehand.drafts.states import DraftState
from stonehand.jobs import service as job_service
from stonehand.publications import queries
from stonehand.publications.events import PublicationDue
from stonehand.publications.models import Publication
from stonehand.publications.states import PublicationState
from stonehand.reviews import queries as reviews
from stonehand.reviews.models import ReviewState
from stonehand.timing import cadences, moments, wishes
from stonehand.timing.errors import NothingScheduled, TimeUnfit, TooLateToMove

AHEAD = timedelta(seconds=60)  # a job is asked for so long before its time, and waits for the very second
MOVABLE = (PublicationState.SCHEDULED, PublicationState.FAILED)
LONGEST_REASON = 300
OVER = (DraftState.REJECTED,)


@dataclass(frozen=True)
class Scheduled:
    """A time that was chosen. Without a publication it is a wish, which counts once the piece is approved."""

    draft_id: str
    channel_id: str
    channel_name: str
    due_at: datetime
    publication_id: str = ""
    note: str = ""
    """Why it may go out later than that."""


def gate(publication_id: str) -> str:
    """What a job waits behind until the time of its publication; moving it wakes the job."""
    return f"publication:{publication_id}"


def was_taken_off(publication: Publication) -> bool:
    """Whether it was taken back before anybody could see it, so that it may be scheduled again."""
    return publication.state == PublicationState.RETRACTED and publication.published_at is None


def schedule(
    session: Session, person: Person, draft_id: str, channel_id: str, due_at: datetime, timezone: str = "UTC"
) -> Scheduled:
    """Let a draft go out on a channel at this time; before its approval, only say so.

    Raises `PermissionMissing`, `DraftNotFound`, `ChannelNotFound`, `TimeUnfit`, `TooLateToMove`.
    """
    person.require("publish")
    draft, channel = drafts.draft(session, draft_id), channels.channel(session, channel_id)
    moment = moments.to_come(due_at, db.now(session))
    if draft.state in OVER:
        raise TooLateToMove(f"{draft.title!r} is {draft.state}, so it does not go out at any time")
    wishes.hold(session, draft_id)
    mine = [each for each in queries.of_draft(session, draft_id) if each.channel_id == channel_id]
    if mine and draft.state in (DraftState.APPROVED, DraftState.PUBLISHED):
        return move(session, person, mine[-1].id, moment)
    _check_approval(session, draft_id, moment)
    wishes.make(session, person, draft_id, channel_id, moment, timezone)
    return Scheduled(draft_id, channel_id, channel.name, moment, note=_note(session, channel_id, moment))


def _check_approval(session: Session, draft_id: str, moment: datetime) -> None:
    """An approval that was put off holds longer than any wish."""
    newest = next(iter(reviews.of_draft(session, draft_id)), None)
    if newest and newest.state == ReviewState.APPROVED and newest.due_at and newest.due_at > moment + AHEAD:
        raise TimeUnfit(
            f"its approval takes effect at {newest.due_at:%Y-%m-%d %H:%M} UTC; choose a later time, or take it back"
        )


def move(session: Session, person: Person, publication_id: str, due_at: datetime) -> Scheduled:
    """Let a publication go out at another time; one that was taken off, or has failed, is scheduled anew.

    Raises `PermissionMissing`, `PublicationNotFound`, `TimeUnfit`, `TooLateToMove`.
    """
    person.require("publish")
    publication, now = queries.publication(session, publication_id), db.now(session)
    moment = moments.to_come(due_at, now)
    state = PublicationState(publication.state)
    if state not in MOVABLE and not was_taken_off(publication):
        raise TooLateToMove(
            f"{publication.title!r} is {_words(state)}, so its time is past; see what can be done there"
        )
    values = {"state": PublicationState.SCHEDULED, "due_at": moment, "error": None, "begun_at": None}
    _change(session, publication, {**values, "notes": dict(publication.notes)})
    detail = {"channel": publication.channel_name, "due_at": moment.isoformat()}
    accounts.record(session, person, "moved", "publication", publication_id, detail)
    _wake(session, publication)
    if moment <= now + AHEAD:
        jobs.announce(session, PublicationDue(publication_id))
    note = _note(session, publication.channel_id, moment)
    name = publication.channel_name
    return Scheduled(publication.draft_id, publication.channel_id, name, moment, publication_id, note)


def cancel(session: Session, person: Person, publication_id: str, reason: str = "") -> None:
    """Take a publication off before it begins. It may be scheduled again. Raises `TooLateToMove`, ..."""
    person.require("publish")
    publication = queries.publication(session, publication_id)
    if publication.state not in MOVABLE:
        raise TooLateToMove(f"{publication.title!r} is {_words(publication.state)}; it cannot be taken off any more")
    who = person.name or person.email or "somebody"
    words = f"taken off by {who}{': ' + reason[:LONGEST_REASON] if reason else ''}"
    _change(session, publication, {"state": PublicationState.RETRACTED, "error": words})
    detail = {"channel": publication.channel_name, "reason": reason[:LONGEST_REASON]}
    accounts.record(session, person, "took off", "publication", publication_id, detail)
    _wake(session, publication)


def unschedule(session: Session, person: Person, draft_id: str, channel_id: str, reason: str = "") -> None:
    """Take back when a draft should go out on a channel, be it a wish or a publication. Raises `NothingScheduled`."""
    person.require("publish")
    wishes.hold(session, draft_id)
    dropped = wishes.drop(session, person, draft_id, channel_id)
    mine = [each for each in queries.of_draft(session, draft_id) if each.channel_id == channel_id]
    if mine and mine[-1].state in MOVABLE:
        cancel(session, person, mine[-1].id, reason)
    elif not dropped:
        drafts.draft(session, draft_id)
        raise NothingScheduled("this draft is not scheduled for that channel, so there is nothing to take back")


def _change(session: Session, publication: Publication, values: dict[str, object]) -> None:
    """Only if nobody has begun it meanwhile."""
    same = sa.update(Publication).where(Publication.id == publication.id, Publication.state == publication.state)
    if session.scalar(same.values(**values).returning(Publication.id)) is None:
        raise TooLateToMove(f"{publication.title!r} has begun to go out in this moment")
    session.refresh(publication)


def _wake(session: Session, publication: Publication) -> None:
    """What waits for it, or behind it, looks again."""
    job_service.open_gate(session, gate(publication.id))
    job_service.open_gate(session, cadences.gate(publication.channel_id))


def _note(session: Session, channel_id: str, moment: datetime) -> str:
    limits = cadences.limits_of(session, channel_id)
    held = cadences.wait(session, channel_id, moment)
    return f"{held.why}: it goes out at {moments.told(held.until, limits.timezone)}" if held else ""


def _words(state: str) -> str:
    return state.replace("_", " ")
