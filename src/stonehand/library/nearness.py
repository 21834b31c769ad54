"""Which articles are close to another in meaning: what `like:` finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

import sqlalchemy as sa

from stonehand import config, db
from stonehand.analysis.models import Analysis
from stonehand.articles import queries as articles
from stonehand.db import Session
from stonehand.library.errors import NothingLikeIt
from stonehand.search import parsing
from stonehand.search.errors import SearchMalformed
from stonehand.search.tree import named
from stonehand.vectors import service as vectors
from stonehand.vectors.errors import VectorMissing
from stonehand.vectors.interfaces import Near

CLOSE = 0.5  # the cosine from which on two articles speak of something alike
NEAREST = 200  # articles that `like:` finds at most
Ahead = Mapping[str, Sequence[str]]
NOT_ASKED: Ahead = {}


def vectors_of(session: Session, ids: Sequence[str]) -> dict[str, bytes]:
    """The vectors of those articles that were analysed by the model of most of them."""
    wish = sa.select(Analysis.article_id, Analysis.vector_model, Analysis.vector)
    rows = session.execute(wish.where(db.among(session, Analysis.article_id, ids))).all()
    models = [model for _, model, _ in rows]
    common = max(set(models), key=models.count, default="")
    return {id_: vector for id_, model, vector in rows if model == common}


def near(session: Session, article_id: str) -> list[str]:
    """The articles closest to this one, the closest first, without itself.

    Raises `ArticleNotFound`, or `NothingLikeIt` while it was not analysed.
    """
    articles.article(session, article_id)
    try:
        return _close(vectors.near(session, article_id, NEAREST))
    except VectorMissing as error:
        raise NothingLikeIt(str(error)) from error


def ahead(query: str) -> Ahead:
    """What a Qdrant server says of every `like:` of a search: to be asked before the search's transaction opens.

    Empty without such a server; this machine's own index is asked then. What is wrong with a search, it says itself.
    """
    found = {}
    with suppress(SearchMalformed, VectorMissing):
        for each in named(parsing.parse(query), "like") if config.settings().qdrant_url else ():
            afar = vectors.near_afar(each.value, NEAREST)
            if afar is not None:
                found[each.value] = _close(afar)
    return found


def _close(found: Sequence[Near]) -> list[str]:
    return [each.id for each in found if each.cosine >= CLOSE]
