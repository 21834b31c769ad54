"""What the database says of vectors: what changed, what is there, what is not."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from stonehand.analysis.models import Analysis
from stonehand.articles.models import StoredText
from stonehand.db import Session
from stonehand.nlp import vectors
from stonehand.nlp.vectors import Row

CHUNK = 500  # ids in one question
LATE = timedelta(seconds=60)  # a change may show up that much later than others that were made after it


@dataclass(frozen=True)
class Changes:
    """Vectors that changed, oldest first. `until` is when the last of them did, `complete` that these are all."""

    ids: Sequence[str]
    rows: Row
    until: datetime | None
    complete: bool


def changes(session: Session, model: str, since: datetime | None, most: int) -> Changes:
    """Up to `most` vectors of a model that changed after `since`, and all of the same moment as the last."""
    wish = sa.select(Analysis.article_id, Analysis.vector, Analysis.updated_at).where(Analysis.vector_model == model)
    if since is not None:
        wish = wish.where(Analysis.updated_at > since)
    found = session.execute(wish.order_by(Analysis.updated_at, Analysis.article_id).limit(most)).all()
    if len(found) == most:  # many were written in one moment; none of them may be left behind
        last = found[-1].updated_at
        rest = wish.where(Analysis.updated_at == last, Analysis.article_id > found[-1].article_id)
        found = [*found, *session.execute(rest.order_by(Analysis.article_id))]
    ids, packed = [row.article_id for row in found], [row.vector for row in found]
    return Changes(ids, vectors.stack(packed), found[-1].updated_at if found else since, len(found) < most)


def late(session: Session, model: str, until: datetime, most: int) -> list[str]:
    """Ids of what changed shortly before `until`: some may not have been there yet when that was reached."""
    wish = sa.select(Analysis.article_id).where(Analysis.vector_model == model)
    near = wish.where(Analysis.updated_at <= until, Analysis.updated_at > until - LATE)
    return list(session.scalars(near.order_by(Analysis.updated_at.desc()).limit(most)))


def vectors_of(session: Session, ids: Collection[str], model: str) -> tuple[list[str], Row]:
    """The vectors of these articles by this model; those without one are left out."""
    found: list[tuple[str, bytes]] = []
    for part in _parts(ids):
        wish = sa.select(Analysis.article_id, Analysis.vector).where(Analysis.vector_model == model)
        found += [(id_, packed) for id_, packed in session.execute(wish.where(Analysis.article_id.in_(part)))]
    return [id_ for id_, _ in found], vectors.stack([packed for _, packed in found])


def present(session: Session, ids: Collection[str], model: str) -> set[str]:
    """Those of these articles that have a vector of this model."""
    wish = sa.select(Analysis.article_id).where(Analysis.vector_model == model)
    return {id_ for part in _parts(ids) for id_ in session.scalars(wish.where(Analysis.article_id.in_(part)))}


def counts(session: Session) -> dict[str, int]:
    """How many vectors there are of each model."""
    wish = sa.select(Analysis.vector_model, sa.func.count()).group_by(Analysis.vector_model)
    return dict(session.execute(wish).all())


def count(session: Session, model: str) -> int:
    """How many vectors there are of a model."""
    wish = sa.select(sa.func.count()).select_from(Analysis).where(Analysis.vector_model == model)
    return session.scalar(wish) or 0


def all_ids(session: Session, model: str, after: str, most: int) -> list[str]:
    """Ids of the articles with a vector of this model, in order, behind `after`."""
    wish = sa.select(Analysis.article_id).where(Analysis.vector_model == model, Analysis.article_id > after)
    return list(session.scalars(wish.order_by(Analysis.article_id).limit(most)))


def without(session: Session, model: str, ids: Collection[str], most: int, since: str = "") -> list[str]:
    """Articles with a text that have no vector of this model, oldest first; of all from the id `since` on, or of
    these."""
    analysed = sa.exists().where(Analysis.article_id == StoredText.article_id, Analysis.vector_model == model)
    wish = sa.select(StoredText.article_id).where(~analysed, StoredText.article_id >= since)
    if ids:
        wish = wish.where(StoredText.article_id.in_(ids))
    return list(session.scalars(wish.order_by(StoredText.article_id).limit(most)))


def _parts(ids: Collection[str]) -> Iterator[list[str]]:
    listed = list(ids)
    return (listed[start : start + CHUNK] for start in range(0, len(listed), CHUNK))
