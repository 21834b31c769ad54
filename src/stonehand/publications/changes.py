"""Corrections and retractions of what can be seen, pushed through to each channel and known to have arrived.

Each is a row with a job of its own, begun and ended under the job's fence, sent under the key of its publication and
repeated until it is known. Of one publication they happen in the order in which they were asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from stonehand import db, jobs
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.brakes import queries as brakes
from stonehand.channels import queries as channels
from stonehand.channels import service as channel_service
from stonehand.channels.interfaces import Delivery, Piece, Target
from stonehand.db import Session
from stonehand.drafts import service as drafting
from stonehand.drafts.states import FOLLOWS, DraftState
from stonehand.jobs import OutcomeUnknown, Snooze
from stonehand.jobs import queries as job_queries
from stonehand.jobs import service as job_service
from stonehand.publications import approvals, corrections, disclosure, queries, service
from stonehand.publications.approvals import Approved
from stonehand.publications.errors import ChangeNotFound, ChangeNotOpen, PublicationNotShown, ReasonMissing
from stonehand.publications.events import ChangeDue, PieceChanged
from stonehand.publications.models import Publication, PublicationChange
from stonehand.publications.states import UNDONE, ChangeState, PublicationState

CORRECTION, RETRACTION = "correction", "retraction"
LONGEST_REASON = 500
WAIT = 30.0  # seconds until a change looks again whether the one before it has ended
UNSETTLED = (PublicationState.PUBLISHING, PublicationState.FAILED, PublicationState.NEEDS_RECONCILE)
TASK = "publications.change"


@dataclass(frozen=True)
class ChangeOrder:
    """All that a change needs, so that it can happen outside any transaction. `piece` is None for a retraction."""

    change_id: str
    kind: str
    target: Target
    delivery: Delivery
    key: str
    reason: str
    piece: Piece | None
    notes: dict[str, Any]


def change(session: Session, change_id: str) -> PublicationChange:
    """A change by id. Raises `ChangeNotFound`."""
    found = session.get(PublicationChange, change_id)
    if found is None:
        raise ChangeNotFound(f"there is no correction or retraction {change_id}")
    return found


def of_publications(session: Session, publication_ids: Sequence[str]) -> Sequence[PublicationChange]:
    """The changes of these publications, the oldest first."""
    mine = sa.select(PublicationChange).where(PublicationChange.publication_id.in_(publication_ids))
    return session.scalars(mine.order_by(PublicationChange.id)).all()


def prepare(session: Session, approved: Approved) -> int:
    """Make a publication for each chosen channel, or correct the one that is there. Returns how many of both.

    Asked again, nothing more happens. Raises `NoChannel`.
    """
    served = _correct(session, approved)
    left = tuple(channel_id for channel_id in approved.channel_ids if channel_id not in served)
    made = service.prepare(session, replace(approved, channel_ids=left)) if left or not served else []
    return len(made) + len(served)


def _correct(session: Session, approved: Approved) -> set[str]:
    """Have the corrected text shown wherever the draft is on its way or can be seen already, chosen anew or not.
    Returns the channels that need no new publication: those, and those where it was taken back."""
    served = set[str]()
    for publication in queries.of_draft(session, approved.draft_id):
        if publication.review_id == approved.review_id and publication.corrected_at is None:
            continue
        if publication.state == PublicationState.SCHEDULED and _withhold(
            session, publication, "a corrected text follows"
        ):
            continue
        served.add(publication.channel_id)
        if publication.state == PublicationState.PUBLISHED or publication.state in UNSETTLED:
            note = approved.corrections[0].note if approved.corrections else ""
            who = corrections.asked_by(session, approved.review_id) or accounts.SYSTEM.name
            _add(session, who, publication, CORRECTION, note, approved.review_id)
    return served


def retract(session: Session, person: Person, publication_id: str, reason: str) -> Publication:
    """Take a piece back from where it can be seen; one that has not gone out yet never does.

    Raises `PermissionMissing`, `ReasonMissing`, `PublicationNotShown` if nobody knows yet whether it can be seen.
    """
    person.require("publish")
    words = " ".join(reason.split())
    if not words or len(words) > LONGEST_REASON:
        raise ReasonMissing(f"say in 1 to {LONGEST_REASON} characters why it is taken back")
    publication = _held(session, publication_id)
    if publication.state == PublicationState.SCHEDULED and _withhold(session, publication, words):
        accounts.record(session, person, "withheld", "publication", publication_id, {"reason": words})
    elif publication.state == PublicationState.PUBLISHED:
        publication.state, publication.retraction, publication.error = PublicationState.RETRACTING, words, None
        _add(session, person.name or person.email, publication, RETRACTION, words, None)
        accounts.record(session, person, "asked to retract", "publication", publication_id, {"reason": words})
    else:
        raise PublicationNotShown(_why_not(publication))
    session.flush()
    return publication


def _why_not(publication: Publication) -> str:
    if publication.state in (PublicationState.RETRACTING, PublicationState.RETRACTED):
        return f"{publication.title!r} is {publication.state} already"
    return (
        f"{publication.title!r} is {publication.state.replace('_', ' ')} on {publication.channel_name}: say first "
        "whether it arrived, or let it arrive"
    )


def _held(session: Session, publication_id: str) -> Publication:
    mine = sa.select(Publication).where(Publication.id == publication_id).with_for_update(key_share=True)
    found = session.scalar(mine.execution_options(populate_existing=True))
    return found or queries.publication(session, publication_id)


def _withhold(session: Session, publication: Publication, reason: str) -> bool:
    """Never send what has not begun to go out. Whether it was still so."""
    values = {"state": PublicationState.RETRACTED, "retraction": reason, "retracted_at": db.now(session)}
    waiting = Publication.state == PublicationState.SCHEDULED, Publication.begun_at.is_(None)
    stopped = sa.update(Publication).where(Publication.id == publication.id, *waiting)
    done = session.scalar(stopped.values(values).returning(Publication.id)) is not None
    session.refresh(publication)
    if done:
        _draft_follows(session, publication.draft_id)
    return done


def _add(
    session: Session, asked_by: str, publication: Publication, kind: str, reason: str, review_id: str | None
) -> None:
    row = {
        "id": db.new_id(),
        "publication_id": publication.id,
        "kind": kind,
        "review_id": review_id,
        "state": ChangeState.WAITING,
        "reason": reason,
        "asked_by": asked_by,
        "attempts": 0,
        "created_at": db.now(session),
    }
    insert = db.insert(session, PublicationChange).values(row).on_conflict_do_nothing()
    made = session.scalar(insert.returning(PublicationChange.id))
    if made is not None:
        jobs.announce(session, ChangeDue(made), asked_by)


def check_ready(session: Session, change_id: str) -> PublicationChange | None:
    """The change if it may begin now, None if there is nothing left to do.

    Raises `Snooze` while everything is stopped, while the channel is off, until the piece itself has arrived and until
    earlier changes of it have ended; `OutcomeUnknown` while a person must look; and `ChannelNotFound`.
    """
    brakes.check(session)
    mine = change(session, change_id)
    if mine.state == ChangeState.NEEDS_RECONCILE:
        raise OutcomeUnknown(mine.error or "nobody can tell whether it happened")
    if mine.state not in UNDONE:
        return None
    publication = queries.publication(session, mine.publication_id)
    if publication.state in (PublicationState.SCHEDULED, *UNSETTLED):
        raise Snooze(WAIT, "waits until the piece itself has arrived")
    if _earlier(session, mine):
        raise Snooze(WAIT, "waits for an earlier change of the same piece")
    channel = channels.channel(session, publication.channel_id)
    if not channel.is_enabled:
        raise service.waiting_for(channel)
    return mine


def _earlier(session: Session, mine: PublicationChange) -> bool:
    """Whether an earlier change has begun and may still reach the channel. A retraction waits for no person."""
    begun = (ChangeState.DOING,) if mine.kind == RETRACTION else (ChangeState.DOING, ChangeState.NEEDS_RECONCILE)
    others = sa.select(PublicationChange.id).where(
        PublicationChange.publication_id == mine.publication_id,
        PublicationChange.id < mine.id,
        PublicationChange.state.in_(begun),
    )
    return session.scalar(others.limit(1)) is not None


def begin(session: Session, change_id: str) -> ChangeOrder | None:
    """Mark a change as begun and give what to send; None if there is nothing left to do.

    To be called under the job's fence. Raises what `check_ready` raises, and `ContentNotApproved`.
    """
    mine = check_ready(session, change_id)
    if mine is None or _is_replaced(session, mine):
        return None
    publication = queries.publication(session, mine.publication_id)
    piece = None
    if mine.review_id is not None:
        approved = approvals.approved(session, mine.review_id)
        piece = disclosure.checked(approved.piece(publication.id, publication.published_at or db.now(session)))
    mine.state, mine.begun_at, mine.error = ChangeState.DOING, mine.begun_at or db.now(session), None
    mine.attempts += 1
    channel = channels.channel(session, publication.channel_id)
    seen = Delivery(publication.url or "", publication.remote_id or "")
    target = channel_service.target(channel)
    return ChangeOrder(change_id, channel.kind, target, seen, publication.key, mine.reason, piece, dict(mine.notes))


def _is_replaced(session: Session, mine: PublicationChange) -> bool:
    """A change makes way for a later one, which would overwrite it. One that has begun is repeated until it is known:
    the later one waits for that."""
    publication = queries.publication(session, mine.publication_id)
    gone = mine.kind == CORRECTION and publication.state == PublicationState.RETRACTED
    later = sa.select(PublicationChange.id).where(
        PublicationChange.publication_id == mine.publication_id,
        PublicationChange.id > mine.id,
        PublicationChange.state != ChangeState.REPLACED,
    )
    if not gone and (mine.state == ChangeState.DOING or session.scalar(later.limit(1)) is None):
        return False
    mine.state, mine.ended_at = ChangeState.REPLACED, db.now(session)
    return True


def remember(session: Session, change_id: str, facts: Mapping[str, Any]) -> None:
    """Keep what a change has written down. To be called under the job's fence."""
    mine = change(session, change_id)
    mine.notes = {**mine.notes, **facts}


