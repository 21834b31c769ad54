"""What waits for people: comments to decide about, and those of which nobody knows whether they arrived."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from stonehand.comments.models import Comment, CommentProcess
from stonehand.comments.states import CommentState
from stonehand.db import Session

STATES = (CommentState.GENERATED, CommentState.NEEDS_RECONCILE)


@dataclass(frozen=True)
class Waiting:
    """Comments of one process; `since` is when the first of them was written."""

    process_id: str
    name: str
    count: int
    since: datetime


def count_up_to(session: Session, most: int) -> int:
    """How many comments wait for a person, counted no further than `most`."""
    shown = sa.select(CommentProcess.id).where(CommentProcess.deleted_at.is_(None))
    some = sa.select(Comment.id).where(Comment.state.in_(STATES), Comment.process_id.in_(shown)).limit(most).subquery()
    return session.scalar(sa.select(sa.func.count()).select_from(some)) or 0


def by_process(session: Session, limit: int) -> list[Waiting]:
    """Processes whose comments are to be decided about, those that wait longest first."""
    since, count = sa.func.min(Comment.updated_at), sa.func.count()
    wish = (
        sa.select(CommentProcess.id, CommentProcess.name, count, since)
        .join(CommentProcess, CommentProcess.id == Comment.process_id)
        .where(Comment.state == CommentState.GENERATED, CommentProcess.deleted_at.is_(None))
        .group_by(CommentProcess.id, CommentProcess.name)
        .order_by(since, CommentProcess.id)
    )
    return [Waiting(*row) for row in session.execute(wish.limit(limit))]


def following(session: Session, comment: Comment) -> str:
    """The next comment of the process to decide about: after this one, then from the beginning; perhaps none."""
    waits = sa.select(sa.func.min(Comment.id)).where(
        Comment.process_id == comment.process_id, Comment.state == CommentState.GENERATED
    )
    after = session.scalar(waits.where(Comment.id > comment.id))
    return str(after or session.scalar(waits.where(Comment.id < comment.id)) or "")
