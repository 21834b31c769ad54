"""Letting go of raw pages and compressing old texts, a little at a time. What is `kept` stays as it is.

`kept` is a condition about an article, such as that a draft cites it: the rooms that know come later on the trip.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from stonehand.articles.models import Article, Page, StoredText
from stonehand.articles.states import State
from stonehand.db import Session, first_id, now

Kept = sa.ColumnElement[bool]


def old_pages(before: datetime, kept: Kept) -> sa.Select[str]:
    """Ids of pages that came before some time and that no article needs any more, the oldest first."""
    needed = sa.exists().where(Article.page_id == Page.id, sa.or_(Article.state == State.STORED, kept))
    return sa.select(Page.id).where(Page.id < first_id(before), Page.created_at < before, ~needed).order_by(Page.id)


def forget_pages(session: Session, before: datetime, kept: Kept, most: int) -> int:
    """Delete raw pages. Their articles stay, with their texts. Returns how many."""
    ids = session.scalars(old_pages(before, kept).limit(most)).all()
    session.execute(sa.update(Article).where(Article.page_id.in_(ids)).values(page_id=None))
    session.execute(sa.delete(Page).where(Page.id.in_(ids)))
    return len(ids)


def old_articles(before: datetime, kept: Kept) -> sa.Select[str]:
    """Ids of articles whose texts can be compressed, the oldest first."""
    wish = sa.select(Article.id).where(
        Article.id < first_id(before),
        Article.created_at < before,
        Article.archived_at.is_(None),
        Article.state == State.EXTRACTED,
        ~kept,
    )
    return wish.order_by(Article.id)


def texts(session: Session, ids: sa.Select[str]) -> dict[str, str]:
    """The texts that are to be compressed, by article."""
    rows = session.execute(sa.select(StoredText.article_id, StoredText.text).where(StoredText.article_id.in_(ids)))
    return dict(rows.all())


def archive(session: Session, packed: Mapping[str, bytes], kept: Kept) -> int:
    """Keep these texts compressed, but for articles that are needed by now. Returns how many."""
    moment = now(session)
    mine = sa.update(Article).where(Article.id.in_(list(packed)), Article.archived_at.is_(None), ~kept)
    gone: list[Any] = list(session.scalars(mine.values(archived_at=moment).returning(Article.id)))
    rows = [{"article_id": article_id, "text": "", "packed": packed[article_id]} for article_id in gone]
    if rows:
        session.execute(sa.update(StoredText), rows)
    return len(rows)
