"""Which articles are close to another in meaning, by the vectors of their analyses.

The signs of a vector's 384 numbers fit in 48 bytes, so those of every article stay in memory; the articles with the
most signs in common are compared in full, with the vectors in the database.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from stonehand.analysis.models import Analysis
from stonehand.articles import queries as articles
from stonehand.db import Session
from stonehand.library.errors import NothingLikeIt
from stonehand.nlp import vectors

CLOSE = 0.5  # the cosine from which on two articles speak of something alike
NEAREST = 200  # articles that `like:` finds at most
COMPARED = 1500  # articles that are compared in full
BLOCK = 5000  # vectors that are read together
AGAIN = 2000  # of the newest articles, which are looked at again: some are analysed after later ones
FRESH = 6 * 3600  # seconds after which all signs are read anew
Bits = NDArray[np.uint64]


@dataclass(frozen=True)
class _Signs:
    ids: NDArray[np.bytes_]
    bits: Bits
    read_at: float


_lock = threading.Lock()
_kept: dict[tuple[str, str], _Signs] = {}


def vectors_of(session: Session, ids: Sequence[str]) -> dict[str, bytes]:
    """The vectors of those articles that were analysed by the model of most of them."""
    wish = sa.select(Analysis.article_id, Analysis.vector_model, Analysis.vector)
    rows = session.execute(wish.where(Analysis.article_id.in_(ids))).all()
    models = [model for _, model, _ in rows]
    common = max(set(models), key=models.count, default="")
    return {id_: vector for id_, model, vector in rows if model == common}


def near(session: Session, article_id: str) -> list[str]:
    """The articles closest to this one, the closest first, without itself.

    Raises `ArticleNotFound`, or `NothingLikeIt` while it was not analysed.
    """
    articles.article(session, article_id)
    mine = session.get(Analysis, article_id)
    if mine is None:
        raise NothingLikeIt(f"article {article_id} was not analysed yet, so nothing can be compared with it")
    found = near_vector(session, vectors.unpack(mine.vector), mine.vector_model)
    return [id_ for id_, cosine in found if cosine >= CLOSE and id_ != article_id][:NEAREST]


def near_vector(session: Session, wanted: vectors.Row, model: str) -> list[tuple[str, float]]:
    """The articles closest to a vector of this model with their cosines, the closest first; one more than `NEAREST`."""
    alike = _most_alike(_signs(session, model), wanted)
    found = [(id_, float(vectors.unpack(vector) @ wanted)) for id_, vector in _vectors(session, alike, model)]
    return sorted(found, key=lambda each: (-each[1], each[0]))[: NEAREST + 1]


def _most_alike(signs: _Signs, wanted: vectors.Row) -> list[str]:
    differing = np.bitwise_count(signs.bits ^ _bits(wanted[np.newaxis])).sum(axis=1)
    if len(differing) > COMPARED:
        places = np.argpartition(differing, COMPARED)[:COMPARED]
        return [id_.decode() for id_ in signs.ids[places].tolist()]
    return [id_.decode() for id_ in signs.ids.tolist()]


def _vectors(session: Session, ids: Sequence[str], model: str) -> list[tuple[str, bytes]]:
    wish = sa.select(Analysis.article_id, Analysis.vector).where(Analysis.vector_model == model)
    found: list[tuple[str, bytes]] = []
    for start in range(0, len(ids), articles.CHUNK):
        part = ids[start : start + articles.CHUNK]
        found += [(id_, vector) for id_, vector in session.execute(wish.where(Analysis.article_id.in_(part)))]
    return found


def _signs(session: Session, model: str) -> _Signs:
    """Everything that is known by now. Reading it for the first time takes a second among 100,000 articles."""
    key = (str(session.get_bind().engine.url), model)
    with _lock:
        kept = _kept.get(key)
        if kept is None or time.monotonic() - kept.read_at > FRESH:
            kept = _Signs(np.empty(0, dtype="S64"), np.empty((0, 6), dtype=np.uint64), time.monotonic())
        _kept[key] = _with_newer(session, model, kept)
        return _kept[key]


def _with_newer(session: Session, model: str, kept: _Signs) -> _Signs:
    """With what was analysed since. Ids sort by time, and those at the end are told apart from known ones."""
    recent = kept.ids[-AGAIN:]
    wish = sa.select(Analysis.article_id, Analysis.vector).where(Analysis.vector_model == model)
    if len(recent):
        wish = wish.where(Analysis.article_id > recent[0].decode())
    rows = session.execute(wish.order_by(Analysis.article_id), execution_options={"yield_per": BLOCK})
    known, ids, bits = set(recent.tolist()), [kept.ids], [kept.bits]
    for block in rows.partitions(BLOCK):
        fresh: list[Any] = [row for row in block if row[0].encode() not in known]
        ids.append(np.array([id_.encode() for id_, _ in fresh], dtype="S64"))
        bits.append(_bits(vectors.stack([vector for _, vector in fresh])))
    merged = np.concatenate(ids)
    order = np.argsort(merged, kind="stable") if len(merged) > len(kept.ids) else slice(None)
    return _Signs(merged[order], np.concatenate(bits)[order], kept.read_at)


def _bits(rows: vectors.Row) -> Bits:
    """uint64 [rows, 6]: a bit for each number, set where it is above 0."""
    return np.packbits(rows > 0, axis=1).view(np.uint64).reshape(len(rows), rows.shape[1] // 64)
