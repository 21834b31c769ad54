"""From the tree of a search to a condition about articles, for either database."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any as Whatever

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import aliased

from stonehand.analysis.models import Analysis, ArticleTopic, Description
from stonehand.articles.indexing import TABLE
from stonehand.articles.models import BLOCK, Article, IndexEntry
from stonehand.library import words_queries
from stonehand.library.models import Bookmark, Tag
from stonehand.search import dates
from stonehand.search.tree import All, Any, Field, Node, Not
from stonehand.sources.models import Source

BY_INDEX = {"tag", "category", "topic", "tone", "like", "source", "site", "kind", "lang", "before", "after"}
"""Fields that are told without the article itself, from its place in the index of words."""
Condition = sa.ColumnElement[bool]
LARGE = 1 / 3  # of all places up to a window: to look for so many blocks takes longer than to read on
FTS5 = sa.table(TABLE, sa.column("rowid", sa.Integer))


@dataclass(frozen=True)
class Asked:
    """Who asks, when, on which database, and what was looked up before: the sources, and what is near to what."""

    dialect: str
    now: datetime
    person_id: str
    sources: Sequence[tuple[str, str]] = ()
    near: Mapping[str, Sequence[str]] = field(default_factory=dict)
    id: sa.ColumnElement[str] = field(default_factory=lambda: Article.__table__.c.id)
    """The column that holds an article's id: that of the index of words, where it is at hand before the article is."""
    is_placed: bool = False
    """Whether the place in the index of words is at hand, which says where and when an article appeared."""
    window: tuple[int, int] | None = None
    """Only these places of the index of words count, from the first to the last."""


def said(node: Node, asked: Asked) -> Condition:
    """Whether a row of the index of words has what `begins_somewhere` asks for."""
    if asked.dialect == "sqlite":
        return sa.literal_column(TABLE).op("MATCH", is_comparison=True)(words_queries.fts5(node))
    return within(words_queries.tsquery(node))


def within(tsquery: str, words: Whatever = IndexEntry.words) -> Condition:
    """Whether words as PostgreSQL keeps them fit."""
    fits: Condition = words.op("@@", is_comparison=True)(sa.cast(sa.literal(tsquery), TSQUERY))
    return fits


def condition(node: Node, asked: Asked) -> Condition:
    """Whether an `Article` fits; `Analysis` must be joined, perhaps with nothing."""
    if words_queries.begins_somewhere(node):
        return _by_words(node, asked)
    if isinstance(node, All):
        return sa.and_(sa.true(), *(condition(part, asked) for part in node.parts))
    if isinstance(node, Any):
        return sa.or_(*(condition(part, asked) for part in node.parts))
    if isinstance(node, Not) and words_queries.begins_somewhere(node.part):
        return _without_words(node.part, asked)
    if isinstance(node, Not):
        return sa.not_(sa.func.coalesce(condition(node.part, asked), sa.false()))
    assert isinstance(node, Field)
    at_hand = _by_place(node, asked) if asked.is_placed else None
    return _by_field(node, asked) if at_hand is None else at_hand


def _by_words(node: Node, asked: Asked) -> Condition:
    if asked.dialect == "postgresql":
        return asked.id.in_(_at_once(node, asked))
    return asked.id.in_(sa.select(IndexEntry.article_id).where(IndexEntry.number.in_(_numbers(node, asked))))


def _without_words(node: Node, asked: Asked) -> Condition:
    """Asked of one article after the other: most have not these words, so the newest are found soon.

    PostgreSQL puts those that have them into one table of hashes: it cannot estimate how many they are, and might
    compare each with each.
    """
    if asked.dialect == "postgresql":
        return asked.id.not_in(_at_once(node, asked))
    entry = aliased(IndexEntry)
    inside = (entry.number.between(*asked.window),) if asked.window else ()
    return ~sa.exists().where(entry.article_id == asked.id, *inside, entry.number.in_(_numbers(node, asked)))


def _numbers(node: Node, asked: Asked) -> sa.Select[int]:
    return sa.select(FTS5.c.rowid).where(said(node, asked), *within_window(asked))


def _at_once(node: Node, asked: Asked) -> sa.Select[str]:
    """Ids by PostgreSQL's index, all at once: its planner might else look into the words of every row."""
    found = sa.select(IndexEntry.article_id).where(said(node, asked), *within_window(asked))
    once = found.cte().prefix_with("MATERIALIZED")
    return sa.select(once.c.article_id)


