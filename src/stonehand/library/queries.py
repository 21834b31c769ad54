"""Reads of the library that deserve a name."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from stonehand import db
from stonehand.accounts import secrets
from stonehand.accounts.models import User
from stonehand.analysis import queries as analyses
from stonehand.articles import queries as articles
from stonehand.articles.models import Article
from stonehand.db import Session
from stonehand.library.errors import FeedNotFound, SavedSearchNotFound
from stonehand.library.models import Bookmark, SavedSearch, Tag
from stonehand.search.snippets import Piece, snippet
from stonehand.search.tree import Node, wanted_words


@dataclass(frozen=True)
class Hit:
    """An article as a result. `snippet` is in pieces; those that were looked for are marked."""

    id: str
    title: str
    url: str
    outlet: str
    author: str | None
    language: str | None
    at: datetime
    words: int
    snippet: Sequence[Piece]
    tags: Sequence[str]
    is_bookmarked: bool
    is_copy: bool
    is_archived: bool
    is_sample: bool


def hits(session: Session, ids: Sequence[str], node: Node, person_id: str) -> list[Hit]:
    """These articles as results, in this order; those that have gone meanwhile are left out."""
    found, texts = articles.with_outlets(session, ids), articles.bodies(session, ids)
    languages = analyses.languages(session, ids)
    tagged, marked, wanted = tags(session, ids), bookmarked(session, person_id, ids), wanted_words(node)
    return [
        Hit(
            id=each.id,
            title=each.title or each.url,
            url=each.url,
            outlet=outlet,
            author=each.author,
            language=languages.get(each.id) or each.language_hint,
            at=each.published_at or each.fetched_at,
            words=each.word_count,
            snippet=snippet(_told(each, texts.get(each.id, "")), wanted),
            tags=tagged[each.id],
            is_bookmarked=each.id in marked,
            is_copy=each.duplicate_of is not None,
            is_archived=each.archived_at is not None,
            is_sample=each.is_sample,
        )
        for each, outlet in (found[id_] for id_ in ids if id_ in found)
    ]


def _told(article: Article, text: str) -> str:
    """The text without the title, which stands above it anyway."""
    return text.removeprefix(article.title).lstrip()


def tags(session: Session, article_ids: Collection[str]) -> dict[str, list[str]]:
    """The tags of each of these articles, by id, in the order of the alphabet."""
    found: dict[str, list[str]] = {each: [] for each in article_ids}
    rows = sa.select(Tag.article_id, Tag.name).where(db.among(session, Tag.article_id, article_ids)).order_by(Tag.name)
    for article_id, name in session.execute(rows):
        found[article_id].append(name)
    return found


def all_tags(session: Session, limit: int = 100) -> list[tuple[str, int]]:
    """The commonest tags, and how many articles have each."""
    count = sa.func.count()
    rows = sa.select(Tag.name, count).group_by(Tag.name).order_by(count.desc(), Tag.name).limit(limit)
    return [(name, number) for name, number in session.execute(rows)]


def bookmarked(session: Session, person_id: str, article_ids: Collection[str]) -> set[str]:
    """Which of these articles this person has bookmarked."""
    mine = sa.select(Bookmark.article_id).where(
        Bookmark.user_id == person_id, db.among(session, Bookmark.article_id, article_ids)
    )
    return set(session.scalars(mine))


def saved_searches(session: Session) -> Sequence[SavedSearch]:
    """Every saved search, by name."""
    return session.scalars(sa.select(SavedSearch).order_by(SavedSearch.name)).all()


def saved(session: Session, wanted: str) -> SavedSearch:
    """The saved search of this id or name. Raises `SavedSearchNotFound`."""
    wish = sa.select(SavedSearch).where(sa.or_(SavedSearch.id == wanted, SavedSearch.name == wanted))
    found = session.scalars(wish).first()
    if found is None:
        raise SavedSearchNotFound(f"there is no saved search {wanted!r}; it may have been removed")
    return found


def by_feed(session: Session, secret: str) -> SavedSearch:
    """The saved search whose feed has this secret, as long as its owner may come in. Raises `FeedNotFound`."""
    wish = sa.select(SavedSearch).join(User, User.id == SavedSearch.user_id)
    found = session.scalars(wish.where(SavedSearch.feed_hash == secrets.digest(secret), User.is_active)).one_or_none()
    if found is None:
        raise FeedNotFound("there is no feed at this address; whoever saved the search can give it a new one")
    return found
