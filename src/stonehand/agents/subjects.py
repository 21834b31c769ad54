"""What a piece is to be about: a topic, a story, a feed item, a curation, a digest; and the articles it rests on."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

import sqlalchemy as sa

from stonehand.agents import candidates, covering, support
from stonehand.agents.candidates import Candidate
from stonehand.agents.errors import SubjectUnready, TopicUnsupported
from stonehand.agents.models import Agent
from stonehand.agents.planning import Choice, Vector
from stonehand.agents.scoring import Part
from stonehand.agents.states import Why
from stonehand.articles import queries as articles
from stonehand.articles.models import Article
from stonehand.articles.states import State
from stonehand.curation import queries as curations
from stonehand.db import Session
from stonehand.reading import queries as reading
from stonehand.sources import service as sources
from stonehand.sources.models import EntryState
from stonehand.stories import queries as stories
from stonehand.stories.models import Placement
from stonehand.stories.states import Role

MOST = 30  # articles of a story, a curation or a digest


@dataclass(frozen=True)
class Subject:
    """What to write about. `claims` must be new to the agent, `keys` are only remembered."""

    why: Why
    title: str
    article_ids: tuple[str, ...]
    keyword: str = ""
    story_id: str = ""
    claims: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    reasons: dict[str, Part] = field(default_factory=dict)
    is_sample: bool = False


def of_choice(choice: Choice, why: Why) -> Subject:
    """What discovery has chosen."""
    found = choice.candidate
    claims = (*found.keys, covering.title_key(found.title))
    return Subject(
        why,
        found.title,
        found.article_ids[:MOST],
        keyword=found.keyword,
        story_id=found.story_id,
        claims=claims,
        keys=(f"article:{found.article_ids[0]}",),
        reasons=choice.parts,
        is_sample=found.is_sample,
    )


def find(session: Session, agent: Agent, asked: Mapping[str, str], why: Why, vector: Vector) -> Subject:
    """What somebody asked for by one of `topic`, `story_id`, `entry_id`, `curation_id` and `digest_id`.

    Raises `TopicUnsupported`, `SubjectUnready`, and that the thing was not found.
    """
    keyword = asked.get("keyword", "")
    if story_id := asked.get("story_id", ""):
        found = _story(session, agent, story_id)
    elif entry_id := asked.get("entry_id", ""):
        found = _entry(session, agent, entry_id, vector)
    elif curation_id := asked.get("curation_id", ""):
        found = _curation(session, agent, curation_id)
    elif digest_id := asked.get("digest_id", ""):
        found = _digest(session, agent, digest_id)
    else:
        found = _topic(session, agent, asked["topic"], keyword, why, vector)
    return _sampled(session, replace(found, keyword=keyword or found.keyword))


def _sampled(session: Session, found: Subject) -> Subject:
    """A piece that rests on the sample newsroom alone is a part of it; its title and first article are remembered."""
    known = articles.articles(session, found.article_ids)
    keys = (*found.keys, covering.title_key(found.title), f"article:{found.article_ids[0]}")
    return replace(found, keys=keys, is_sample=all(each.is_sample for each in known.values()))


def _topic(session: Session, agent: Agent, topic: str, keyword: str, why: Why, vector: Vector) -> Subject:
    ids = support.find(session, agent, topic, keyword, vector)
    return Subject(why, topic, tuple(ids), keyword=keyword or candidates.keyword(topic))


def _story(session: Session, agent: Agent, story_id: str) -> Subject:
    story = stories.story(session, stories.current(session, story_id))
    placed = sa.select(Placement.article_id).where(Placement.story_id == story.id, Placement.role != Role.COPY)
    ids = list(session.scalars(placed.order_by(Placement.reported_at, Placement.article_id).limit(MOST)))
    mine = _mine(session, agent, ids, f"the story “{story.title}”")
    found = _one(session, mine)
    keyword = found.keyword if found else candidates.keyword(story.title)
    return Subject(Why.STORY, story.title, mine, keyword=keyword, story_id=story.id, keys=(f"story:{story.id}",))


def _one(session: Session, ids: Collection[str]) -> Candidate | None:
    return next(iter(candidates.of_articles(session, ids)), None)


def _entry(session: Session, agent: Agent, entry_id: str, vector: Vector) -> Subject:
    """The item's title is the topic; what else bears it out in the agent's sources joins the item's own article."""
    entry = sources.get_entry(session, entry_id)
    article = session.get(Article, entry.article_id) if entry.article_id else None
    if entry.state == EntryState.NEW or (article is not None and article.state == State.STORED):
        raise SubjectUnready(f"“{entry.title}” has not been read yet")
    found = _one(session, [article.id]) if article is not None and article.state == State.EXTRACTED else None
    if article is None or found is None:
        raise TopicUnsupported(f"the page of “{entry.title or entry.url}” holds no text to write about")
    title = entry.title or article.title
    try:
        others = support.find(session, agent, title, found.keyword, vector)
    except TopicUnsupported:
        others = []
    ids = tuple(dict.fromkeys([article.id, *others]))[: support.MOST]
    return Subject(Why.ITEM, title, ids, keyword=found.keyword, keys=found.keys)


def _curation(session: Session, agent: Agent, curation_id: str) -> Subject:
    found = curations.curation(session, curation_id)
    chosen = [each.article_id for each in curations.items(session, curation_id) if each.place and each.article_id]
    ids = _mine(session, agent, chosen[:MOST], f"the curation of “{found.topic or 'a list of addresses'}”")
    titles = articles.articles(session, ids)
    return Subject(Why.CURATION, found.topic or titles[ids[0]].title, ids, keyword=found.topic)


def _digest(session: Session, agent: Agent, digest_id: str) -> Subject:
    found = reading.digest(session, digest_id)
    named = [id_ for section in found.sections for id_ in section["article_ids"]]
    ids = _mine(session, agent, named[:MOST], f"the digest “{found.title}”")
    return Subject(Why.DIGEST, found.title, ids, keyword=candidates.keyword(found.title))


def _mine(session: Session, agent: Agent, ids: Collection[str], what: str) -> tuple[str, ...]:
    """Those that were read and are of the agent's sources, in their order. Raises `TopicUnsupported`."""
    wish = sa.select(Article.id).where(Article.id.in_(list(ids)), Article.state == State.EXTRACTED)
    there = set(session.scalars(wish.where(*candidates.allowed(agent))))
    if not there:
        raise TopicUnsupported(f"{what} holds no article of the sources that {agent.name} may use; allow it some more")
    return tuple(id_ for id_ in ids if id_ in there)
