"""Finding articles: by words, by fields, by nearness of meaning, and all of them together.

At most `MOST` matches, the newest, are put in order, so that a search for a common word costs no more than another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import aliased

from stonehand import db
from stonehand.analysis.models import Analysis
from stonehand.articles.indexing import TABLE
from stonehand.articles.models import Article, IndexEntry
from stonehand.articles.states import State
from stonehand.db import Session
from stonehand.library import compiling, nearness, ranking, windows, words_queries
from stonehand.library.compiling import FTS5, Asked
from stonehand.library.nearness import NOT_ASKED, Ahead
from stonehand.library.words_queries import begins_somewhere
from stonehand.search import parsing
from stonehand.search.tree import EVERYTHING, All, Field, Node, Not, leaves, named
from stonehand.sources.models import Source

MOST = 1000  # matches that are looked at
RERANKED = 200  # of the best by words, which are judged by their meaning too
Order = Literal["best", "newest"]
TITLE_WEIGHT = 4.0  # a word of the title counts as much as so many of the text


@dataclass(frozen=True)
class Found:
    """Ids of articles in order, `total` of them up to `MOST`; `is_cut` says that there are more."""

    ids: Sequence[str]
    node: Node
    is_cut: bool


def search(session: Session, query: str, person_id: str = "", order: Order = "best", ahead: Ahead = NOT_ASKED) -> Found:
    """The articles that fit. `ahead` is what `nearness.ahead` said of the query.

    Raises `SearchMalformed`, `ArticleNotFound` or `NothingLikeIt` (of `like:`).
    """
    node = parsing.parse(query)
    asked = ask(session, node, person_id, ahead)
    text, rest = _parted(node)
    _by_index(session, asked, True)
    if text is None:
        rows = [(each, 0.0) for each in _unranked(session, node, asked)]
    else:
        rows = _rows(session, text, rest, asked, order)
    _by_index(session, asked, False)
    ids = [each for each, _ in rows[:MOST]]
    if order == "best":
        ids = _best(session, node, asked, ids, rows[:MOST] if text is not None else [])
    return Found(ids, node, len(rows) > MOST)


def _unranked(session: Session, node: Node, asked: Asked) -> list[str]:
    """The newest that fit. Without certain words, they are looked for in ever larger parts, the newest first."""
    if not windows.has_unwanted_words(node):
        return list(session.scalars(plain(node, asked).order_by(Article.id.desc()).limit(MOST + 1)))
    found: list[str] = []
    for part in windows.of_articles(session):
        wish = plain(node, replace(asked, window=part.places)).where(*part.holds(Article.id))
        found += session.scalars(wish.order_by(Article.id.desc()).limit(MOST + 1 - len(found)))
        if len(found) > MOST:
            break
    return found


def _rows(session: Session, text: Node, rest: Node, asked: Asked, order: Order) -> list[tuple[str, float]]:
    """The newest articles with these words, and how well they fit.

    SQLite reads its index from the newest on. PostgreSQL's gives all or nothing, so it is asked for ever larger parts.
    """
    if asked.dialect == "sqlite":
        return [(found, score) for found, score in session.execute(_ranked(text, rest, asked, order))]
    rows: list[tuple[str, float]] = []
    for window in windows.of_places(session, rest != EVERYTHING):
        some = _ranked(text, rest, replace(asked, window=window), order, MOST + 1 - len(rows))
        rows += [(found, score) for found, score in session.execute(some)]
        if len(rows) > MOST:
            break
    return rows


def _by_index(session: Session, asked: Asked, only: bool) -> None:
    """Keep PostgreSQL from reading whole tables, for the reason that `_newest` gives; or let it again."""
    if asked.dialect == "postgresql":
        session.execute(sa.select(sa.func.set_config("enable_seqscan", "off" if only else "on", True)))


def ask(session: Session, node: Node, person_id: str = "", ahead: Ahead = NOT_ASKED) -> Asked:
    """What has to be looked up before this search can be put to the database."""
    return Asked(
        dialect=db.dialect(session),
        now=db.now(session) if named(node, "before") or named(node, "after") else db.utc_now(),
        person_id=person_id,
        sources=[(id_, title) for id_, title in session.execute(sa.select(Source.id, Source.title))]
        if named(node, "source")
        else (),
        near={
            each.value: ahead[each.value] if each.value in ahead else nearness.near(session, each.value)
            for each in named(node, "like")
        },
    )


def plain(node: Node, asked: Asked) -> sa.Select[str]:
    """Ids of the articles that fit, in no order."""
    wish = sa.select(Article.id).where(compiling.condition(node, asked), _is_here(asked))
    if any(leaf.name == "lang" for leaf, _ in leaves(node) if isinstance(leaf, Field)):
        wish = wish.outerjoin(Analysis, Analysis.article_id == Article.id)
    return wish


def _is_here(asked: Asked) -> sa.ColumnElement[bool]:
    """That an article was not forgotten.

    SQLite puts off what stands in a subquery. So it reads the article itself only if no unwanted words stood in it.
    """
    if asked.dialect != "sqlite" or not asked.window:
        return Article.state != State.GONE
    same = aliased(Article)
    return sa.exists().where(same.id == Article.id, same.state != State.GONE)


def _parted(node: Node) -> tuple[Node | None, Node]:
    """The words by which every result can be ranked, and the rest; no words if only some of the results have them."""
    parts = node.parts if isinstance(node, All) else (node,)
    text = tuple(part for part in parts if begins_somewhere(part.part if isinstance(part, Not) else part))
    if all(isinstance(part, Not) for part in text):
        return None, node
    rest = tuple(part for part in parts if part not in text)
    return text[0] if len(text) == 1 else All(text), All(rest)


def _ranked(text: Node, rest: Node, asked: Asked, order: Order, most: int = MOST + 1) -> sa.Select[str, float]:
    """The newest articles with these words, and how well they fit: the higher the better."""
    if asked.dialect == "sqlite":
        score = -sa.func.bm25(sa.literal_column(TABLE), TITLE_WEIGHT, 1.0, type_=sa.Float)
        wish = sa.select(IndexEntry.article_id, score if order == "best" else sa.literal(0.0)).select_from(FTS5)
        wish = wish.join(IndexEntry, IndexEntry.number == FTS5.c.rowid).where(compiling.said(text, asked))
        return _narrowed(wish, rest, asked).order_by(FTS5.c.rowid.desc()).limit(MOST + 1)
    newest = _newest(text, rest, asked, most)
    if order != "best":
        return sa.select(newest.c.article_id, sa.literal(0.0)).order_by(newest.c.number.desc())
    weights = sa.cast(sa.literal(f"{{0.25, 0.25, 0.25, {TITLE_WEIGHT / 4}}}"), sa.ARRAY(sa.REAL))
    asked_for = sa.cast(sa.literal(words_queries.tsquery(text)), TSQUERY)
    rank = sa.func.ts_rank(weights, newest.c.words, asked_for, 1, type_=sa.Float)
    return sa.select(newest.c.article_id, rank).order_by(newest.c.number.desc())


def _newest(text: Node, rest: Node, asked: Asked, most: int) -> sa.Subquery:
    """PostgreSQL's way to the newest matches: all of them by the index alone, and only then what stands in them.

    Its planner does not know what it costs to look into the words of a row, and would look into those of every row.
    """
    has_words = compiling.within(words_queries.loose_tsquery(text))
    loose: Any = sa.select(IndexEntry.number, IndexEntry.article_id, IndexEntry.words)
    loose = loose.where(has_words, *compiling.within_window(asked))
    by_index = _fields(rest) <= compiling.BY_INDEX
    found = (_narrowed(loose, rest, asked) if by_index else loose).cte("found").prefix_with("MATERIALIZED")
    wish = sa.select(found.c.number, found.c.article_id, found.c.words)
    if not by_index:
        wish = _narrowed(wish.join(IndexEntry, IndexEntry.number == found.c.number), rest, asked)
    if words_queries.has_phrase(text):
        wish = wish.where(compiling.within(words_queries.tsquery(text), found.c.words))
    return wish.order_by(found.c.number.desc()).limit(most).subquery("newest")


def _fields(node: Node) -> set[str]:
    return {leaf.name for leaf, _ in leaves(node) if isinstance(leaf, Field)}


def _narrowed(wish: sa.Select[Any], rest: Node, asked: Asked) -> sa.Select[Any]:
    """With everything that is asked besides words. The article itself is read only where it has to be."""
    if rest == EVERYTHING:
        return wish
    names = _fields(rest)
    if names - compiling.BY_INDEX:
        wish = wish.join(Article, Article.id == IndexEntry.article_id)
    placed = replace(asked, id=IndexEntry.__table__.c.article_id, is_placed=True)
    return wish.where(compiling.condition(rest, placed))


def _best(session: Session, node: Node, asked: Asked, ids: list[str], scored: Sequence[tuple[str, float]]) -> list[str]:
    """By words and by meaning at once, where there are words; by nearness, where something near is asked for."""
    known = set(ids)
    rankings: list[list[str]] = [
        [each for each in asked.near[leaf.value] if each in known]
        for leaf, wanted in leaves(node)
        if wanted and isinstance(leaf, Field) and leaf.name == "like"
    ]
    if scored:
        by_words = [each for each, _ in sorted(scored, key=lambda row: -row[1])]
        top = by_words[:RERANKED]
        rankings = [by_words, ranking.by_meaning(top, nearness.vectors_of(session, top)), *rankings]
    fused = ranking.fuse(*rankings)
    placed = set(fused)
    return fused + [each for each in ids if each not in placed]
