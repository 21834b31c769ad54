"""Which articles bear out a topic: found by words and by meaning in the sources that an agent may use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa

from stonehand.agents.errors import TopicUnsupported
from stonehand.agents.models import Agent
from stonehand.analysis.models import Analysis
from stonehand.articles import queries as articles
from stonehand.articles.models import Article
from stonehand.curation import gathering
from stonehand.db import Session
from stonehand.nlp import lexical, vectors

MOST = 8  # articles that a piece rests on
JUDGED = 40  # of the most promising
READ = 3000  # characters of each, in which the words of a topic are looked for
NAMED = 20  # sources that a search can name; what it finds is looked through in any case
WORDS, MEANING = 0.6, 0.45  # the share of a topic's words, or the cosine, from which on an article bears it out
SOME_WORDS, SOME_MEANING = 0.4, 0.35  # both together do as well


@dataclass(frozen=True)
class _Judged:
    """`share` of the topic's words; a keyword alone bears out nothing, it only makes one article better than others."""

    id: str
    original: str
    share: float
    bonus: float
    cosine: float

    @property
    def holds(self) -> bool:
        """Whether the article bears out the topic."""
        both = self.share >= SOME_WORDS and self.cosine >= SOME_MEANING
        return self.share >= WORDS or self.cosine >= MEANING or both


def find(session: Session, agent: Agent, topic: str, keyword: str, vector: tuple[str, vectors.Row] | None) -> list[str]:
    """Ids of the articles, the best first. Raises `TopicUnsupported`."""
    wish = f"{topic} {keyword}".strip()
    found = list(gathering.find(session, wish, _within(agent), vector))
    if agent.source_ids:
        found = _allowed(session, agent, found)
    judged = _judge(session, found[:JUDGED], topic, keyword, vector)
    best = sorted((each for each in judged if each.holds), key=lambda each: -(each.share + each.bonus + each.cosine))
    firsts = {each.original: each.id for each in reversed(best)}
    chosen = [each.id for each in best if firsts[each.original] == each.id][:MOST]
    if not chosen:
        raise _unsupported(agent, topic, judged)
    return chosen


def _within(agent: Agent) -> str:
    if not agent.source_ids or len(agent.source_ids) > NAMED:
        return ""
    return f"({' OR '.join(f'source:{each}' for each in agent.source_ids)})"


def _allowed(session: Session, agent: Agent, ids: Sequence[str]) -> list[str]:
    wish = sa.select(Article.id).where(Article.id.in_(ids), Article.source_id.in_(agent.source_ids))
    mine = set(session.scalars(wish))
    return [each for each in ids if each in mine]


def _judge(
    session: Session, ids: Sequence[str], topic: str, keyword: str, vector: tuple[str, vectors.Row] | None
) -> list[_Judged]:
    texts = articles.texts(session, ids)
    cosines = _cosines(session, ids, vector)
    wanted, key = set(lexical.terms(topic)), set(lexical.terms(keyword))
    said = {id_: set(lexical.terms(f"{text.title} {text.text[:READ]}")) for id_, text in texts.items()}
    return [
        _Judged(
            id=id_,
            original=texts[id_].duplicate_of or id_,
            share=_share(said[id_], wanted),
            bonus=_share(said[id_], key) / 2,
            cosine=cosines.get(id_, 0.0),
        )
        for id_ in ids
        if id_ in texts
    ]


def _share(said: set[str], wanted: set[str]) -> float:
    return len(wanted & said) / len(wanted) if wanted else 0.0


def _cosines(session: Session, ids: Sequence[str], vector: tuple[str, vectors.Row] | None) -> dict[str, float]:
    if vector is None:
        return {}
    wish = sa.select(Analysis.article_id, Analysis.vector).where(Analysis.vector_model == vector[0])
    rows = session.execute(wish.where(Analysis.article_id.in_(ids))).all()
    cosines = vectors.stack([packed for _, packed in rows]) @ vector[1]
    return {id_: float(np.clip(cosine, -1, 1)) for (id_, _), cosine in zip(rows, cosines, strict=True)}


def _unsupported(agent: Agent, topic: str, judged: Sequence[_Judged]) -> TopicUnsupported:
    where = "its sources" if agent.source_ids else "the library"
    looked = f"{len(judged)} articles come near and none is about it" if judged else "no article comes near"
    return TopicUnsupported(
        f"nothing in {where} bears out “{topic[:120]}”: {looked}; "
        "add sources that report on it, or choose another topic"
    )
