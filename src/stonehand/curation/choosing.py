"""From the cards of a curation's items to the articles that are chosen, by any weights and rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import sqlalchemy as sa

from stonehand.analysis.models import Analysis
from stonehand.articles import queries as articles
from stonehand.articles.models import Article
from stonehand.curation import diversity, scoring
from stonehand.curation.diversity import Rules
from stonehand.curation.models import Curation, CurationItem
from stonehand.curation.states import ItemState
from stonehand.curation.weights import Weights, of_json
from stonehand.db import Session
from stonehand.nlp import vectors
from stonehand.rubrics import curator, reputation


@dataclass(frozen=True)
class Candidate:
    """A scored item and what is known of its article. `parts` go from 0 to 100; `group` is that of its copies."""

    item_id: str
    article_id: str
    title: str
    voice: str
    host: str
    author: str | None
    published_at: datetime | None
    group: str
    score: float
    scored_at: datetime
    parts: Mapping[str, float]


@dataclass(frozen=True)
class Judged:
    """What becomes of an item: its score, and its place or the reason why it has none."""

    score: float
    place: int | None = None
    left_out: str | None = None
    yields_to: str | None = None
    closeness: float | None = None
    cluster: int | None = None


def candidates(session: Session, curation_id: str) -> list[Candidate]:
    """Every scored item, in order of position."""
    item = (CurationItem.id, CurationItem.score, CurationItem.scored_at, CurationItem.parts)
    known = (Article.id, Article.title, Article.url, Article.host, Article.site, Article.is_sample)
    more = (Article.author, Article.published_at, Article.duplicate_of)
    wish = (
        sa.select(*item, *known, *more)
        .join(Article, Article.id == CurationItem.article_id)
        .where(CurationItem.curation_id == curation_id, CurationItem.state == ItemState.SCORED)
        .order_by(CurationItem.position)
    )
    return [_candidate(*row) for row in session.execute(wish)]


def _candidate(*row: Any) -> Candidate:
    item_id, score, scored_at, parts, article_id, title, url, host, site, is_sample, author, published_at, original = (
        row
    )
    return Candidate(
        item_id=item_id,
        article_id=article_id,
        title=title or url,
        # The outlets of the sample newsroom share a machine.
        voice=(is_sample and site) or host.removeprefix("www."),
        host=host,
        author=author,
        published_at=published_at,
        group=original or article_id,
        score=score,
        scored_at=scored_at,
        parts={name: float(part[0]) for name, part in parts.items()},
    )


def judge(session: Session, found: Curation, weights: Weights, rules: Rules) -> dict[str, Judged]:
    """What becomes of each item by these weights and rules, by its id. Writes nothing."""
    rows = candidates(session, found.id)
    days = weights.days(found.topic)
    scores = [scoring.overall(_anew(row, weights, days), weights) for row in rows]
    groups = [row.group for row in rows]
    choice = diversity.choose(scores, _vectors(session, rows), [row.voice for row in rows], groups, rules)
    places = {row: place for place, row in enumerate(choice.chosen, 1)}
    names = {root: number for number, root in enumerate(dict.fromkeys(choice.clusters.values()), 1)}
    judged = {}
    for at, row in enumerate(rows):
        reason, other, cosine = choice.left_out.get(at, (None, -1, 0.0))
        judged[row.item_id] = Judged(
            score=scores[at],
            place=places.get(at),
            left_out=reason,
            yields_to=rows[other].item_id if other >= 0 else None,
            closeness=round(cosine, 4) if other >= 0 else None,
            cluster=names.get(choice.clusters.get(at, -1)),
        )
    return judged


def _anew(row: Candidate, weights: Weights, days: float) -> dict[str, float]:
    """The parts by these weights: how fast news ages and whom to trust is a part of them."""
    known = reputation.judge(row.host, row.author, weights.trusted, weights.doubted)
    aged = curator.recency(row.published_at, row.scored_at, days)
    return {**row.parts, "reputation": known.score, "recency": aged.value}


def _vectors(session: Session, rows: Sequence[Candidate]) -> vectors.Row:
    """float32 [n, 384]; zeros for an article whose vector another model made than most."""
    packed: dict[str, tuple[str, bytes]] = {}
    ids = [row.article_id for row in rows]
    wish = sa.select(Analysis.article_id, Analysis.vector_model, Analysis.vector)
    for start in range(0, len(ids), articles.CHUNK):
        some = wish.where(Analysis.article_id.in_(ids[start : start + articles.CHUNK]))
        packed |= {id_: (model, vector) for id_, model, vector in session.execute(some)}
    models = [model for model, _ in packed.values()]
    common = max(set(models), key=models.count, default="")
    blank = vectors.pack(np.zeros(384, dtype=np.float32))
    found = [packed.get(id_, ("", blank)) for id_ in ids]
    return vectors.unit(vectors.stack([vector if model == common else blank for model, vector in found]))


def place(session: Session, found: Curation) -> None:
    """Write down what becomes of each item by the curation's own weights and rules."""
    judged = judge(session, found, of_json(found.weights), Rules(**found.rules))
    rows = [{"id": item_id, **vars(each)} for item_id, each in judged.items()]
    if rows:
        session.execute(sa.update(CurationItem), rows)
