"""Forgetting articles for good: what they said goes, and that there was something at this address stays.

The row stays as a stub, so that the same page is not fetched again the next time a source names it.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from stonehand.articles import indexing
from stonehand.articles.models import Article, ArticleVersion, Page, StoredText
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
    _hand_copies_on(session, ids)
    for table in (StoredText, ArticleVersion):
        session.execute(sa.delete(table).where(table.article_id.in_(ids)))
    indexing.unindex(session, ids)  # and its bands with it
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


def heirs(session: Session, ids: Sequence[str]) -> dict[str, str]:
    """For each of these articles that has copies, the first of them: the original of the others when this one is gone.

    Else copies would count as so many independent reports.
    """
    copies = sa.select(Article.duplicate_of, sa.func.min(Article.id)).where(Article.duplicate_of.in_(ids))
    rows = session.execute(copies.where(Article.id.not_in(ids)).group_by(Article.duplicate_of))
    return {original: heir for original, heir in rows if original}


def _hand_copies_on(session: Session, ids: Sequence[str]) -> None:
    for gone, heir in heirs(session, ids).items():
        for copy in session.scalars(sa.select(Article).where(Article.duplicate_of == gone)):
            is_heir, evidence = copy.id == heir, copy.duplicate_evidence
            copy.duplicate_of = None if is_heir else heir
            copy.duplicate_evidence = None if is_heir or evidence is None else evidence | {"original_id": heir}
