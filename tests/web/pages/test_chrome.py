"""The sentence that says how everything is, and what live pages notice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from stonehand import jobs
from stonehand.accounts.permissions import Person
from stonehand.db import Database
from stonehand.drafts import service as drafting
from stonehand.jobs import service as operating
from stonehand.jobs.worker import presence
from stonehand.sources.models import SourceState
from stonehand.web import topics
from stonehand.web.pages import chrome
from stonehand.web.pages.chrome import Vitals
from tests.drafts import world
from tests.web.pages import newsroom
from tests.web.pages.browsing import words
from tests.web.pages.conftest import Visit

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def vitals(**changes: object) -> Vitals:
    facts = {"now": NOW, "workers": 2, "waiting": 14, "looked_at": NOW - timedelta(seconds=40)}
    return Vitals(**(facts | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "tone", "sentence"),
    [
        ({}, "good", "Everything is running: 2 workers, 14 jobs wait, last look at a source 40 s ago."),
        ({"waiting": 1000}, "good", "1\u2009000 or more jobs wait"),
        ({"waiting": 0, "workers": 1}, "good", "1 worker, no job waits"),
        ({"workers": 0}, "bad", "No worker is running, so nothing moves; 14 jobs wait."),
        ({"due_at": NOW - timedelta(hours=3)}, "bad", "A source should have been looked at 3 h ago; 14 jobs wait."),
        ({"due_at": NOW - timedelta(minutes=2)}, "good", "Everything is running"),
        ({"paused": ("queue fetch", "task x.y")}, "warn", "Somebody has paused the queue fetch and 1 more"),
        ({"broken": 2}, "warn", "2 sources cannot be read; 2 workers"),
        ({"broken": 2, "workers": 0}, "bad", "No worker is running"),
    ],
)
def test_what_is_wrong_comes_first(changes: dict[str, object], tone: str, sentence: str) -> None:
    found = chrome.status(vitals(**changes))
    assert found.tone == tone
    assert found.words.startswith(sentence) or sentence in found.words


def test_the_frame_counts_what_waits(database: Database, visit: Visit) -> None:
    with database.transaction() as session:
        newsroom.dead_letter(session)
        newsroom.source(session, "Radio", SourceState.FAILING, is_sample=True)
        presence.introduce(session, str(presence.this_process()), ["fetch"], [], 1)
    page = visit("viewer").go("/stories")
    assert 'Jobs <span class="count calls">1</span>' in page
    assert "Sample newsroom" in page
    assert "1 source cannot be read; 1 worker, no job waits" in words(
        page.replace("<main", "").replace("<header", "<main")
    )


@pytest.mark.usefixtures("pipeline")
def test_probes_notice_what_their_pages_show(database: Database, people: dict[str, Person]) -> None:
    with database.transaction() as session:
        job_id = jobs.enqueue(session, "articles.fetch", {"entry_id": "e"})
        story_id = world.story(session)
        source_id = newsroom.source(session, "Radio")
    known = frozenset({"jobs", f"job:{job_id}", "stories", f"story:{story_id}", "drafts", "sources", "channels"})

    def changed(deed: str) -> set[str]:
        before = topics.fingerprints(database, known)
        assert before == topics.fingerprints(database, known)
        with database.transaction() as session:
            if deed == "cancel":
                operating.cancel(session, str(job_id))
            elif deed == "draft":
                drafting.commission(session, story_id, "somebody")
            else:
                from stonehand.sources.models import Source

                found = session.get(Source, source_id)
                assert found
                found.failure_streak = 1
        after = topics.fingerprints(database, known)
        return {topic for topic in known if before[topic] != after[topic]}

    assert changed("cancel") == {"jobs", f"job:{job_id}"}
    assert changed("draft") == {"drafts", "jobs"}
    assert changed("source") == {"sources"}