def finished(session: Session, change_id: str, seen: Delivery | None, who: Person = accounts.SYSTEM) -> None:
    """It has happened; `seen` is where a corrected piece can be seen now."""
    mine = change(session, change_id)
    if mine.state not in (*UNDONE, ChangeState.NEEDS_RECONCILE):
        return
    moment, publication = db.now(session), queries.publication(session, mine.publication_id)
    mine.state, mine.ended_at, mine.error, mine.doubt_since = ChangeState.DONE, moment, None, None
    publication.error = None
    if mine.kind == RETRACTION:
        publication.state, publication.retracted_at = PublicationState.RETRACTED, moment
        session.flush()
        _end_others(session, mine)
        _draft_follows(session, publication.draft_id)
    else:
        _now_shows(session, publication, mine, seen)
    verb = "retracted" if mine.kind == RETRACTION else "corrected"
    detail = {"reason": mine.reason, "asked_by": mine.asked_by}
    accounts.record(session, who, verb, "publication", publication.id, detail)
    jobs.announce(session, PieceChanged(publication.id))


def _end_others(session: Session, mine: PublicationChange) -> None:
    """What was taken back needs no correction any more, nor anybody to look for one."""
    others = sa.select(PublicationChange).where(
        PublicationChange.publication_id == mine.publication_id,
        PublicationChange.id != mine.id,
        PublicationChange.state.in_((*UNDONE, ChangeState.NEEDS_RECONCILE)),
    )
    for each in session.scalars(others):
        each.state, each.ended_at = ChangeState.REPLACED, db.now(session)
        job_service.reconciled(session, f"{TASK}:{each.id}", "the piece was taken back")


