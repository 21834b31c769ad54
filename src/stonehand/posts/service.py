"""Verbs of posts: begin, save, restore, regenerate, withdraw. Each asks for the permission that it takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa

from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.db import Session
from stonehand.drafts import by_hand, shorthand, wording
from stonehand.drafts import queries as drafts
from stonehand.drafts import service as drafting
from stonehand.drafts.models import Draft
from stonehand.drafts.pieces import Wish
from stonehand.drafts.states import DraftState
from stonehand.drafts.wording import Wording
from stonehand.posts import copies, measuring, queries
from stonehand.posts.errors import DeedImpossible, NothingChanged
from stonehand.posts.states import Deed, deeds, status
from stonehand.publications import queries as publications
from stonehand.publications.models import Publication
from stonehand.publications.states import PublicationState
from stonehand.reviews import queries as reviews
from stonehand.reviews import service as reviewing
from stonehand.reviews import undoing
from stonehand.reviews.models import Review, ReviewState

LONGEST_NOTE = 1000


def begin(session: Session, person: Person, wish: Wish) -> Draft:
    """A post that a person writes from scratch. Raises `TextUnacceptable`, `PermissionMissing`."""
    person.require("edit")
    draft_id = by_hand.begin(session, wish)
    accounts.record(session, person, "began", "draft", draft_id, {"sources": len(wish.article_ids)})
    return drafts.draft(session, draft_id)


def save(
    session: Session, person: Person, draft_id: str, worded: Wording, expected: str, *, hand_in: bool = True
) -> str:
    """Keep a person's wording as the next revision, up for review unless it is only kept. Returns the revision's id.

    Citations like `[1]` are linked, and the sources listed. The person's working copy has served then. Raises
    `RevisionOutdated`, `TextUnacceptable`, `DeedImpossible`, `NothingChanged`, `PermissionMissing`.
    """
    person.require("edit")
    draft = drafts.draft(session, draft_id)
    if (draft.current_revision_id or "") == expected:  # else `drafting.save` says what happened
        _require(session, draft, Deed.EDIT if hand_in else Deed.KEEP)
    about = measuring.brief(session, draft_id, worded.sources)
    worded = replace(worded, markdown=shorthand.full(worded.markdown, about.sources, about.language))
    was_with_writers = draft.state == DraftState.CHANGES_REQUESTED
    revision_id = drafting.save(session, draft_id, worded, expected, person.id, hand_in=hand_in)
    if revision_id == expected and hand_in and was_with_writers:
        _hand_in_as_it_is(session, draft_id, revision_id)
    if revision_id != expected:
        accounts.record(session, person, "edited", "draft", draft_id, {"revision_id": revision_id})
    if hand_in:
        reviewing.open_review(session, draft_id)
    copies.discard(session, draft_id, person.id)
    return revision_id


def _hand_in_as_it_is(session: Session, draft_id: str, revision_id: str) -> None:
    """Nobody has decided about this revision yet, so that it can go to the desk."""
    if session.scalar(sa.select(Review.id).where(Review.revision_id == revision_id)):
        raise NothingChanged(
            "nothing was changed since this text was sent back; change it, or have it written again with a note"
        )
    drafting.move(session, draft_id, DraftState.IN_REVIEW)


def restore(session: Session, person: Person, draft_id: str, number: int, expected: str) -> str:
    """Make an earlier version the next one. Returns the revision's id. Raises `VersionNotFound` and as `save`."""
    old = queries.version(session, draft_id, number)
    is_kept = drafts.draft(session, draft_id).state == DraftState.CHANGES_REQUESTED
    return save(session, person, draft_id, wording.of(old), expected, hand_in=not is_kept)


def regenerate(session: Session, person: Person, draft_id: str, note: str = "") -> None:
    """Have it written again, with what should be different. Raises `DeedImpossible`, `PermissionMissing`."""
    person.require("edit")
    draft, wish = drafts.draft(session, draft_id), note.strip()[:LONGEST_NOTE]
    _require(session, draft, Deed.REGENERATE)
    if draft.state == DraftState.IN_REVIEW:
        review = _open_review(session, draft_id)
        if review is None:
            drafting.move(session, draft_id, DraftState.CHANGES_REQUESTED, wish)
        else:
            reviewing.request_changes(session, review.id, person, wish)
        session.refresh(draft)
    if wish:
        draft.note = wish
        session.flush()
    drafting.rewrite(session, draft_id)
    if wish:
        draft.instructions = {**draft.instructions, "note": wish}
    accounts.record(session, person, "asked to rewrite", "draft", draft_id, {"note": wish})


def withdraw(session: Session, person: Person, draft_id: str, reason: str = "") -> None:
    """Decide that it will not go out, while nothing has. What was scheduled is not sent.

    Raises `DeedImpossible` if something may be out already, `PermissionMissing`.
    """
    draft = drafts.draft(session, draft_id)
    person.require("publish" if draft.state == DraftState.APPROVED else "edit")
    _require(session, draft, Deed.WITHDRAW)
    if draft.state == DraftState.APPROVED:
        _take_back(session, person, draft)
    review = _open_review(session, draft_id)
    if review is not None:
        reviewing.reject(session, review.id, person, reason)
    else:
        drafting.move(session, draft_id, DraftState.REJECTED, reason)
    copies.discard(session, draft_id, person.id)
    accounts.record(session, person, "withdrew", "draft", draft_id, {"reason": reason})


def _take_back(session: Session, person: Person, draft: Draft) -> None:
    """An approval that waits is undone; what it has scheduled will not begin."""
    found = [each for each in reviews.of_draft(session, draft.id) if each.state == ReviewState.APPROVED]
    if found and found[0].released_at is None:
        undoing.undo(session, found[0].id, person)
        return
    waiting = [each.id for each in publications.of_draft(session, draft.id) if each.state != PublicationState.RETRACTED]
    stoppable = (PublicationState.SCHEDULED, PublicationState.FAILED)
    change = sa.update(Publication).where(Publication.id.in_(waiting), Publication.state.in_(stoppable))
    stopped = session.scalars(change.values(state=PublicationState.RETRACTED).returning(Publication.id)).all()
    if len(stopped) < len(waiting):
        raise DeedImpossible("a delivery has begun meanwhile, so it may be out; retract it where it can be seen")
    # what prepares its publications may still wait, and must find no approval
    approved = sa.update(Review).where(Review.draft_id == draft.id, Review.state == ReviewState.APPROVED)
    session.execute(approved.values(state=ReviewState.REJECTED))
    drafting.move(session, draft.id, DraftState.IN_REVIEW)


def _open_review(session: Session, draft_id: str) -> Review | None:
    return next((each for each in reviews.of_draft(session, draft_id) if each.state == ReviewState.OPEN), None)


def _require(session: Session, draft: Draft, deed: Deed) -> None:
    states = _publication_states(session, draft.id)
    if deed not in deeds(draft.state, states):
        raise DeedImpossible(
            f"“{draft.title}” is {status(draft.state, states).replace('_', ' ')}, so you cannot {_WORDS[deed]}"
        )


_WORDS = {
    Deed.EDIT: "change its text; what is approved or out is corrected or retracted instead",
    Deed.KEEP: "keep a text that is not handed in",
    Deed.REGENERATE: "have it written again now",
    Deed.WITHDRAW: "withdraw it; retract it where it can be seen",
}


def _publication_states(session: Session, draft_id: str) -> Sequence[str]:
    return [each.state for each in publications.of_draft(session, draft_id)]
