"""Thinking again: an approval before it takes effect, another decision as long as nothing has come of it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.db import Session
from stonehand.drafts import correcting
from stonehand.drafts import queries as drafts
from stonehand.drafts import service as drafting
from stonehand.drafts.models import Draft
from stonehand.drafts.states import OPEN, DraftState
from stonehand.reviews import queries, votes
from stonehand.reviews.errors import ReviewDecided, UndoTooLate
from stonehand.reviews.models import Review, ReviewState

OTHERS = {
    ReviewState.REJECTED: (DraftState.REJECTED, "took back the rejection of"),
    ReviewState.CHANGES_REQUESTED: (DraftState.CHANGES_REQUESTED, "took back the wish for changes of"),
}


def undo(session: Session, review_id: str, person: Person) -> Review:
    """Take back what was decided, or one's own approval where others are needed too.

    Raises `PermissionMissing`, `UndoTooLate`, `ReviewDecided`.
    """
    review = queries.review(session, review_id)
    if review.state == ReviewState.APPROVED:
        _approval(session, review, person)
    elif review.state == ReviewState.OPEN:
        _own_vote(session, review, person)
    elif review.state in OTHERS:
        _other(session, review, person)
    else:
        raise ReviewDecided("a newer revision has taken this one's place; read that one")
    session.refresh(review)
    return review


def _own_vote(session: Session, review: Review, person: Person) -> None:
    person.require("publish")
    if not votes.withdraw(session, review.id, [person.id]):
        raise ReviewDecided("nothing is decided, so there is nothing to take back")
    accounts.record(session, person, "took back their approval of", "review", review.id)


def _approval(session: Session, review: Review, person: Person) -> None:
    person.require("publish")
    decided_by = review.decided_by
    _reopen(session, review, ReviewState.APPROVED)
    votes.withdraw(session, review.id, [person.id, decided_by])
    if review.correction:
        correcting.reopened(session, review.draft_id, review.correction)
    else:
        drafting.move(session, review.draft_id, DraftState.IN_REVIEW)
    accounts.record(session, person, "took back the approval of", "review", review.id)


def _other(session: Session, review: Review, person: Person) -> None:
    person.require("edit")
    expected, verb = OTHERS[ReviewState(review.state)]
    draft = drafts.draft(session, review.draft_id)
    if draft.state != expected or draft.current_revision_id != review.revision_id:
        raise UndoTooLate("the draft has gone on meanwhile; open it to see where it is")
    _refuse_second(session, draft)
    _reopen(session, review, ReviewState(review.state))
    drafting.move(session, draft.id, DraftState.IN_REVIEW)
    accounts.record(session, person, verb, "review", review.id)


def _refuse_second(session: Session, draft: Draft) -> None:
    """A story has one open draft at most."""
    others = sa.select(Draft.id).where(Draft.story_id == draft.story_id, Draft.state.in_(OPEN), Draft.id != draft.id)
    if draft.story_id and session.scalar(others.limit(1)):
        raise UndoTooLate("its story has another draft by now; decide about that one")


def _reopen(session: Session, review: Review, was: ReviewState) -> None:
    """Only from this state, and only before it has taken effect."""
    blank: dict[str, Any] = {
        "channel_ids": [],
        "policy_ids": [],
        "due_at": None,
        "decided_by": None,
        "decided_at": None,
        "note": "",
    }
    changed = session.scalar(
        sa.update(Review)
        .where(Review.id == review.id, Review.state == was, Review.released_at.is_(None))
        .values(state=ReviewState.OPEN, bulk_id=None, **blank)
        .returning(Review.id)
    )
    if changed is None:
        raise UndoTooLate("the approval has taken effect; look under Publications for what was sent")
