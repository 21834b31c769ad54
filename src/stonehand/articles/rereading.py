"""Reading kept pages again, over a selection of articles, and fetching a page again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from stonehand import jobs
from stonehand.articles import queries
from stonehand.articles.errors import PageNotFetchable, StateUnknown
from stonehand.articles.models import Article
from stonehand.articles.states import State
from stonehand.db import Session
from stonehand.sources import service as sources
from stonehand.sources.events import EntryFound
from stonehand.sources.models import Entry, EntryState

STEP = 500  # articles that one job asks for
READABLE = (State.STORED, State.EXTRACTED, State.UNREADABLE)


@dataclass(frozen=True)
class Selection:
    """Which articles: of a source, in a state, fetched since a moment. What is empty does not matter."""

    source_id: str = ""
    state: str = ""
    since: datetime | None = None

    def condition(self) -> sa.ColumnElement[bool]:
        """Articles of the selection whose page is kept."""
        wanted: list[sa.ColumnElement[bool]] = [Article.page_id.is_not(None)]
        wanted.append(Article.state == self.state if self.state else Article.state.in_(READABLE))
        wanted += [Article.source_id == self.source_id] if self.source_id else []
        wanted += [Article.fetched_at >= self.since] if self.since else []
        return sa.and_(*wanted)


def ask(session: Session, selection: Selection) -> str:
    """Ask for all articles of a selection to be read again. Returns the job that asks for them.

    Raises `SourceNotFound`, `StateUnknown`.
    """
    if selection.source_id:
        sources.get(session, selection.source_id)
    if selection.state and selection.state not in READABLE:
        raise StateUnknown(f"no page is read in state {selection.state!r}; the states are {', '.join(READABLE)}")
    since = selection.since.isoformat() if selection.since else ""
    wish = {"source_id": selection.source_id, "state": selection.state, "since": since, "after": ""}
    job_id = jobs.enqueue(session, "articles.reprocess", wish)
    return str(job_id)  # without a unique key there is always a new one


def count(session: Session, selection: Selection) -> int:
    """How many articles there are to read again."""
    return session.scalar(sa.select(sa.func.count()).select_from(Article).where(selection.condition())) or 0


def ask_some(session: Session, selection: Selection, after: str) -> str | None:
    """Ask for the next articles of the selection to be read. Returns the last of them, or None if none is left."""
    wish = sa.select(Article.id).where(selection.condition(), Article.id > after).order_by(Article.id).limit(STEP)
    ids = session.scalars(wish).all()
    again = [{"article_id": article_id} for article_id in ids]
    jobs.enqueue_many(session, "articles.extract", again, unique="articles.extract:{article_id}")
    return ids[-1] if len(ids) == STEP else None


def refetch(session: Session, article_id: str) -> str | None:
    """Fetch an article's page again, as a job. Returns the entry, or None if it is being fetched already.

    Raises `ArticleNotFound`, `PageNotFetchable`.
    """
    article = queries.article(session, article_id)
    entry = session.get(Entry, article.entry_id) if article.entry_id else None
    if entry is None or not entry.url:
        raise PageNotFetchable(f"article {article_id} cannot be fetched again: its entry or address is gone")
    if entry.state == EntryState.NEW:
        return None
    sources.settle_entry(session, entry.id, EntryState.NEW)
    jobs.announce(session, EntryFound(entry.id))
    return entry.id
