"""What an agent could write about: the stories and articles of its sources, and new items of its feeds."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from stonehand.agents.models import Agent, AgentCovered
from stonehand.analysis.models import Analysis
from stonehand.articles.models import Article, StoredText
from stonehand.articles.states import State
from stonehand.db import Session
from stonehand.drafts.models import Draft
from stonehand.drafts.states import OPEN
from stonehand.nlp import keyphrases, lexical
from stonehand.sources.models import Entry, EntryState
from stonehand.stories.models import Placement, Story

TOPIC_DAYS, ITEM_DAYS = 30, 7
MOST = 250  # articles that topics are looked for in, the newest
MOST_OPEN = 1000  # drafts that are being written or decided about, the newest
ITEMS = 100  # unseen feed items that are looked at
LEAD = 500  # characters of a text, by which it is judged


@dataclass(frozen=True)
class Candidate:
    """Something to write about. `keys` are what is remembered when it was; `vectors` are float16, of `model`."""

    title: str
    text: str
    keyword: str
    at: datetime | None
    story_id: str
    article_ids: tuple[str, ...]
    outlets: int
    vectors: tuple[bytes, ...]
    model: str
    is_sample: bool
    entry_id: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """By which it is remembered."""
        about = f"story:{self.story_id}" if self.story_id else f"article:{self.article_ids[0]}"
        return (about, *((f"entry:{self.entry_id}",) if self.entry_id else ()))


@dataclass(frozen=True)
class _Row:
    id: str
    title: str
    at: datetime | None
    host: str
    is_sample: bool
    lead: str
    vector: bytes
    model: str
    phrases: Sequence[dict[str, Any]]
    story_id: str
    story: str


def allowed(agent: Agent) -> list[sa.ColumnElement[bool]]:
    """That an article is of the agent's sources, if it names any."""
    return [Article.source_id.in_(agent.source_ids)] if agent.source_ids else []


def topics(session: Session, agent: Agent, moment: datetime) -> list[Candidate]:
    """The stories, and the articles that are in none, of the last 30 days; each with its articles, newest first."""
    rows = _rows(session, allowed(agent), moment - timedelta(days=TOPIC_DAYS))
    return _folded(rows)


def of_articles(session: Session, ids: Collection[str]) -> list[Candidate]:
    """The same of these articles."""
    return _folded(_rows(session, [Article.id.in_(list(ids))], None))


def _rows(session: Session, which: Sequence[sa.ColumnElement[bool]], since: datetime | None) -> list[_Row]:
    lead = sa.func.coalesce(sa.func.substr(StoredText.text, 1, LEAD), "")
    columns = (Article.id, Article.title, Article.published_at, Article.host, Article.is_sample, lead)
    found = (Analysis.vector, Analysis.vector_model, Analysis.key_phrases)
    wish = (
        sa.select(*columns, *found, sa.func.coalesce(Placement.story_id, ""), sa.func.coalesce(Story.title, ""))
        .join(Analysis, Analysis.article_id == Article.id)
        .join(StoredText, StoredText.article_id == Article.id)
        .outerjoin(Placement, Placement.article_id == Article.id)
        .outerjoin(Story, Story.id == Placement.story_id)
        .where(Article.state == State.EXTRACTED, Article.duplicate_of.is_(None), Article.title != "", *which)
        .order_by(Article.id.desc())
        .limit(MOST)
    )
    if since is not None:
        wish = wish.where(sa.func.coalesce(Article.published_at, Article.fetched_at) >= since)
    return [_Row(*row) for row in session.execute(wish)]


def _folded(rows: Sequence[_Row]) -> list[Candidate]:
    groups: dict[str, list[_Row]] = {}
    for row in rows:
        groups.setdefault(row.story_id or row.id, []).append(row)
    return [_candidate(group) for group in groups.values()]


def _candidate(rows: Sequence[_Row]) -> Candidate:
    newest = rows[0]
    title = newest.story or newest.title
    models = [row.model for row in rows]
    model = max(set(models), key=models.count)
    dates = [row.at for row in rows if row.at]
    return Candidate(
        title=title,
        text=f"{title}. {title}. " + " ".join(f"{row.title}. {row.lead}" for row in rows[:3]),
        keyword=keyword(title, [str(each["text"]) for row in rows[:3] for each in row.phrases[:10]]),
        at=max(dates, default=None),
        story_id=newest.story_id,
        article_ids=tuple(row.id for row in rows),
        outlets=len({row.host for row in rows}),
        vectors=tuple(row.vector for row in rows if row.model == model),
        model=model,
        is_sample=all(row.is_sample for row in rows),
    )


def keyword(title: str, phrases: Sequence[str] = ()) -> str:
    """What somebody would search for to find this: the best key phrase that stands in the title, or in the title's
    own words; not just its first two."""
    low = " ".join(lexical.words(title)).lower()
    inside = next((phrase for phrase in phrases if phrase.lower() in low), "")
    own = [each.text for each in keyphrases.extract(title)]
    words = lexical.terms(title)[:3]
    return " ".join((inside or next(iter(own), "") or " ".join(words) or title).split())[:200]


def items(session: Session, agent: Agent, moment: datetime, source_id: str = "") -> list[tuple[str, str, str]]:
    """Feed items of the last week that the agent has not seen and whose article was read: entry, title and article,
    the newest first."""
    seen = sa.exists().where(AgentCovered.agent_id == agent.id, AgentCovered.key == sa.literal("entry:") + Entry.id)
    wish = (
        sa.select(Entry.id, Entry.title, Article.id)
        .join(Article, Article.id == Entry.article_id)
        .join(Analysis, Analysis.article_id == Article.id)
        .where(Article.state == State.EXTRACTED, Entry.seen_at >= moment - timedelta(days=ITEM_DAYS), ~seen)
        .order_by(sa.func.coalesce(Entry.published_at, Entry.seen_at).desc(), Entry.id.desc())
        .limit(ITEMS)
    )
    sources = [source_id] if source_id else agent.source_ids
    wish = wish.where(Entry.source_id.in_(sources)) if sources else wish
    return [(entry_id, title, article_id) for entry_id, title, article_id in session.execute(wish)]


def unread(session: Session, source_id: str, since: datetime) -> bool:
    """Whether an item that this source has named since then is still to be read or analysed."""
    pending = sa.or_(
        Entry.state == EntryState.NEW,
        Article.state == State.STORED,
        sa.and_(Article.state == State.EXTRACTED, Analysis.article_id.is_(None)),
    )
    wish = (
        sa.select(Entry.id)
        .outerjoin(Article, Article.id == Entry.article_id)
        .outerjoin(Analysis, Analysis.article_id == Article.id)
        .where(Entry.source_id == source_id, Entry.seen_at >= since, pending)
    )
    return session.scalars(wish.limit(1)).first() is not None


def being_written(session: Session) -> set[str]:
    """The stories and articles of open drafts, whoever asked for them: a piece on chosen articles names no story."""
    wish = sa.select(Draft.story_id, Draft.article_ids).where(Draft.state.in_(OPEN)).order_by(Draft.id.desc())
    rows = session.execute(wish.limit(MOST_OPEN)).all()
    return {id_ for story_id, article_ids in rows for id_ in (story_id, *article_ids)} - {""}
