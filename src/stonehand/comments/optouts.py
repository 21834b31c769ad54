"""Who wants no comments of ours: authors, and whole sites."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from stonehand import db
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.comments.errors import OptOutNotFound
from stonehand.comments.models import Comment, CommentOptOut, FoundArticle
from stonehand.comments.states import CommentState
from stonehand.db import Session
from stonehand.platforms import queries as platforms

BEFORE_SENDING = (
    CommentState.DISCOVERED,
    CommentState.PREPARED,
    CommentState.GENERATED,
    CommentState.APPROVED,
    CommentState.FAILED,
)
SITE = "the site wants no comments of ours"
AUTHOR = "its author wants no comments of ours"


def key(author: str) -> str:
    """A name without case and spare spaces, to compare by."""
    return " ".join(author.split()).casefold()


def add(session: Session, person: Person, platform_id: str, author: str = "", reason: str = "") -> CommentOptOut:
    """Write nothing for this author any more, or for the whole site; what waits for them is skipped."""
    person.require("edit")
    platform = platforms.platform(session, platform_id)
    row = db.insert(session, CommentOptOut).values(
        id=db.new_id(), platform_id=platform_id, author=" ".join(author.split()), author_key=key(author),
        reason=reason.strip(), created_by=person.name or person.email, created_at=db.now(session),
    )  # fmt: skip
    session.execute(row.on_conflict_do_nothing(index_elements=["platform_id", "author_key"]))
    made = sa.select(CommentOptOut).where(
        CommentOptOut.platform_id == platform_id, CommentOptOut.author_key == key(author)
    )
    skipped = _skip_waiting(session, platform_id)
    told = {"platform": platform.name, "author": author, "skipped": skipped}
    accounts.record(session, person, "noted an opt-out of", "platform", platform_id, told)
    return session.scalars(made).one()


def remove(session: Session, person: Person, opt_out_id: str) -> None:
    """Let comments be written there again; what was skipped stays so until somebody tries it again."""
    person.require("publish")
    found = session.get(CommentOptOut, opt_out_id)
    if found is None:
        raise OptOutNotFound(f"there is no opt-out {opt_out_id}")
    accounts.record(session, person, "removed an opt-out of", "platform", found.platform_id, {"author": found.author})
    session.delete(found)


def every(session: Session, platform_id: str) -> Sequence[CommentOptOut]:
    """The opt-outs of a platform; that of the whole site comes first."""
    mine = sa.select(CommentOptOut).where(CommentOptOut.platform_id == platform_id)
    return session.scalars(mine.order_by(CommentOptOut.author_key)).all()


def keys(session: Session, platform_id: str) -> set[str]:
    """By which to compare authors; an empty one stands for the whole site."""
    mine = sa.select(CommentOptOut.author_key).where(CommentOptOut.platform_id == platform_id)
    return set(session.scalars(mine))


def why(outs: set[str], author: str) -> str:
    """In words why nothing is to be written to this author; empty if it may be."""
    if "" in outs:
        return SITE
    return AUTHOR if key(author) in outs else ""


def _skip_waiting(session: Session, platform_id: str) -> int:
    outs, skipped = keys(session, platform_id), 0
    waiting = (
        sa.select(Comment, FoundArticle.author)
        .join(FoundArticle, FoundArticle.id == Comment.article_id)
        .where(FoundArticle.platform_id == platform_id, Comment.state.in_(BEFORE_SENDING))
        .order_by(Comment.id)
        .with_for_update(of=Comment, key_share=True)
    )
    for comment, author in session.execute(waiting):
        if words := why(outs, author):
            comment.state, comment.error, skipped = CommentState.SKIPPED, words, skipped + 1
            comment.updated_at = db.now(session)
    return skipped
