"""What an agent would do next, and why not something else. Nothing is written, and no model is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np

from stonehand.agents import candidates, covering, quotas, scoring, spending
from stonehand.agents.candidates import Candidate
from stonehand.agents.errors import QuotaSpent
from stonehand.agents.models import Agent
from stonehand.agents.scoring import Part
from stonehand.agents.states import AgentState, WritesOf
from stonehand.db import Session, now
from stonehand.nlp import vectors

RELEVANT = 0.25  # below, a topic is not the agent's
MOST_ITEMS = 3  # pieces of one run about feed items
TOLD = 20  # candidates that a plan tells of
BETTER = "others are better"


@dataclass(frozen=True)
class Choice:
    """A candidate with its score from 0 to 1. `why_not` is empty if the agent would write about it."""

    candidate: Candidate
    parts: dict[str, Part]
    score: float
    why_not: str = ""


@dataclass(frozen=True)
class Plan:
    """What the agent would do: `chosen`, unless something `blocks` it. `others` are told with why not."""

    blocks: tuple[str, ...]
    chosen: tuple[Choice, ...]
    others: tuple[Choice, ...]
    looked_at: int = 0


@dataclass(frozen=True)
class Look:
    """All that is known before anything is judged."""

    moment: datetime
    found: Sequence[Candidate]
    covered: set[str] = field(default_factory=set)
    titles: Sequence[str] = ()
    taken: set[str] = field(default_factory=set)


Vector = tuple[str, vectors.Row] | None


def vector_of(agent: Agent) -> Vector:
    """What its brief means, as far as a worker has found out."""
    return (agent.vector_model, vectors.unpack(agent.vector)) if agent.vector and agent.vector_model else None


def plan(session: Session, agent: Agent, vector: Vector = None) -> Plan:
    """What it would do now."""
    looked = look(session, agent)
    most = MOST_ITEMS if agent.writes_of == WritesOf.ITEMS else 1
    chosen, others = choose(agent, looked, vector or vector_of(agent), most)
    blocks = list(_blocks(session, agent, chosen[:1]))
    if not chosen:
        blocks.append(nothing(agent, looked))
    return Plan(tuple(blocks), chosen, others[:TOLD], len(looked.found))


def nothing(agent: Agent, looked: Look) -> str:
    """Why there is nothing to write about."""
    what = "new items of its feeds" if agent.writes_of == WritesOf.ITEMS else "stories and articles of its sources"
    if not looked.found:
        days = candidates.ITEM_DAYS if agent.writes_of == WritesOf.ITEMS else candidates.TOPIC_DAYS
        return f"nothing new: there are no {what} of the last {days} days"
    return f"nothing new: of {len(looked.found)} {what}, none fits it that it has not covered"


def _blocks(session: Session, agent: Agent, first: Sequence[Choice]) -> list[str]:
    """What keeps it from writing; whether its quotas cover a piece is asked of the first that it would write."""
    ids = [id_ for choice in first for id_ in choice.candidate.article_ids]
    title = first[0].candidate.title if first else ""
    found = [f"it is paused {agent.note}".strip()] if agent.state == AgentState.PAUSED else []
    try:
        quotas.check(session, agent, spending.estimate(session, agent, ids, title), now(session))
    except QuotaSpent as error:
        found.append(str(error))
    return found


def look(session: Session, agent: Agent, source_id: str = "") -> Look:
    """Everything that it could write about, and what it has covered of it."""
    moment = now(session)
    if agent.writes_of == WritesOf.ITEMS or source_id:
        found = _items(session, agent, moment, source_id)
    else:
        found = candidates.topics(session, agent, moment)
    return Look(
        moment,
        found,
        covering.known(session, agent.id, [key for each in found for key in each.keys]),
        covering.titles(session, agent.id),
        candidates.being_written(session),
    )


def _items(session: Session, agent: Agent, moment: datetime, source_id: str) -> list[Candidate]:
    """Each with its item's title: that is the topic."""
    named = candidates.items(session, agent, moment, source_id)
    about = candidates.of_articles(session, [article_id for _, _, article_id in named])
    known = {article_id: each for each in about for article_id in each.article_ids}
    return [
        replace(known[article_id], entry_id=entry_id, article_ids=(article_id,), title=title or known[article_id].title)
        for entry_id, title, article_id in named
        if article_id in known
    ]


def choose(agent: Agent, looked: Look, vector: Vector, most: int) -> tuple[tuple[Choice, ...], tuple[Choice, ...]]:
    """The best that nothing speaks against, and the others with why not. Pure."""
    judged = _judge(agent, looked, vector)
    chosen: list[Choice] = []
    others: list[Choice] = []
    for each in judged:
        said = [covering.title_key(one.candidate.title).removeprefix(covering.TITLE) for one in chosen]
        twin = covering.like(each.candidate.title, said)
        same = bool(each.candidate.story_id) and each.candidate.story_id in {one.candidate.story_id for one in chosen}
        if not each.why_not and len(chosen) < most and not twin and not same:
            chosen.append(each)
        else:
            late = "the same is written about in this run" if twin or same else BETTER
            others.append(replace(each, why_not=each.why_not or late))
    return tuple(chosen), tuple(others)


def _judge(agent: Agent, looked: Look, vector: Vector) -> list[Choice]:
    wanted = scoring.profile(agent.brief, agent.expertise, agent.keywords, agent.language)
    words = scoring.by_words([each.text for each in looked.found], wanted)
    found = []
    for each, said in zip(looked.found, words, strict=True):
        parts = {
            "relevance": scoring.relevance(said, _cosine(each, vector), wanted),
            "freshness": scoring.freshness(each.at, looked.moment),
            "search": scoring.search_potential(each.title),
        }
        why_not = _why_not(agent, looked, each) or _unfit(parts["relevance"], wanted.is_open)
        found.append(Choice(each, parts, round(scoring.mean(parts), 4), why_not))
    if agent.writes_of == WritesOf.ITEMS:
        return found  # the newest first
    return sorted(found, key=lambda choice: (-choice.score, -choice.candidate.outlets, choice.candidate.title))


def _unfit(relevance: Part, is_open: bool) -> str:
    if is_open or relevance.score >= RELEVANT:
        return ""
    return f"not what it writes about (relevance {relevance.score:.2f}, at least {RELEVANT:.2f})"


def _why_not(agent: Agent, looked: Look, each: Candidate) -> str:
    if word := scoring.excluded(each.text, agent.excluded):
        return f"speaks of “{word}”, which is excluded"
    if any(key in looked.covered for key in each.keys):
        return "it has written about this before"
    if other := covering.like(each.title, looked.titles):
        return f"it has written about “{other}” before"
    # Of a feed item, each agent may make its own piece.
    about = {each.story_id} if each.entry_id else {each.story_id, *each.article_ids}
    return "somebody writes about this already" if about & looked.taken else ""


def _cosine(each: Candidate, vector: Vector) -> float | None:
    if vector is None or each.model != vector[0] or not each.vectors:
        return None
    return float(np.max(vectors.stack(each.vectors) @ vector[1]))
