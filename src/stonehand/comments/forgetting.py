"""Forgetting an author or an address on request: what was read, and what was written about it and has not been sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from stonehand import db
from stonehand.comments import optouts
from stonehand.comments.models import Comment, FoundArticle
from stonehand.comments.states import CommentState
from stonehand.db import Session

FORGOTTEN = "forgotten on request"
KEPT = (CommentState.POSTING, CommentState.POSTED, CommentState.NEEDS_RECONCILE)
"""What stands at the site, or may: our own words stay on record, without those of its author."""


def author(session: Session, name: str) -> int:
    """Forget the articles of everybody of this name. Returns how many."""
    wanted = optouts.key(name)
    known = session.execute(sa.select(FoundArticle.id, FoundArticle.author).where(FoundArticle.author != "")).all()
    return _forget(session, [each for each, called in known if optouts.key(called) == wanted])


def url(session: Session, address: str) -> int:
    """Forget the article at this address. Returns how many."""
    return _forget(session, session.scalars(sa.select(FoundArticle.id).where(FoundArticle.url == address)).all())


def _forget(session: Session, ids: Sequence[str]) -> int:
    if not ids:
        return 0
    moment, about = db.now(session), Comment.article_id.in_(ids)
    blank = {"title": FORGOTTEN, "author": "", "text": "", "html": "", "category": "", "task": "", "read_at": None}
    _set(session, sa.update(FoundArticle).where(FoundArticle.id.in_(ids)), blank)
    _set(session, sa.update(Comment).where(about), {"reasoning": "", "remote_text": "", "warnings": []})
    skipped = {"state": CommentState.SKIPPED, "html": "", "error": FORGOTTEN, "updated_at": moment}
    _set(session, sa.update(Comment).where(about, Comment.state.not_in(KEPT)), skipped)
    return len(ids)


def _set(session: Session, statement: sa.Update, values: Mapping[str, object]) -> None:
    session.execute(statement.values(**values).execution_options(synchronize_session=False))
