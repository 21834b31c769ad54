"""A day in a newsroom, as its rooms leave it: yesterday, so that the day is over."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from stonehand import db, pipeline
from stonehand.accounts.permissions import Person, granted
from stonehand.analysis import findings
from stonehand.analysis import service as analysis
from stonehand.db import Database
from stonehand.drafts.models import Citation, Draft, Revision
from stonehand.ids import first_id
from stonehand.jobs.models import Job
from stonehand.library.models import Bookmark
from stonehand.llm.models import LlmCall, LlmDay
from stonehand.publications.models import Publication
from stonehand.sources.models import Entry
from stonehand.stories.models import Story
from stonehand.trends.models import Trend
from tests.library.conftest import put, source

ADA = Person("u1", "ada@example.org", "Ada", "admin", granted("admin"))
BRIDGE = "The harbour bridge closed on Thursday after inspectors of Port Ellis found cracks in nine bearings. " * 8


@pytest.fixture(autouse=True)
def _rooms() -> None:
    pipeline.install_worker()


def yesterday(hour: int = 12) -> datetime:
    return datetime.combine(datetime.now(UTC).date() - timedelta(days=1), time(hour), UTC)


def id_of(moment: datetime, number: int = 0) -> str:
    """An id that was made then."""
    return first_id(moment)[:-6] + f"{number:06d}"


def read(database: Database, number: int, title: str, text: str = BRIDGE, hour: int = 12, **facts: Any) -> str:
    """An article that was read and analysed yesterday."""
    article_id = put(database, title, text, id=id_of(yesterday(hour), number), word_count=len(text.split()), **facts)
    (found,) = findings.find([(title, text)])
    with database.transaction() as session:
        analysis.record(session, {article_id: found})
    return article_id


def a_story(id_: str, title: str, at: datetime) -> Story:
    times = dict.fromkeys(("first_at", "last_at", "created_at", "updated_at"), at)
    empty: dict[str, Any] = {"centroid": b"", "vector_model": "", "profile": {}, "merged_into": None}
    counts = {"article_count": 3, "outlet_count": 2, "rank": 1.0, "revision": 1}
    return Story(id=id_, title=title, state="developing", **counts, **empty, **times)


def a_trend(id_: str, state: str, score: float, turns: list[tuple[str, datetime]]) -> Trend:
    """A trend that was looked at just now."""
    moment = db.utc_now()
    values = dict.fromkeys(("velocity", "surprise", "slope", "peak_velocity"), 2.0)
    times = dict.fromkeys(("peak_at", "alarmed_at", "state_since", "created_at", "updated_at"), moment)
    told = [{"at": at.isoformat(), "from": None, "to": to, "why": "because"} for to, at in turns]
    plain: dict[str, Any] = {"why": "because", "parts": {}, "history": [], "turns": told}
    return Trend(story_id=id_, state=state, score=score, **values, **times, **plain)


@pytest.fixture
def busy_day(either_database: Database) -> dict[str, str]:
    """Two originals and a copy, a draft that cites one and went out, a bookmark, jobs, calls of a model, entries."""
    at = yesterday()
    one = read(either_database, 1, "Harbour bridge closes", site="Harbour Post")
    two = read(either_database, 2, "=Ferries run", hour=20, site="Tidewater")
    read(either_database, 3, "Harbour bridge closes", site="Echo", duplicate_of=one)
    source_id = source(either_database, "Wire")
    with either_database.transaction() as session:
        _draft(session, one, at)
        for number in range(3):
            session.add(
                Entry(id=id_of(at, 10 + number), source_id=source_id, key=str(number), title="", summary="", seen_at=at)
            )
        _jobs(session, at)
        session.add(LlmDay(day=at.date().isoformat(), committed_micro=1_500_000))
        session.flush()
        call = {
            "day": at.date().isoformat(),
            "model": "small",
            "state": "settled",
            "reserved_micro": 9,
            "reserved_at": at,
        }
        session.add(
            LlmCall(
                id=id_of(at, 30), purpose="draft", cost_micro=1_500_000, input_tokens=900, output_tokens=100, **call
            )
        )
    return {"one": one, "two": two, "source": source_id}


def _draft(session: db.Session, article_id: str, at: datetime) -> None:
    draft = Draft(
        id=id_of(at, 40),
        story_id="s",
        title="Bridge",
        state="published",
        created_by="desk",
        created_at=at,
        updated_at=at,
    )
    session.add(draft)
    session.flush()
    facts = {
        "title": "Bridge",
        "slug": "b",
        "excerpt": "",
        "markdown": "x",
        "language": "en",
        "label": "",
        "writer": "offline",
    }
    more = {"content_sha256": "x", "sources": [article_id], "warnings": [], "created_at": at, "created_by": "desk"}
    session.add(Revision(id=id_of(at, 41), draft_id=draft.id, number=1, cost_micro=500_000, **facts, **more))
    session.flush()
    place = {"revision_id": id_of(at, 41), "sentence_start": 0, "sentence_end": 1, "quote": ""}
    session.add(Citation(position=0, article_id=article_id, kind="verbatim", **place))
    session.add(Citation(position=1, article_id=None, kind="unsupported", **place))
    session.add(
        Publication(
            id=id_of(at, 42),
            review_id="r",
            draft_id=draft.id,
            revision_id=id_of(at, 41),
            channel_id="c",
            channel_name="Folder",
            key="k",
            content_sha256="x",
            title="Bridge",
            state="published",
            due_at=at,
            published_at=at + timedelta(hours=2),
            created_at=at,
        )
    )


def _jobs(session: db.Session, at: datetime) -> None:
    for number in range(10):
        state = "discarded" if number == 9 else "completed"
        times = {"run_at": at, "created_at": at, "started_at": at + timedelta(seconds=1)}
        ended = at + timedelta(seconds=1 + number)
        session.add(
            Job(
                id=id_of(at, 50 + number), task="articles.fetch", queue="fetch", state=state, finished_at=ended, **times
            )
        )


def bookmark(database: Database, user_id: str, article_id: str) -> None:
    with database.transaction() as session:
        session.add(Bookmark(user_id=user_id, article_id=article_id, created_at=yesterday()))