def _now_shows(session: Session, publication: Publication, mine: PublicationChange, seen: Delivery | None) -> None:
    approved = approvals.approved(session, mine.review_id or "")
    publication.review_id, publication.revision_id = approved.review_id, approved.revision_id
    publication.content_sha256, publication.title = approved.content_sha256, approved.title
    publication.corrected_at = db.now(session)
    if seen is not None:
        publication.url, publication.remote_id = seen.url, seen.remote_id


def _draft_follows(session: Session, draft_id: str) -> None:
    """A draft that can be seen nowhere any more is retracted. Of two that end in one moment, the later sees both."""
    state = drafting.hold(session, draft_id)
    states = set(session.scalars(sa.select(Publication.state).where(Publication.draft_id == draft_id)))
    if states == {PublicationState.RETRACTED} and DraftState.RETRACTED in FOLLOWS[state]:
        drafting.move(session, draft_id, DraftState.RETRACTED)


def failed(session: Session, change_id: str, reason: str) -> None:
    """Keep why the last try did not arrive, on the publication as well. The job decides whether there is another."""
    mine = change(session, change_id)
    if mine.state in UNDONE:
        mine.state, mine.error = ChangeState.FAILED, reason[: service.LONGEST_ERROR]
        queries.publication(session, mine.publication_id).error = mine.error


def retry(session: Session, person: Person, change_id: str) -> None:
    """Try a failed change again. Raises `ChangeNotOpen`, `PermissionMissing`."""
    person.require("publish")
    mine = change(session, change_id)
    if mine.state != ChangeState.FAILED:
        raise ChangeNotOpen(f"the {mine.kind} is {mine.state.replace('_', ' ')}; only what failed is tried again")
    mine.state = ChangeState.WAITING
    accounts.record(session, person, f"retried the {mine.kind} of", "publication", mine.publication_id)
    jobs.announce(session, ChangeDue(change_id), person.name or person.email)


def give_up_abandoned(session: Session) -> None:
    """A change whose job is dead or cancelled has failed; a person may try it again."""
    begun = sa.select(PublicationChange.id).where(PublicationChange.state == ChangeState.DOING)
    for change_id in session.scalars(begun.limit(service.MOST_DUE)).all():
        if not job_queries.unfinished_as(session, f"{TASK}:{change_id}"):
            failed(
                session, change_id, "its job ended before it could say whether it happened; trying again says the same"
            )
