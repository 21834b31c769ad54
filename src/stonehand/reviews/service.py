"""Verbs of reviews: open, decide, release."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from stonehand import jobs
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.channels import queries as channels
from stonehand.db import Session, insert, new_id, now
from stonehand.drafts import correcting
from stonehand.drafts import queries as drafts
from stonehand.drafts import service as drafts_service
from stonehand.drafts.states import REVIEWABLE, DraftState
from stonehand.reviews import queries, remarks, votes
from stonehand.reviews.errors import ChannelUnusable, ReviewDecided, SentencesUnsupported
from stonehand.reviews.events import ChangesRequested, ReviewApproved, ReviewRejected
from stonehand.reviews.models import ApprovalPolicy, Review, ReviewState

TIME_TO_UNDO = timedelta(seconds=10)
LONGEST_NOTE = 2000  # characters that are kept


def open_review(session: Session, draft_id: str) -> str | None:
    """Open a review of a draft's current revision; an open one of an earlier revision makes way.

    Asked again, it returns the same id. Returns None if the draft is not up for review any more.
    """
    draft = drafts.draft(session, draft_id)
    if draft.state not in REVIEWABLE or draft.current_revision_id is None:
        return None
    revision, review_id = drafts.revision(session, draft.current_revision_id), new_id()
    same = sa.select(Review.id).where(Review.revision_id == revision.id)
    found = session.scalar(same)
    if found is not None:
        return found
    session.execute(
        sa.update(Review)
        .where(Review.draft_id == draft_id, Review.state == ReviewState.OPEN)
        .values(state=ReviewState.SUPERSEDED, superseded_by=review_id)
    )
    facts = {"id": review_id, "draft_id": draft_id, "revision_id": revision.id, "state": ReviewState.OPEN}
    more = {"content_sha256": revision.content_sha256, "correction": draft.correction, "opened_at": now(session)}
    row = facts | more | {"channel_ids": [], "policy_ids": [], "note": ""}
    session.execute(insert(session, Review).values(row).on_conflict_do_nothing(index_elements=["revision_id"]))
    opened = session.scalars(same).one()
    if session.scalar(sa.select(ApprovalPolicy.id).where(ApprovalPolicy.is_on).limit(1)):
        wish = {"review_id": opened}
        jobs.enqueue(session, "reviews.consider", wish, unique_key=f"reviews.consider:{opened}")
    return opened


def approve(
    session: Session,
    review_id: str,
    person: Person,
    channel_ids: Sequence[str] | None = None,
    *,
    accept_unsupported: bool = False,
    note: str = "",
    time_to_undo: timedelta = TIME_TO_UNDO,
) -> Review:
    """Let exactly this text out through the channels; None means all that are switched on.

    It takes effect after `time_to_undo`. Where more people have to approve, it counts as one approval and the review
    stays open. Raises `PermissionMissing`, `ReviewDecided`, `SentencesUnsupported` unless the reviewer accepts them,
    `CommentsUnresolved`, `ChannelUnusable`.
    """
    person.require("publish")
    review = current(session, review_id)
    unsupported = drafts.unsupported(session, review.revision_id)
    if unsupported and not accept_unsupported:
        raise SentencesUnsupported(
            f"no source supports {unsupported} of the sentences; mend or remove them, or say that you accept them"
        )
    remarks.check(session, review.draft_id)
    chosen = _channels(session, review, channel_ids)
    votes.cast(session, review, person, chosen)
    detail = {"channels": chosen, "content_sha256": review.content_sha256, "unsupported": unsupported}
    if needed := votes.missing(session, review, chosen):
        accounts.record(
            session, person, "approved as one of several", "review", review_id, {**detail, "needed": needed}
        )
        return review
    accounts.record(session, person, "approved", "review", review_id, detail)
    return let_out(session, review, person, chosen, note=note, time_to_undo=time_to_undo)


def let_out(
    session: Session, review: Review, person: Person, channel_ids: Sequence[str], time_to_undo: timedelta, **more: Any
) -> Review:
    """Decide that the text goes out, whoever is entitled to. It takes effect after `time_to_undo`."""
    due_at, note = now(session) + time_to_undo, more.pop("note", "")
    decided = {"channel_ids": list(channel_ids), "due_at": due_at, **more}
    _decide(session, review.id, person, ReviewState.APPROVED, note, **decided)
    if review.correction:
        correcting.ended(session, review.draft_id)
    else:
        drafts_service.move(session, review.draft_id, DraftState.APPROVED)
    if time_to_undo:
        jobs.enqueue(
            session,
            "reviews.release",
            {"review_id": review.id},
            # the time is part of the key: the release of an approval taken back may still wait
            unique_key=f"reviews.release:{review.id}:{due_at:%Y%m%d%H%M%S%f}",
            run_at=due_at,
        )
    else:
        release(session, review.id)
    return queries.review(session, review.id)


def _channels(session: Session, review: Review, channel_ids: Sequence[str] | None) -> list[str]:
    shown = queries.approved_channels(session, review.draft_id) if review.correction else []
    if shown and not channel_ids:  # a correction goes where the piece went, also to a channel that is off just now
        return shown
    return list(dict.fromkeys([*shown, *_enabled(session, channel_ids)]))


def _enabled(session: Session, channel_ids: Sequence[str] | None) -> list[str]:
    chosen = [channel.id for channel in channels.enabled(session, channel_ids)]
    missing = set(channel_ids or ()) - set(chosen)
    if missing or not chosen:
        what = f"the channel {sorted(missing)[0]} does not exist or is" if missing else "every channel is"
        raise ChannelUnusable(f"{what} switched off; choose a channel that is switched on")
    return chosen


def request_changes(session: Session, review_id: str, person: Person, note: str) -> Review:
    """Send a draft back with a note. Raises `PermissionMissing`, `ReviewDecided`."""
    person.require("edit")
    review = current(session, review_id)
    _decide(session, review_id, person, ReviewState.CHANGES_REQUESTED, note)
    if not review.correction:  # that one is changed by hand, and stays what can be seen until then
        drafts_service.move(session, review.draft_id, DraftState.CHANGES_REQUESTED, note)
    accounts.record(session, person, "requested changes of", "review", review_id, {"note": note})
    jobs.announce(session, ChangesRequested(review_id))
    return queries.review(session, review_id)


def reject(session: Session, review_id: str, person: Person, note: str = "") -> Review:
    """Decide that a draft will not go out; of a correction, that the piece stays as it is.

    Raises `PermissionMissing`, `ReviewDecided`.
    """
    person.require("edit")
    review = current(session, review_id)
    _decide(session, review_id, person, ReviewState.REJECTED, note)
    if review.correction:
        correcting.ended(session, review.draft_id, queries.shown_revision(session, review.draft_id))
    else:
        drafts_service.move(session, review.draft_id, DraftState.REJECTED, note)
    accounts.record(session, person, "rejected", "review", review_id, {"note": note})
    jobs.announce(session, ReviewRejected(review_id))
    return queries.review(session, review_id)


def revise(
    session: Session,
    review_id: str,
    person: Person,
    markdown: str,
    expected_revision_id: str,
    title: str | None = None,
) -> str:
    """Keep a person's text and open the review of it. Returns that review's id.

    Raises `PermissionMissing`, and what `drafts.service.edit` raises.
    """
    person.require("edit")
    draft_id = queries.review(session, review_id).draft_id
    revision_id = drafts_service.edit(session, draft_id, markdown, expected_revision_id, person.id, title)
    if revision_id == expected_revision_id:
        return review_id
    accounts.record(session, person, "edited", "draft", draft_id, {"revision_id": revision_id})
    return open_review(session, draft_id) or review_id


def release(session: Session, review_id: str) -> bool:
    """Let an approval take effect, once, at its time. Returns whether it did."""
    changed = session.scalar(
        sa.update(Review)
        .where(
            Review.id == review_id,
            Review.state == ReviewState.APPROVED,
            Review.released_at.is_(None),
            Review.due_at <= now(session),
        )
        .values(released_at=now(session))
        .returning(Review.id)
    )
    if changed is not None:
        jobs.announce(session, ReviewApproved(review_id))
    return changed is not None


def current(session: Session, review_id: str) -> Review:
    """An open review of a draft's current text, held so that nobody else decides about it meanwhile.

    Raises `ReviewNotFound`, `ReviewDecided`.
    """
    held = sa.select(Review).where(Review.id == review_id).with_for_update(key_share=True)
    review = session.scalar(held.execution_options(populate_existing=True)) or queries.review(session, review_id)
    draft = drafts.draft(session, review.draft_id)
    if review.state != ReviewState.OPEN or draft.current_revision_id != review.revision_id:
        raise _decided(review)
    return review


def _decided(review: Review) -> ReviewDecided:
    if review.state in {ReviewState.OPEN, ReviewState.SUPERSEDED}:
        return ReviewDecided("a newer revision has taken this one's place; read that one")
    return ReviewDecided(f"the review is {_words(review.state)} already")


def _decide(session: Session, review_id: str, person: Person, to: ReviewState, note: str, **more: Any) -> None:
    changed = session.scalar(
        sa.update(Review)
        .where(Review.id == review_id, Review.state == ReviewState.OPEN)
        .values(state=to, decided_by=person.id, decided_at=now(session), note=note[:LONGEST_NOTE], **more)
        .returning(Review.id)
    )
    if changed is None:
        raise _decided(queries.review(session, review_id))


def _words(state: str) -> str:
    return state.replace("_", " ")
