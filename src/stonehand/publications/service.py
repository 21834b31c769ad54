"""Verbs of publications: prepare, begin, finish, fail, try again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from stonehand import db, jobs
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.brakes import queries as brakes
from stonehand.channels import queries as channels
from stonehand.channels import service as channel_service
from stonehand.channels.interfaces import Delivery, Piece, Target
from stonehand.channels.models import Channel
from stonehand.db import Session
from stonehand.drafts import service as draft_service
from stonehand.jobs import OutcomeUnknown, Snooze
from stonehand.jobs import queries as job_queries
from stonehand.publications import disclosure, places, queries, scheduling
from stonehand.publications.approvals import Approved
from stonehand.publications.errors import ContentNotApproved, NoChannel, PublicationNotFailed
from stonehand.publications.events import PiecePublished, PublicationDue
from stonehand.publications.models import Publication
from stonehand.publications.states import WAITING, PublicationState
from stonehand.timing import wishes

KEY_LENGTH = 24  # hex digits: 96 bits, and short enough for file names and slugs
SWITCHED_OFF_WAIT = timedelta(minutes=5)
LONGEST_ERROR = 500
ABANDONED = "its job ended before it could say whether the piece arrived; trying again never shows it twice"
MOST_DUE = 200  # announced in one transaction


@dataclass(frozen=True)
class Order:
    """All that a delivery needs, so that it can happen outside any transaction."""

    publication_id: str
    kind: str
    target: Target
    key: str
    piece: Piece
    notes: dict[str, Any]
    """What earlier tries have written down."""


def prepare(session: Session, approved: Approved) -> list[Publication]:
    """One publication for each chosen channel that is switched on; asked again, the same ones. Raises `NoChannel`."""
    chosen = channels.enabled(session, approved.channel_ids)
    wishes.hold(session, approved.draft_id)
    if not chosen:
        raise NoChannel(f"{approved.title!r} is approved for no channel that is switched on; switch one on, then retry")
    return [_prepare_for(session, approved, channel) for channel in chosen]


def _prepare_for(session: Session, approved: Approved, channel: Channel) -> Publication:
    row = _row(approved, channel, db.now(session))
    wished = wishes.fulfil(session, approved.draft_id, channel.id)
    row["due_at"] = max(row["due_at"], wished or row["due_at"])
    wish = db.insert(session, Publication).values(id=db.new_id(), **row)
    once = wish.on_conflict_do_nothing(index_elements=["channel_id", "key"]).returning(Publication)
    made: Publication | None = session.scalars(once).one_or_none()
    if made is None:
        same = sa.select(Publication).where(Publication.channel_id == channel.id, Publication.key == row["key"])
        made = session.scalars(same).one()
        if not scheduling.was_taken_off(made):
            return made
        made.state, made.due_at, made.error = PublicationState.SCHEDULED, row["due_at"], None
    if made.due_at <= row["created_at"]:
        jobs.announce(session, PublicationDue(made.id))
    return made


def _row(approved: Approved, channel: Channel, moment: datetime) -> dict[str, Any]:
    return {
        "review_id": approved.review_id,
        "draft_id": approved.draft_id,
        "revision_id": approved.revision_id,
        "channel_id": channel.id,
        "channel_name": channel.name,
        "key": content_key(channel.id, approved.content_sha256),
        "content_sha256": approved.content_sha256,
        "title": approved.title,
        "state": PublicationState.SCHEDULED,
        "due_at": approved.due_at or moment,
        "attempts": 0,
        "is_sample": approved.is_sample,
        "created_at": moment,
    }


def content_key(channel_id: str, content_sha256: str) -> str:
    """The key of one version of a text on one channel: every delivery of it carries the same."""
    return hashlib.sha256(f"{channel_id} {content_sha256}".encode()).hexdigest()[:KEY_LENGTH]


def find_due(session: Session) -> int:
    """Announce what was scheduled for later and is due, or will be in a moment: its job waits for the very second.

    Returns how many; one on its way is not announced again.
    """
    due = sa.select(Publication.id).where(
        Publication.state == PublicationState.SCHEDULED, Publication.due_at <= db.now(session) + scheduling.AHEAD
    )
    _give_up_abandoned(session)
    found = session.scalars(due.order_by(Publication.due_at).limit(MOST_DUE)).all()
    jobs.announce_many(session, [PublicationDue(publication_id) for publication_id in found])
    return len(found)


def _give_up_abandoned(session: Session) -> None:
    """A delivery whose job is dead or cancelled has failed; a person may try it again, under the same key."""
    begun = sa.select(Publication.id).where(Publication.state == PublicationState.PUBLISHING)
    for publication_id in session.scalars(begun.limit(MOST_DUE)).all():
        if not job_queries.unfinished_as(session, f"publications.publish:{publication_id}"):
            failed(session, publication_id, ABANDONED)


def check_ready(session: Session, publication_id: str) -> Publication | None:
    """The publication if its delivery may begin now, None if there is nothing left to do.

    Raises `Snooze` before its time, while its channel is switched off or bears nothing and while everything is stopped,
    `OutcomeUnknown` while a person must look, and `ChannelNotFound`.
    """
    brakes.check(session)
    publication, moment = queries.publication(session, publication_id), db.now(session)
    if publication.state == PublicationState.NEEDS_RECONCILE:
        raise OutcomeUnknown(publication.error or "nobody can tell whether it arrived")
    if publication.state not in WAITING:
        return None
    if publication.due_at > moment:
        wait = (publication.due_at - moment).total_seconds()
        raise Snooze(wait, f"goes out at {publication.due_at:%Y-%m-%d %H:%M} UTC", scheduling.gate(publication_id))
    channel = channels.channel(session, publication.channel_id)
    if not channel.is_enabled:
        raise waiting_for(channel)
    places.check(session, publication, moment)
    return publication


def waiting_for(channel: Channel) -> Snooze:
    """What puts a delivery back until its channel is switched on."""
    reason = f"the channel {channel.name} is switched off{f': {channel.trouble}' if channel.trouble else ''}"
    return Snooze(SWITCHED_OFF_WAIT.total_seconds(), reason, channel_service.gate(channel.id))


def begin(session: Session, publication_id: str, approved: Approved) -> Order | None:
    """Mark a publication as being published and give what to deliver; None if it is no longer waiting.

    To be called under the job's fence. Raises what `check_ready` raises, and `ContentNotApproved`.
    """
    publication = check_ready(session, publication_id)
    if publication is None:
        return None
    if approved.content_sha256 != publication.content_sha256:
        raise ContentNotApproved(f"{publication.title!r} has changed since it was scheduled; approve it again")
    is_first, begun_at = publication.begun_at is None, publication.begun_at or db.now(session)
    change = sa.update(Publication).where(Publication.id == publication_id, Publication.state.in_(WAITING))
    values = {"state": PublicationState.PUBLISHING, "begun_at": begun_at, "attempts": Publication.attempts + 1}
    if session.execute(change.values(error=None, **values).returning(Publication.id)).one_or_none() is None:
        return None
    if is_first:
        places.take(session, publication, begun_at)
    channel = channels.channel(session, publication.channel_id)
    piece = disclosure.checked(approved.piece(publication_id, begun_at))
    target, notes = channel_service.target(channel), dict(publication.notes)
    return Order(publication_id, channel.kind, target, publication.key, piece, notes)


def put_back(session: Session, publication_id: str) -> None:
    """Everything was stopped before anything was sent: it has not begun, unless an earlier try has sent something."""
    change = sa.update(Publication).where(
        Publication.id == publication_id, Publication.state == PublicationState.PUBLISHING, Publication.attempts == 1
    )
    session.execute(change.values(state=PublicationState.SCHEDULED, begun_at=None, attempts=0))


def finished(session: Session, publication_id: str, delivery: Delivery) -> None:
    """Keep where the piece can be seen, and announce it once."""
    moment = db.now(session)
    change = sa.update(Publication).where(
        Publication.id == publication_id, Publication.state == PublicationState.PUBLISHING
    )
    values = {"state": PublicationState.PUBLISHED, "published_at": moment, "error": None, "doubt_since": None}
    done = change.values(url=delivery.url, remote_id=delivery.remote_id, **values).returning(Publication)
    publication: Publication | None = session.scalars(done).one_or_none()
    if publication is not None:
        tell(session, accounts.SYSTEM, publication)


def tell(session: Session, who: Person, publication: Publication) -> None:
    """Let everybody know that a piece can be seen."""
    draft_service.shown(session, publication.draft_id)
    detail = {"channel": publication.channel_name, "url": publication.url}
    accounts.record(session, who, "published", "publication", publication.id, detail)
    jobs.announce(session, PiecePublished(publication.id))


def failed(session: Session, publication_id: str, reason: str) -> None:
    """Keep why the last try did not arrive. The job decides whether there is another."""
    change = sa.update(Publication).where(Publication.id == publication_id, Publication.state.in_(WAITING))
    session.execute(change.values(state=PublicationState.FAILED, error=reason[:LONGEST_ERROR]))


def retry(session: Session, person: Person, publication_id: str) -> None:
    """Try a failed publication again, under the same key. Raises `PublicationNotFailed`, `PermissionMissing`."""
    person.require("publish")
    publication = queries.publication(session, publication_id)
    if publication.state != PublicationState.FAILED:
        raise PublicationNotFailed(f"{publication.title!r} is {publication.state}; only what failed is tried again")
    publication.state = PublicationState.SCHEDULED
    accounts.record(session, person, "retried", "publication", publication_id)
    jobs.announce(session, PublicationDue(publication_id))
