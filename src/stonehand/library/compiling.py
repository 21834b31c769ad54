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
from stonehand.articles.models import Article, IndexEntry
from stonehand.library import words_queries
from stonehand.library.models import Bookmark, Tag
from stonehand.search import dates
from stonehand.search.tree import All, Any, Field, Node, Not
from stonehand.sources.models import Source

BY_INDEX = {"tag", "category", "topic", "tone", "like", "site", "before", "after"}
"""Fields that are told without the article itself, from its place in the index of words."""
Condition = sa.ColumnElement[bool]
WORDS = sa.table(TABLE, sa.column("rowid", sa.Integer), sa.column("number", sa.Integer), sa.column("words"))


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


def number(asked: Asked) -> sa.ColumnElement[int]:
    """The column of the index of words that says where an article stands in it."""
    return WORDS.c.rowid if asked.dialect == "sqlite" else WORDS.c.number


def said(node: Node, asked: Asked) -> Condition:
    """Whether a row of the index of words has what `begins_somewhere` asks for."""
    if asked.dialect == "sqlite":
        return sa.literal_column(TABLE).op("MATCH", is_comparison=True)(words_queries.fts5(node))
    return within(words_queries.tsquery(node))


def within(tsquery: str) -> Condition:
    """Whether a row of PostgreSQL's index of words fits."""
    return WORDS.c.words.op("@@", is_comparison=True)(sa.cast(sa.literal(tsquery), TSQUERY))


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
    return _by_field(node, asked)


def _by_words(node: Node, asked: Asked) -> Condition:
    return asked.id.in_(sa.select(IndexEntry.article_id).where(IndexEntry.number.in_(_numbers(node, asked))))


def _without_words(node: Node, asked: Asked) -> Condition:
    """Asked of one article after the other: most have not these words, so the newest are found soon.

    PostgreSQL puts those that have them into one table of hashes: it cannot estimate how many they are, and might
    compare each with each.
    """
    entry = aliased(IndexEntry)
    inside = (entry.number.between(*asked.window),) if asked.window else ()
    if asked.dialect == "postgresql":
        return asked.id.not_in(sa.select(entry.article_id).where(*inside, entry.number.in_(_numbers(node, asked))))
    return ~sa.exists().where(entry.article_id == asked.id, *inside, entry.number.in_(_numbers(node, asked)))


def _numbers(node: Node, asked: Asked) -> sa.Select[int]:
    found = sa.select(number(asked)).select_from(WORDS).where(said(node, asked), *within_window(asked))
    if asked.dialect != "postgresql":
        return found
    once = found.cte().prefix_with("MATERIALIZED")  # else its planner may look into the words of every row
    return sa.select(once.c.number)


def within_window(asked: Asked) -> tuple[Condition, ...]:
    """That a row of the index of words is in the window, if there is one.

    PostgreSQL must not take the window for a way in: it would look into the words of every row there, while its index
    of words names the rows that fit.
    """
    place = number(asked) + 0 if asked.dialect == "postgresql" else number(asked)
    return (place.between(*asked.window),) if asked.window else ()


def _by_field(asked_for: Field, asked: Asked) -> Condition:  # noqa: PLR0911  one answer a field
    value = asked_for.value
    match asked_for.name:
        case "source":
            ids = [id_ for id_, title in asked.sources if value == id_ or value in title.casefold()]
            return sa.or_(Article.source_id.in_(ids), _holds(Article.site, value))
        case "site":
            host = IndexEntry.host if asked.is_placed else Article.host
            return sa.or_(host == value, host.endswith(f".{value}", autoescape=True))
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
            return _dated(lambda column: column < dates.moment(value, asked.now), asked)
        case "after":
            return _dated(lambda column: column >= dates.moment(value, asked.now), asked)
    return asked.id.in_(list(asked.near[value]))


def _is_language(column: Whatever, value: str) -> Condition:
    return sa.or_(column == value, column.startswith(f"{value}-", autoescape=True))


def _dated(fits: Callable[[Whatever], Condition], asked: Asked) -> Condition:
    """When it was published, or fetched if nobody knows; written so that a planner can estimate it."""
    if asked.is_placed:
        return fits(IndexEntry.moment)
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