def within_window(asked: Asked) -> tuple[Condition, ...]:
    """That a row of the index of words is in the window, if there is one.

    PostgreSQL must not take its edges for a way in: it would look into the words of every row there. But its index of
    words knows the blocks too, so that of a common word it reads only the places in those of a small window.
    """
    if not asked.window:
        return ()
    if asked.dialect != "postgresql":
        return (FTS5.c.rowid.between(*asked.window),)
    first, last = asked.window
    found = [_in_some(range(first // BLOCK, last // BLOCK + 1))] if last - first < LARGE * last else []
    if not found or first % BLOCK or (last + 1) % BLOCK:  # else the blocks say it all, and a planner can count them
        found.append((IndexEntry.number + 0).between(first, last))
    return tuple(found)


def _in_some(blocks: Sequence[int]) -> Condition:
    """Written like the index: its planner must see that they are the same."""
    theirs: sa.ColumnElement[Whatever] = sa.literal_column(f"ARRAY[article_index.number / {BLOCK}]")
    return theirs.op("&&", is_comparison=True)(sa.cast(sa.literal(list(blocks)), sa.ARRAY(sa.BigInteger)))


def _by_place(asked_for: Field, asked: Asked) -> Condition | None:  # noqa: PLR0911  one answer a field
    """What the narrow table beside the words can tell, without a look at the article itself."""
    value = asked_for.value
    match asked_for.name:
        case "site":
            return _is_below(IndexEntry.host, value)
        case "source":
            return sa.or_(IndexEntry.source_id.in_(_sources(value, asked)), _holds(IndexEntry.site, value))
        case "kind":
            return IndexEntry.source_id.in_(sa.select(Source.id).where(Source.kind == value))
        case "lang":
            return _is_language(IndexEntry.language, value)
        case "before":
            return IndexEntry.moment < dates.moment(value, asked.now)
        case "after":
            return IndexEntry.moment >= dates.moment(value, asked.now)
    return None


def _by_field(asked_for: Field, asked: Asked) -> Condition:  # noqa: PLR0911  one answer a field
    value = asked_for.value
    match asked_for.name:
        case "source":
            return sa.or_(Article.source_id.in_(_sources(value, asked)), _holds(Article.site, value))
        case "site":
            return _is_below(Article.host, value)
        case "author":
            return _holds(Article.author, value)
        case "lang":
            return sa.or_(
                _is_language(Analysis.language, value),
                sa.and_(Analysis.language.is_(None), _is_language(sa.func.lower(Article.language_hint), value)),
            )
        case "kind":
            return Article.source_id.in_(sa.select(Source.id).where(Source.kind == value))
        case "tag":
            return asked.id.in_(sa.select(Tag.article_id).where(Tag.name == value))
        case "category":  # as the file of categories writes them
            return asked.id.in_(sa.select(Description.article_id).where(Description.category == value.title()))
        case "topic":
            return asked.id.in_(sa.select(ArticleTopic.article_id).where(ArticleTopic.name == value))
        case "tone":
            return asked.id.in_(sa.select(Description.article_id).where(Description.tone == value))
        case "is":
            return _is(value, asked)
        case "before":
            return _dated(lambda column: column < dates.moment(value, asked.now))
        case "after":
            return _dated(lambda column: column >= dates.moment(value, asked.now))
    return asked.id.in_(list(asked.near[value]))


def _sources(value: str, asked: Asked) -> list[str]:
    return [id_ for id_, title in asked.sources if value == id_ or value in title.casefold()]


def _is_below(column: Whatever, host: str) -> Condition:
    return sa.or_(column == host, column.endswith(f".{host}", autoescape=True))


def _is_language(column: Whatever, value: str) -> Condition:
    return sa.or_(column == value, column.startswith(f"{value}-", autoescape=True))


def _dated(fits: Callable[[Whatever], Condition]) -> Condition:
    """When it was published, or fetched if nobody knows; written so that a planner can estimate it."""
    return sa.or_(fits(Article.published_at), sa.and_(Article.published_at.is_(None), fits(Article.fetched_at)))


def _is(state: str, asked: Asked) -> Condition:
    conditions: dict[str, Condition] = {
        "bookmarked": asked.id.in_(sa.select(Bookmark.article_id).where(Bookmark.user_id == asked.person_id)),
        "archived": Article.archived_at.is_not(None),
        "copy": Article.duplicate_of.is_not(None),
        "tagged": asked.id.in_(sa.select(Tag.article_id)),
        "sample": Article.is_sample.is_(True),
    }
    return conditions[state]


def _holds(column: Whatever, value: str) -> Condition:
    """Whether a text holds these words in any case. SQLite folds only ASCII, so others are tried in several."""
    forms = [value] if value.isascii() else dict.fromkeys((value, value.capitalize(), value.title(), value.upper()))
    return sa.func.coalesce(sa.or_(*(column.icontains(form, autoescape=True) for form in forms)), sa.false())
