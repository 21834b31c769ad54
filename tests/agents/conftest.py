"""Agents over a small library: articles that were read, real jobs up to the written draft, and a clock to set."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from stonehand import config, db, jobs, pipeline
from stonehand.accounts.permissions import Person, granted
from stonehand.agents import queries, service
from stonehand.agents.models import Agent, AgentRun
from stonehand.agents.wishes import When, Wish
from stonehand.db import Database
from stonehand.jobs import announcements
from stonehand.jobs import queries as jobs_queries
from stonehand.jobs.clock import sweeper
from stonehand.jobs.models import Job
from stonehand.jobs.states import State
from stonehand.jobs.testing import run_all
from stonehand.nlp import embedding, lexical
from stonehand.sources.models import Entry
from tests.curation.conftest import analysed
from tests.library.conftest import source

ADA = Person("u1", "ada@example.org", "Ada", "editor", granted("editor"))
VIEWER = Person("u2", "vic@example.org", "Vic", "viewer", granted("viewer"))
Shelve = Callable[..., str]
GATES = (
    "The tide gates of Port Ellis will be rebuilt for 40 million crowns, said Mira Osei, who leads the harbour board. "
    "Engineers found rust in nine of the twelve gates after the storm of March. Work on the tide gates begins in June. "
)
HERONS = (
    "Herons have returned to the marsh of Orne after forty years, counted by the bird society on Sunday. "
    "Volunteers saw eleven nests of herons in the reeds. The marsh was drained in 1985 and flooded again last year. "
)
FINAL = "Ajora beat Rovers in the cup final at Kestrel Park, where striker Voss scored two goals before the fans. "


@pytest.fixture(autouse=True)
def _trip(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every room; vectors of words, so that no model is built."""
    before = dict(announcements._followers)
    monkeypatch.setenv("STONEHAND_HOST_INTERVAL_SECONDS", "0")
    monkeypatch.setattr(embedding, "embed", lexical.hashed)
    monkeypatch.setattr(embedding, "name", lambda: embedding.LEXICAL)
    config.settings.cache_clear()
    pipeline.install_worker()
    jobs.follow(pipeline.TRIP)
    yield
    announcements._followers.clear()
    announcements._followers.update(before)


def shelved(database: Database, title: str, text: str, **facts: Any) -> str:
    """An article that was read and analysed, published an hour ago."""
    facts.setdefault("published_at", db.utc_now() - timedelta(hours=1))
    return analysed(database, title, text, **facts)


def item(database: Database, source_id: str, title: str, text: str, minutes: int = 60) -> str:
    """An item of a feed whose article was read. Returns the entry's id."""
    entry_id, at = db.new_id(), db.utc_now() - timedelta(minutes=minutes)
    url = f"https://news.example/{entry_id}"
    facts = {"key": entry_id, "url": url, "address": url, "title": title, "summary": "", "state": "fetched"}
    with database.transaction() as session:
        session.add(Entry(id=entry_id, source_id=source_id, seen_at=at, published_at=at, **facts))
    article_id = shelved(database, title, text, url=url, source_id=source_id, entry_id=entry_id, published_at=at)
    with database.transaction() as session:
        session.get_one(Entry, entry_id).article_id = article_id
    return entry_id


def make(database: Database, when: When = When(), person: Person = ADA, **wish: Any) -> Agent:  # noqa: B008
    """An agent."""
    wish.setdefault("name", "Harbour desk")
    with database.transaction() as session:
        return service.create(session, person, Wish(**wish), when)


def placed(database: Database, *article_ids: str) -> None:
    """Let these articles join stories."""
    with database.transaction() as session:
        for article_id in article_ids:
            jobs.enqueue(session, "stories.place", {"article_id": article_id})
    run_all(database, queues=("stories",))


def finish(database: Database, rounds: int = 12) -> None:
    """Run every job and all that it waits for, to the end.

    On a busy machine a heartbeat may give back a hand that did not get on, and PostgreSQL shows that a moment later:
    what is ready is run in the next round, and what failed in passing is tried again, as a worker would.
    """
    for _ in range(rounds):
        run_all(database)
        waiting = _hurried(database)
        if not waiting:
            return
        sweeper.sweep(database)
    raise AssertionError(f"it is still at work: {waiting}")


def _hurried(database: Database) -> list[tuple[str, str, str | None]]:
    """Let what waits for its time wait no longer. Returns what is not done, with its state and why."""
    later = sa.or_(sa.and_(Job.state == State.SCHEDULED, Job.task.startswith("agents.")), Job.state == State.RETRYABLE)
    with database.transaction() as session:
        soon = db.now(session) - timedelta(seconds=5)
        session.execute(sa.update(Job).where(later).values(run_at=soon))
        undone = sa.select(Job.task, Job.state, sa.func.coalesce(Job.error, Job.message))
        ready = Job.state.in_([State.AVAILABLE, State.EXECUTING])
        return [(task, state, why) for task, state, why in session.execute(undone.where(sa.or_(later, ready)))]


def ask(database: Database, task: str, **args: str) -> str:
    """Ask for a job, and run it to its end. Returns its id."""
    with database.transaction() as session:
        job_id = jobs.enqueue(session, task, args, asked_by="Ada")
    assert job_id
    finish(database)
    return job_id


def job(database: Database, job_id: str) -> Job:
    with database.read() as session:
        return jobs_queries.job(session, job_id)


def result(database: Database, job_id: str) -> dict[str, Any]:
    """What a job that went well came to."""
    found = job(database, job_id)
    assert found.state == "completed", found.error
    return dict(found.result or {})


def runs(database: Database, agent: Agent) -> list[AgentRun]:
    """The runs of an agent, the oldest first."""
    with database.read() as session:
        return list(reversed(queries.runs(session, agent.id)))


@pytest.fixture
def feed_source(database: Database) -> str:
    return source(database, "Harbour Feed")
