"""Readers and a shelf of articles with vectors of our own making, on either database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from stonehand import jobs
from stonehand.accounts import passwords, queries
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.analysis.models import Analysis
from stonehand.articles.models import Article, StoredText
from stonehand.db import Database, new_id, utc_now
from stonehand.jobs import announcements
from stonehand.nlp import embedding, vectors
from stonehand.reading import catalogue, service
from stonehand.reading import tasks as _tasks  # noqa: F401
from stonehand.reading.counting import Event
from stonehand.reading.events import DigestChosen
from stonehand.reading.states import Deed
from stonehand.rubrics.events import PhaseJudged
from stonehand.stories.models import Placement, Story

NOON = datetime(2026, 5, 17, 12, tzinfo=UTC)
Shelve = Callable[..., str]
Enrol = Callable[..., Person]
Do = Callable[..., tuple[int, int, list[str]]]


def direction(topic: int, more: int = 0, share: float = 0.0) -> vectors.Row:
    """A vector about a topic, with a little of another one."""
    row = np.zeros(384, dtype=np.float32)
    row[topic] = 1.0
    row[100 + more] += share
    return vectors.unit(row)


@pytest.fixture(autouse=True)
def _no_memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Words as vectors, nothing remembered of other tests, and room for few articles."""
    monkeypatch.setattr(embedding, "PACKAGE", "no_such_package_here")
    monkeypatch.setattr(catalogue, "MOST", 2000)
    monkeypatch.setattr(catalogue, "SPARE", 100)
    embedding.release()
    catalogue.forget()
    yield
    catalogue.forget()
    embedding.release()


@pytest.fixture(autouse=True)
def _pipeline() -> Iterator[None]:
    before = dict(announcements._followers)
    jobs.follow([(DigestChosen, ""), (PhaseJudged, "reading.follow_rubric")])
    yield
    announcements._followers.clear()
    announcements._followers.update(before)


@pytest.fixture
def enrol(either_database: Database) -> Enrol:
    """Adds a reader."""

    def one(name: str = "Ada", role: str = "viewer") -> Person:
        with either_database.transaction() as session:
            hashed = passwords.digest("seven grey herons")
            return queries.person(accounts.new_user(session, f"{name}@example.org", name, role, hashed))

    return one


@pytest.fixture
def shelve(either_database: Database) -> Shelve:
    """Puts an article about a topic on the shelf. Returns its id."""
    count = 0

    def one(
        topic: int = 0, outlet: str = "", title: str = "", at: datetime | None = None, story: str = "", **facts: object
    ) -> str:
        nonlocal count
        count += 1
        id_, moment = new_id(), at or utc_now() - timedelta(hours=1)
        outlet = outlet or f"outlet{count}"
        url = f"https://{outlet}.example/{id_}"
        times = dict.fromkeys(("fetched_at", "created_at", "updated_at", "published_at"), moment)
        with either_database.transaction() as session:
            named = title or f"Article {count} about {topic}"
            row = {"id": id_, "url": url, "canonical_url": url, "state": "extracted", "title": named, "site": outlet}
            session.add(Article(**(row | times | facts)))
            session.flush()
            session.add(StoredText(article_id=id_, text="The harbour bridge has many cracks, engineers say today."))
            packed = vectors.pack(direction(topic, count, 0.3))
            session.add(analysis(id_, packed, moment))
            if story:
                session.add(placement(id_, story, outlet, url, named, moment))
        return id_

    return one


def analysis(article_id: str, packed: bytes, moment: datetime) -> Analysis:
    return Analysis(
        article_id=article_id,
        language="en",
        language_confidence=1.0,
        key_phrases=[],
        vector=packed,
        vector_model="test",
        word_count=9,
        reading_minutes=1,
        created_at=moment,
        updated_at=moment,
    )


def placement(article_id: str, story: str, outlet: str, url: str, title: str, moment: datetime) -> Placement:
    return Placement(
        article_id=article_id,
        story_id=story,
        role="follow_up",
        original_id=None,
        title=title,
        outlet=outlet,
        url=url,
        reported_at=moment,
        dated=True,
        cosine=1.0,
        evidence={},
        placed_at=moment,
    )


@pytest.fixture
def tell(either_database: Database) -> Callable[..., str]:
    """Begins a story. Returns its id."""

    def one(title: str, rank: float = 1.0, outlets: int = 2, at: datetime | None = None) -> str:
        moment, id_ = at or utc_now(), new_id()
        with either_database.transaction() as session:
            times = dict.fromkeys(("first_at", "last_at", "created_at", "updated_at"), moment)
            counts = {"article_count": outlets, "outlet_count": outlets, "rank": rank, "revision": 1}
            facts = {"centroid": vectors.pack(direction(0)), "vector_model": "test", "profile": {}, "is_sample": False}
            session.add(Story(id=id_, title=title, state="developing", **times, **counts, **facts))
        return id_

    return one


@pytest.fixture
def do(either_database: Database) -> Do:
    """A reader does something with articles."""

    def one(person: Person, deed: Deed, article_ids: str | Sequence[str], value: int | None = None) -> object:
        ids = [article_ids] if isinstance(article_ids, str) else article_ids
        with either_database.transaction() as session:
            return service.record(session, person, [Event(new_id(), id_, deed, value) for id_ in ids])

    return one  # type: ignore[return-value]
