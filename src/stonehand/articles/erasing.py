"""Forgetting articles for good: what they said goes, and that there was something at this address stays.

The row stays as a stub, so that the same page is not fetched again the next time a source names it.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from stonehand.articles import indexing
from stonehand.articles.models import Article, ArticleVersion, Band, Page, StoredText
from stonehand.articles.states import State
from stonehand.db import Session, now
from stonehand.sources.models import Entry

FORGOTTEN = "this was forgotten on request"


def erase(session: Session, ids: Sequence[str]) -> int:
    """Remove the texts, raw pages, titles and authors of these articles, and what feeds said of them. How many."""
    mine = sa.select(Article.page_id).where(Article.id.in_(ids), Article.page_id.is_not(None))
    pages = list(session.scalars(mine))
    moment = now(session)
    nothing = dict.fromkeys(
        (
            "author",
            "image_url",
            "site",
            "text_hash",
            "page_id",
            "duplicate_of",
            "duplicate_evidence",
            "archived_at",
            "origins",
            "etag",
            "modified",
            "robots",
        )
    )
    said = {"title": "", "excerpt": "", "word_count": 0, "error": FORGOTTEN, "updated_at": moment}
    stub = sa.update(Article).where(Article.id.in_(ids), Article.state != State.GONE)
    count = session.execute(stub.values(state=State.GONE, **said, **nothing).returning(Article.id)).all()
    _let_copies_go(session, ids)
    for table in (StoredText, ArticleVersion, Band):
        session.execute(sa.delete(table).where(table.article_id.in_(ids)))
    indexing.unindex(session, ids)
    _erase_entries(session, Entry.article_id.in_(ids))
    needed = sa.exists().where(Article.page_id == Page.id)
    session.execute(sa.delete(Page).where(Page.id.in_(pages), ~needed))
    return len(count)


def erase_entry(session: Session, address: str) -> bool:
    """Remove what a feed said of a page that became no article. Whether there was something."""
    return _erase_entries(session, Entry.address == address)


def _erase_entries(session: Session, which: sa.ColumnElement[bool]) -> bool:
    said = {"title": "", "summary": "", "content_html": None, "author": None, "error": FORGOTTEN}
    return bool(session.scalars(sa.update(Entry).where(which).values(said).returning(Entry.id)).all())


def _let_copies_go(session: Session, ids: Sequence[str]) -> None:
    """Their copies are articles of their own from now on."""
    copies = sa.update(Article).where(Article.duplicate_of.in_(ids))
    session.execute(copies.values(duplicate_of=None, duplicate_evidence=None))
