"""Reads of articles that deserve a name."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import sqlalchemy as sa

from stonehand import db
from stonehand.articles import archiving
from stonehand.articles.errors import ArticleNotFound, PageNotKept
from stonehand.articles.extraction import Hints
from stonehand.articles.models import Article, Page, StoredText
from stonehand.articles.reading import KeptPage
from stonehand.articles.states import State
from stonehand.db import Session
from stonehand.sources.models import Entry, Source

CHUNK = 500  # ids in one IN (...)


@dataclass(frozen=True)
class ArticleText:
    """An article as other rooms read it. `outlet` is who published it, as readers know them.

    `is_past`: this is not the text that it has now, but its `version`.
    """

    id: str
    title: str
    text: str
    author: str | None
    language: str | None
    published_at: datetime | None
    source_id: str | None
    outlet: str
    url: str
    duplicate_of: str | None
    is_sample: bool
    version: int = 1
    is_past: bool = False


@dataclass(frozen=True)
class Totals:
    """How many articles there are: all, readable originals, copies, and pages without text."""

    articles: int
    originals: int
    duplicates: int
    unreadable: int


def article(session: Session, article_id: str) -> Article:
    """The article, without its text. Raises `ArticleNotFound`."""
    found = session.get(Article, article_id)
    if found is None:
        raise ArticleNotFound(f"there is no article {article_id}; it may have been removed")
    return found


def articles(session: Session, ids: Collection[str]) -> dict[str, Article]:
    """Those of these articles that are here, by id."""
    found = session.scalars(sa.select(Article).where(db.among(session, Article.id, ids)))
    return {each.id: each for each in found}


def with_outlets(session: Session, ids: Collection[str]) -> dict[str, tuple[Article, str]]:
    """Those of these articles that are here, each with who published it, by id; without their texts."""
    wish = sa.select(Article, Source.title, Source.home_url).outerjoin(Source, Source.id == Article.source_id)
    rows = session.execute(wish.where(db.among(session, Article.id, ids)))
    return {each.id: (each, outlet(each.url, each.site, title, home_url)) for each, title, home_url in rows}


def texts(session: Session, ids: Collection[str]) -> dict[str, ArticleText]:
    """Those of these articles that have a text, by id."""
    wanted, found = list(dict.fromkeys(ids)), {}
    for start in range(0, len(wanted), CHUNK):
        statement = (
            sa.select(Article, StoredText.text, StoredText.packed, Source.title, Source.home_url)
            .join(StoredText, StoredText.article_id == Article.id)
            .outerjoin(Source, Source.id == Article.source_id)
            .where(Article.id.in_(wanted[start : start + CHUNK]))
        )
        for each, text, packed, source_title, home_url in session.execute(statement):
            whole = archiving.text_of(text, packed)
            found[each.id] = _read(each, whole, outlet(each.url, each.site, source_title, home_url))
    return found


def bodies(session: Session, ids: Collection[str]) -> dict[str, str]:
    """What stands in those of these articles that have a text, by id; for few of them."""
    wish = sa.select(StoredText.article_id, StoredText.text, StoredText.packed)
    rows = session.execute(wish.where(db.among(session, StoredText.article_id, ids)))
    return {id_: archiving.text_of(text, packed) for id_, text, packed in rows}


def _read(each: Article, text: str, published_by: str) -> ArticleText:
    return ArticleText(
        id=each.id,
        title=each.title,
        text=text,
        author=each.author,
        language=each.language_hint,
        published_at=each.published_at,
        source_id=each.source_id,
        outlet=published_by,
        url=each.url,
        duplicate_of=each.duplicate_of,
        is_sample=each.is_sample,
        version=each.version,
    )


def outlet(url: str, site: str | None, source_title: str | None, home_url: str | None) -> str:
    """Who published: the name the page gives, that of its feed if both are of one host, or the host itself."""
    host = _bare_host(url)
    if site:
        return site
    return source_title if source_title and _bare_host(home_url or "") == host else host


def _bare_host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def outlets(session: Session, ids: Collection[str]) -> dict[str, str]:
    """Who published each of these articles, by id; without reading their texts."""
    statement = (
        sa.select(Article.id, Article.url, Article.site, Source.title, Source.home_url)
        .outerjoin(Source, Source.id == Article.source_id)
        .where(db.among(session, Article.id, ids))
    )
    rows = session.execute(statement)
    return {found: outlet(url, site, title, home_url) for found, url, site, title, home_url in rows}


def recent(
    session: Session, limit: int = 50, before: str | None = None, source_id: str | None = None
) -> Sequence[Article]:
    """Articles, newest first, perhaps of one source; `before` is the id of the last one seen."""
    query = sa.select(Article).order_by(Article.id.desc()).limit(limit)
    if before:
        query = query.where(Article.id < before)
    if source_id:
        query = query.where(Article.source_id == source_id)
    return session.scalars(query).all()


def copies_of(session: Session, article_id: str) -> Sequence[Article]:
    """The articles that are copies of this one, oldest first."""
    return session.scalars(sa.select(Article).where(Article.duplicate_of == article_id).order_by(Article.id)).all()


def kept_pages(session: Session, ids: Collection[str]) -> dict[str, KeptPage]:
    """The kept pages of these articles, by article id."""
    statement = (
        sa.select(Article, Page.body, Page.size, Page.charset, Entry)
        .join(Page, Page.id == Article.page_id)
        .outerjoin(Entry, Entry.id == Article.entry_id)
        .where(Article.id.in_(ids), Article.state != State.GONE)
    )
    return {
        each.id: KeptPage(each.id, each.url, body, size, _hints(each, charset, entry))
        for each, body, size, charset, entry in session.execute(statement)
    }


def _hints(each: Article, charset: str | None, entry: Entry | None) -> Hints:
    """What was known before the page was read. Once it was, the article holds what was found; the entry does not."""
    if each.extracted_at and entry:
        said = {name: getattr(entry, name) for name in ("title", "author", "published_at", "language")}
        return Hints(seen_at=each.fetched_at, charset=charset, **said)
    if each.extracted_at:
        return Hints(seen_at=each.fetched_at, charset=charset)
    return Hints(
        seen_at=each.fetched_at,
        charset=charset,
        title=each.title,
        author=each.author,
        published_at=each.published_at,
        published_precision="day" if each.published_precision == "day" else "time",
        language=each.language_hint,
    )


def kept_page(session: Session, article_id: str) -> KeptPage:
    """The page of one article. Raises `ArticleNotFound`, `PageNotKept`."""
    article(session, article_id)
    found = kept_pages(session, [article_id]).get(article_id)
    if found is None:
        raise PageNotKept(f"the page of article {article_id} is no longer kept")
    return found


def totals(session: Session) -> Totals:
    """How many articles there are."""
    readable = Article.state == State.EXTRACTED
    count = sa.func.count()
    row = session.execute(
        sa.select(
            count,
            count.filter(readable, Article.duplicate_of.is_(None)),
            count.filter(Article.duplicate_of.is_not(None)),
            count.filter(Article.state == State.UNREADABLE),
        ).select_from(Article)
    ).one()
    return Totals(*row)
