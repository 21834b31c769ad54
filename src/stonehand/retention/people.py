"""Forgetting who somebody was: their name where they decided, remarked or wrote rules. What they did stays."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from stonehand.accounts.models import User
from stonehand.comments.models import Comment, CommentOptOut, CommentProcess
from stonehand.db import Session
from stonehand.publications.models import CitedPage, Publication, PublicationChange
from stonehand.reviews.models import ApprovalPolicy, Review, ReviewApproval, ReviewBulk, ReviewComment
from stonehand.timing.models import Cadence, Wish

FORGOTTEN = "somebody who was forgotten"
NAMES: tuple[tuple[Any, str], ...] = (
    (ReviewComment, "user_name"),
    (ReviewComment, "resolved_by"),
    (ReviewApproval, "user_name"),
    (ReviewBulk, "user_name"),
    (ApprovalPolicy, "created_by"),
    (ApprovalPolicy, "updated_by"),
    (PublicationChange, "asked_by"),
    (CitedPage, "settled_by"),
    (Wish, "by"),
    (Cadence, "changed_by"),
    (Comment, "approved_by"),
    (CommentProcess, "created_by"),
    (CommentProcess, "auto_by"),
    (CommentOptOut, "created_by"),
)
"""Columns that hold nothing but who it was."""
OWNED: tuple[Any, ...] = (ReviewComment, ReviewApproval, ReviewBulk)
"""Tables that name an account by its id as well, in case it was renamed."""
WORDS: tuple[tuple[Any, str], ...] = (
    (ReviewComment, "body"),
    (Review, "note"),
    (ReviewBulk, "note"),
    (ApprovalPolicy, "reason"),
    (PublicationChange, "reason"),
    (Publication, "error"),
    (Publication, "retraction"),
    (Comment, "decision_note"),
    (CommentProcess, "reason"),
    (CommentProcess, "auto_reason"),
    (CommentOptOut, "reason"),
)
"""Columns with words of people about their work, in which a name may stand."""


def forget(session: Session, value: str, user_ids: Collection[str]) -> int:
    """Blank this name, and what these accounts are called, in all that reviewing and publishing keep.

    Returns how many rows were changed. The audit log is append-only, and keeps who did what.
    """
    called = session.execute(sa.select(User.name, User.email).where(User.id.in_(user_ids))).all()
    names = {" ".join(value.split()), *(each for row in called for each in row)} - {""}
    if not names:
        return 0
    return _names(session, names, user_ids) + sum(_words(session, *where, names) for where in WORDS)


def _names(session: Session, names: Collection[str], user_ids: Collection[str]) -> int:
    folded = [name.lower() for name in names]
    total = 0
    for table, name in NAMES:
        column = getattr(table, name)
        is_meant = sa.or_(column.in_(names), sa.func.lower(column).in_(folded))
        if table in OWNED and name == "user_name":
            is_meant = sa.or_(is_meant, table.user_id.in_(user_ids))
        total += _set(session, table, is_meant, {name: FORGOTTEN})
    return total


def _set(session: Session, table: Any, which: sa.ColumnElement[bool], values: dict[str, str]) -> int:
    first = next(iter(sa.inspect(table).primary_key))
    return len(session.execute(sa.update(table).where(which).values(values).returning(first)).all())


def _words(session: Session, table: Any, name: str, names: Collection[str]) -> int:
    column, total = getattr(table, name), 0
    told = sa.or_(*(column.icontains(each, autoescape=True) for each in names))
    longest_first = sorted(names, key=len, reverse=True)
    whole = re.compile("|".join(rf"(?<!\w){re.escape(each)}(?!\w)" for each in longest_first), re.IGNORECASE)
    for row in session.scalars(sa.select(table).where(told)):
        words, count = whole.subn(FORGOTTEN, getattr(row, name))
        if count:
            setattr(row, name, words)
            total += 1
    session.flush()
    return total
