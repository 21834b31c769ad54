"""The articles that can be recommended, in memory: their vectors and what else ranking asks of them.

A process reads them once, in short transactions, then only what is newer; anew when the neighbours were made anew.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from stonehand import db
from stonehand.analysis.models import Analysis
from stonehand.articles.models import Article
from stonehand.articles.states import State
from stonehand.db import Session
from stonehand.nlp import vectors
from stonehand.nlp.vectors import Row
from stonehand.reading import levels
from stonehand.reading.models import ArticleLevel, ArticleNeighbours, ReadingCount
from stonehand.reading.popularity_queries import worth
from stonehand.reading.ranking import neighbours, packing
from stonehand.reading.ranking.marks import Floats
from stonehand.reading.ranking.neighbours import Neighbours
from stonehand.reading.states import Difficulty, Phase
from stonehand.stories.models import Placement, Story

MOST = 100_000  # articles, the newest
SPARE = 4096  # articles that come until all are read anew
PAGE = 4000  # rows read in one transaction
FRESH = 3600.0  # seconds after which all are read anew
NEIGHBOURS = 40  # of an article
POPULAR_DAYS = 30
FREE = -1  # the phase of an article that has none
Opened = Callable[[], AbstractContextManager[Session]]


@dataclass
class Catalogue:
    """Lists and arrays of one length, `size`; `vectors` has spare rows behind them."""

    model: str
    stamp: datetime | None = None
    read_at: float = 0.0
    ids: list[str] = field(default_factory=list)
    place: dict[str, int] = field(default_factory=dict)
    rows: Row = field(default_factory=lambda: np.empty((MOST + SPARE, 384), dtype=np.float32))
    at: list[float] = field(default_factory=list)
    outlets: list[str] = field(default_factory=list)
    stories: list[str | None] = field(default_factory=list)
    told_by: list[int] = field(default_factory=list)
    phases: list[int] = field(default_factory=list)
    required: list[int] = field(default_factory=list)
    levelled: list[int] = field(default_factory=list)
    """The places of those that have a level."""
    of_outlet: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    of_story: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    of_language: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    foreign: dict[tuple[int, frozenset[str]], NDArray[np.int64]] = field(default_factory=dict)
    popular: Floats = field(default_factory=lambda: np.zeros(0, dtype=np.float32))
    read: Floats = field(default_factory=lambda: np.zeros(0, dtype=np.float32))
    """0 to 1, by what readers did alone."""
    near: Neighbours = field(default_factory=lambda: neighbours.nobody(0))

    @property
    def size(self) -> int:
        """How many articles."""
        return len(self.ids)

    @property
    def vectors(self) -> Row:
        """float32 [size, 384], rows of length 1."""
        return self.rows[: self.size]

    def days(self, moment: datetime) -> Floats:
        """How old each article is."""
        return ((moment.timestamp() - np.array(self.at)) / 86400).astype(np.float32)

    def in_other_languages(self, languages: frozenset[str]) -> NDArray[np.int64]:
        """The places of articles in none of these languages. Most readers share theirs with others."""
        key = (self.size, languages)
        if key not in self.foreign:
            others = [places for language, places in self.of_language.items() if language not in languages]
            self.foreign[key] = np.array([place for places in others for place in places], dtype=np.int64)
        return self.foreign[key]

    def locked(self, scores: levels.Scores | None) -> NDArray[np.int64] | None:
        """The places of articles that a reader with these scores must not see yet: `levels.allows` for all at once."""
        if not self.levelled:
            return None
        at = np.array(self.levelled)
        phases, required = np.array([self.phases[each] for each in at]), np.array([self.required[each] for each in at])
        reached = np.array([scores.of(phase) for phase in Phase] if scores else [0, 0, 0])
        return np.asarray(at[reached[phases] < required])


class _Memory:
    def __init__(self) -> None:
        self.turn = threading.Lock()
        self.kept: dict[str, Catalogue] = {}


_memory = _Memory()


def current(opened: Opened) -> Catalogue:
    """Everything that is known by now. `opened` opens a short transaction that reads."""
    with _memory.turn, opened() as session:
        key = str(session.get_bind().engine.url)
        model, stamp = _model(session), session.scalar(sa.select(sa.func.max(ArticleNeighbours.made_at)))
    with _memory.turn:
        kept = _memory.kept.get(key)
        if kept is None or not _fits(kept, model):
            _memory.kept.clear()  # before the next takes as much memory again
            kept = Catalogue(model, None, time.monotonic())
            _read(opened, kept, newer=False)
        else:
            _read(opened, kept, newer=True)
        if kept.stamp is None or kept.stamp != stamp or not len(kept.popular):
            _join(opened, kept, stamp)
        _pad(kept)
        _memory.kept[key] = kept
        return kept


def forget() -> None:
    """Drop what this process holds."""
    _memory.kept.clear()


def _fits(kept: Catalogue, model: str) -> bool:
    return kept.model == model and time.monotonic() - kept.read_at < FRESH and kept.size < MOST + SPARE


def _model(session: Session) -> str:
    """Of the newest vectors; only vectors of one model can be compared."""
    wish = sa.select(Analysis.vector_model).order_by(Analysis.article_id.desc()).limit(1)
    return session.scalar(wish) or ""


def _join(opened: Opened, made: Catalogue, stamp: datetime | None) -> None:
    """What is made anew every night: who is near to whom, and what many read."""
    made.read = _scaled(np.log1p(_read_lately(opened, made)))
    told = np.log1p(np.array(made.told_by, dtype=np.float32) - 1)  # so that there is something on the first day
    made.popular = 0.7 * made.read + 0.3 * _scaled(told)
    made.near = packing.join(_packed(opened), made.ids, NEIGHBOURS)
    made.stamp = stamp


def _pad(kept: Catalogue) -> None:
    """Nobody has read yet what came just now."""
    more = kept.size - len(kept.popular)
    if more > 0:
        nobody = np.zeros(more, dtype=np.float32)
        kept.popular, kept.read = np.concatenate([kept.popular, nobody]), np.concatenate([kept.read, nobody])
        extra = neighbours.nobody(more)
        shape = ((0, 0), (0, kept.near.items.shape[1] - 1))
        kept.near = Neighbours(
            np.concatenate([kept.near.items, np.pad(extra.items, shape, constant_values=neighbours.NONE)]),
            np.concatenate([kept.near.weights, np.pad(extra.weights, shape)]),
        )


def _read(opened: Opened, into: Catalogue, newer: bool) -> None:
    """Read pages of articles: from the newest back, or those that are newer than any that is known."""
    edge = max(into.ids, default="") if newer else ""
    room = MOST + SPARE if newer else MOST
    while into.size < room:
        with opened() as session:
            page = session.execute(_wish(into.model, edge, newer).limit(min(PAGE, room - into.size))).all()
        _add(into, page)
        if len(page) < PAGE:
            return
        edge = page[-1][0]


def _wish(model: str, edge: str, newer: bool) -> Any:
    wish = (
        sa.select(
            Article.id,
            sa.func.coalesce(Article.published_at, Article.fetched_at),
            Article.host,
            Analysis.language,
            Analysis.vector,
            Placement.story_id,
            Placement.outlet,
            Story.outlet_count,
            ArticleLevel.phase,
            ArticleLevel.difficulty,
        )
        .join(Analysis, Analysis.article_id == Article.id)
        .outerjoin(Placement, Placement.article_id == Article.id)
        .outerjoin(Story, Story.id == Placement.story_id)
        .outerjoin(ArticleLevel, ArticleLevel.article_id == Article.id)
        .where(Article.state == State.EXTRACTED, Article.duplicate_of.is_(None), Analysis.vector_model == model)
    )
    if newer:
        return wish.where(Article.id > edge).order_by(Article.id)
    return (wish.where(Article.id < edge) if edge else wish).order_by(Article.id.desc())


def _add(into: Catalogue, page: Sequence[Any]) -> None:
    into.foreign.clear()
    if not page:
        return
    first = into.size
    into.rows[first : first + len(page)] = vectors.stack([row[4] for row in page])
    for id_, at, host, language, _, story, outlet, told_by, phase, difficulty in page:
        into.levelled += [into.size] if phase else []
        into.place[id_] = into.size
        into.ids.append(id_)
        into.at.append(at.timestamp())
        into.outlets.append(outlet or host)
        into.of_outlet[outlet or host].append(into.size - 1)
        into.of_language[language].append(into.size - 1)
        if story:
            into.of_story[story].append(into.size - 1)
        into.stories.append(story)
        into.told_by.append(told_by or 1)
        into.phases.append(list(Phase).index(Phase(phase)) if phase else FREE)
        into.required.append(levels.REQUIRED[Difficulty(difficulty)] if phase else 0)


def _read_lately(opened: Opened, made: Catalogue) -> Floats:
    """What readers' deeds of the last days are worth together, for each article."""
    read, edge = np.zeros(made.size, dtype=np.float32), ""
    while True:
        with opened() as session:
            since = (db.now(session) - timedelta(days=POPULAR_DAYS)).date()
            wish = sa.select(ReadingCount.article_id, sa.func.sum(worth())).where(ReadingCount.day >= since)
            grouped = wish.where(ReadingCount.article_id > edge).group_by(ReadingCount.article_id)
            page = session.execute(grouped.order_by(ReadingCount.article_id).limit(PAGE)).all()
        for id_, value in page:
            if id_ in made.place:
                read[made.place[id_]] = max(0.0, float(value))
        if len(page) < PAGE:
            return read
        edge = page[-1][0]


def _scaled(values: Floats) -> Floats:
    return values / max(float(values.max(initial=0)), 1e-9)


def _packed(opened: Opened) -> Iterator[list[tuple[str, bytes]]]:
    """All neighbours, page by page."""
    edge = ""
    while True:
        with opened() as session:
            wish = sa.select(ArticleNeighbours.article_id, ArticleNeighbours.packed)
            wish = wish.where(ArticleNeighbours.article_id > edge).order_by(ArticleNeighbours.article_id)
            page = session.execute(wish.limit(PAGE)).all()
        yield [(id_, packed) for id_, packed in page]
        if len(page) < PAGE:
            return
        edge = page[-1][0]
