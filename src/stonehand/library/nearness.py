"""Which articles are close to another in meaning, by the vectors of their analyses."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import sqlalchemy as sa

from stonehand.analysis.models import Analysis
from stonehand.articles import queries as articles
from stonehand.db import Session
from stonehand.library.errors import NothingLikeIt
from stonehand.nlp import vectors

CLOSE = 0.5  # the cosine from which on two articles speak of something alike
NEAREST = 200  # articles that `like:` finds at most
BLOCK = 5000  # vectors that are read and compared together


def vectors_of(session: Session, ids: Sequence[str]) -> dict[str, bytes]:
    """The vectors of those articles that were analysed by the model of most of them."""
    rows = session.execute(
        sa.select(Analysis.article_id, Analysis.vector_model, Analysis.vector).where(Analysis.article_id.in_(ids))
    ).all()
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
    wanted = vectors.unpack(mine.vector)
    rows = session.execute(
        sa.select(Analysis.article_id, Analysis.vector).where(Analysis.vector_model == mine.vector_model),
        execution_options={"yield_per": BLOCK},
    )
    found: list[tuple[float, str]] = []
    for block in rows.partitions(BLOCK):
        cosines = vectors.stack([vector for _, vector in block]) @ wanted
        found += [(float(cosines[at]), block[at][0]) for at in np.flatnonzero(cosines >= CLOSE).tolist()]
    found.sort(reverse=True)
    return [each for _, each in found if each != article_id][:NEAREST]
