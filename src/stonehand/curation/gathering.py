"""Which articles of the library a topic leads to: by words, by meaning, by both at once."""

from __future__ import annotations

import sqlalchemy as sa

from stonehand.articles.models import Article
from stonehand.articles.states import State
from stonehand.db import Session
from stonehand.library import ranking, searching
from stonehand.nlp import lexical, vectors
from stonehand.vectors import service as index

NEAREST = 200  # articles that are near to a topic
MOST = 300  # articles that are scored for a topic
CLOSE = 0.3  # the cosine from which on an article may speak of a topic of a few words


def find(session: Session, topic: str, within: str, vector: tuple[str, vectors.Row] | None) -> dict[str, str]:
    """Addresses by the ids of articles, the most promising first. `vector` is a model's name and the topic's vector.

    Raises `SearchMalformed` for `within`.
    """
    words = [f'"{word}"' for word in dict.fromkeys(lexical.terms(topic))][:30] or [f'"{topic}"']
    ways = [" ".join(words), f"({' OR '.join(words)})"] if len(words) > 1 else words
    rankings = [list(searching.search(session, f"{way} {within}".strip()).ids) for way in ways]
    if vector is not None:
        near = [each.id for each in index.nearest(session, vector[1], vector[0], NEAREST) if each.cosine >= CLOSE]
        rankings.append(_fitting(session, near, within))
    best = ranking.fuse(*rankings)[:MOST]
    rows = session.execute(
        sa.select(Article.id, Article.url).where(Article.id.in_(best), Article.state == State.EXTRACTED)
    )
    urls = dict(rows.all())
    return {id_: urls[id_] for id_ in best if id_ in urls}


def _fitting(session: Session, near: list[str], within: str) -> list[str]:
    """Those of these articles that the narrower search finds, too."""
    if not within:
        return near
    found = set(searching.search(session, within, order="newest").ids)
    return [id_ for id_ in near if id_ in found]
