"""Comments on drafts: threads about a sentence or the whole. One that must be dealt with holds up the approval."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from stonehand import db
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.db import Session
from stonehand.reviews import queries
from stonehand.reviews.errors import CommentNotFound, CommentsUnresolved, CommentUnfit
from stonehand.reviews.models import ReviewComment

LONGEST = 4000  # characters of a comment
LONGEST_SENTENCE = 1000


def add(
    session: Session,
    person: Person,
    review_id: str,
    body: str,
    *,
    sentence: str = "",
    must: bool = False,
    answers: str | None = None,
) -> ReviewComment:
    """Remark something, perhaps about one sentence, or in answer to an earlier remark of the same draft.

    Raises `PermissionMissing`, `ReviewNotFound`, `CommentNotFound`, `CommentUnfit`.
    """
    person.require("edit")
    review, words = queries.review(session, review_id), body.strip()
    if not 0 < len(words) <= LONGEST:
        raise CommentUnfit(f"a comment has 1 to {LONGEST} characters")
    first = _first_of(session, review.draft_id, answers) if answers else None
    made = ReviewComment(
        draft_id=review.draft_id,
        review_id=review_id,
        thread_id=first.id if first else None,
        sentence=first.sentence if first else " ".join(sentence.split())[:LONGEST_SENTENCE],
        body=words,
        must=must and first is None,
        user_id=person.id,
        user_name=person.name or person.email,
        created_at=db.now(session),
    )
    session.add(made)
    session.flush()
    accounts.record(session, person, "commented on", "review", review_id, {"comment_id": made.id, "must": made.must})
    return made


def _first_of(session: Session, draft_id: str, comment_id: str) -> ReviewComment:
    found = comment(session, comment_id)
    first = comment(session, found.thread_id) if found.thread_id else found
    if first.draft_id != draft_id:
        raise CommentNotFound(f"the comment {comment_id} is about another draft")
    return first


def comment(session: Session, comment_id: str) -> ReviewComment:
    """A comment by id. Raises `CommentNotFound`."""
    found = session.get(ReviewComment, comment_id)
    if found is None:
        raise CommentNotFound(f"there is no comment {comment_id}")
    return found


def resolve(session: Session, person: Person, comment_id: str, is_resolved: bool = True) -> ReviewComment:
    """Say that a thread is dealt with, or that it is not after all. Raises `PermissionMissing`, `CommentNotFound`."""
    person.require("edit")
    found = comment(session, comment_id)
    first = comment(session, found.thread_id) if found.thread_id else found
    first.resolved_at = db.now(session) if is_resolved else None
    first.resolved_by = (person.name or person.email) if is_resolved else None
    verb = "resolved a comment on" if is_resolved else "reopened a comment on"
    accounts.record(session, person, verb, "review", first.review_id, {"comment_id": first.id})
    return first


def of_draft(session: Session, draft_id: str) -> Sequence[ReviewComment]:
    """All comments on a draft, the oldest first; answers name their thread."""
    mine = sa.select(ReviewComment).where(ReviewComment.draft_id == draft_id)
    return session.scalars(mine.order_by(ReviewComment.created_at, ReviewComment.id)).all()


def holding(session: Session, draft_id: str) -> int:
    """How many comments must be dealt with before the draft can be approved."""
    held = sa.select(sa.func.count()).where(
        ReviewComment.draft_id == draft_id, ReviewComment.must, ReviewComment.resolved_at.is_(None)
    )
    return session.scalar(held) or 0


def check(session: Session, draft_id: str) -> None:
    """Raise `CommentsUnresolved` if a comment holds the draft up."""
    count = holding(session, draft_id)
    if count:
        what = "a comment" if count == 1 else f"{count} comments"
        raise CommentsUnresolved(f"{what} must be dealt with first; resolve what is done, then approve")
