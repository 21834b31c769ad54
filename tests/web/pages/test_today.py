"""The first page: what waits, what happens, what goes out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from stonehand.accounts.permissions import Person
from stonehand.channels.models import Channel
from stonehand.db import Database, new_id, now
from stonehand.drafts import service as drafting
from stonehand.jobs.testing import run_all
from stonehand.reviews import queries, service
from stonehand.sample import record
from stonehand.sources.models import SourceState
from stonehand.web.pages import hours
from stonehand.web.pages.today import Waiting
from stonehand.web.pages.today_reading import shared
from tests.drafts import world
from tests.web.pages import newsroom
from tests.web.pages.browsing import words
from tests.web.pages.conftest import Visit

pytestmark = pytest.mark.usefixtures("pipeline")
LATER = ("generation", "reviews")


@pytest.fixture
def review_id(database: Database) -> str:
    """An open review."""
    with database.transaction() as session:
        drafting.commission(session, world.story(session), "somebody")
    run_all(database, queues=LATER)
    with database.read() as session:
        [(review, _, _)] = queries.queue(session)
        return review.id


def test_an_empty_newsroom_says_where_to_begin(visit: Visit) -> None:
    page = words(visit("viewer").go("/"))
    assert "Where shall we look?" in page
    assert "Nothing waits for you." in page
    assert "Nothing is on its way out." in page


def test_what_waits_stands_there_with_a_key_each(database: Database, visit: Visit, review_id: str) -> None:
    with database.transaction() as session:
        job_id = newsroom.dead_letter(session)
        newsroom.source(session, "Radio", SourceState.FAILING)
    page = visit("viewer").go("/")
    assert f'href="/review/{review_id}" data-key="1"' in page
    assert f'href="/jobs/{job_id}" data-key="2"' in page
    assert 'href="/sources" data-key="3"' in page
    text = words(page)
    assert "Waiting for you 3" in text
    assert "the folder is not writable" in text
    assert "the address answers HTML, not a feed" in text
    assert "2 articles" in text


def _waiting(kind: str, count: int) -> list[Waiting]:
    return [Waiting(kind, "", "", "", "", datetime.now(UTC)) for _ in range(count)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("drafts", "letters", "sources", "shown"),
    [
        (9, 9, 9, (5, 2, 2)),
        (9, 0, 0, (9, 0, 0)),
        (0, 9, 9, (0, 7, 2)),
        (0, 0, 12, (0, 0, 9)),
        (1, 1, 9, (1, 1, 7)),
        (8, 1, 1, (7, 1, 1)),
    ],
)
def test_nine_places_are_shared(drafts: int, letters: int, sources: int, shown: tuple[int, int, int]) -> None:
    found = shared(_waiting("draft", drafts), _waiting("job", letters), _waiting("source", sources))
    assert tuple(sum(it.kind == kind for it in found) for kind in ("draft", "job", "source")) == shown


def test_stories_are_ranked_and_say_why(database: Database, visit: Visit) -> None:
    with database.transaction() as session:
        low, high = world.story(session, rank=1.0), world.story(session, rank=2.0)
    page = visit("editor").go("/")
    assert page.index(high) < page.index(low)
    assert f'action="/stories/{high}/draft"' in page
    assert "2 outlets report it; " in words(page)
    assert "Harbour Post · Norwick Daily" in words(page)
    assert "/draft" not in visit("viewer").go("/")


def test_an_approval_goes_out_and_what_went_out_stays_for_a_day(
    database: Database, visit: Visit, review_id: str, people: dict[str, Person]
) -> None:
    with database.transaction() as session:
        channel = Channel(id=new_id(), kind="folder", name="Site", slug="site", config={}, created_at=now(session))
        session.add(channel)
        session.flush()
        service.approve(session, review_id, people["publisher"], [channel.id], time_to_undo=timedelta(hours=2))
    page = visit("viewer").go("/")
    out = words(page[page.index('id="out-title"') :])
    assert "Approved" in out
    assert "in 1 h" in out
    assert "Waiting for you Nothing waits" in words(page)


def test_each_step_counts_its_last_day_by_the_hour(database: Database, visit: Visit, review_id: str) -> None:
    with database.read() as session:
        from stonehand.drafts.models import Revision

        counts = hours.of_ids(session, Revision.id, now(session) + timedelta(seconds=1))
    assert counts == (0,) * 23 + (1,)
    assert "Written 1" in words(visit("viewer").go("/"))


def test_moments_fall_into_hours() -> None:
    end = datetime(2026, 11, 22, 12, tzinfo=UTC)
    moments = [end, end - timedelta(minutes=59), end - timedelta(minutes=61), end - timedelta(hours=24)]
    assert hours.binned(moments, end) == (0,) * 22 + (1, 2)


def test_a_block_comes_alone_when_it_is_asked_for(visit: Visit, review_id: str) -> None:
    viewer = visit("viewer")
    block = viewer.client.get("/", headers={"HX-Request": "true", "HX-Target": "section#waiting"}).text
    assert block.lstrip().startswith("<section")
    assert review_id in block
    assert "stories-now" not in block


def test_removing_the_sample_takes_it_away_for_good(database: Database, visit: Visit) -> None:
    record.read_or_new()
    with database.transaction() as session:
        newsroom.source(session, "Radio", is_sample=True)
        mine = newsroom.source(session, "Mine")
    editor, admin = visit("editor"), visit("admin")
    editor.go("/")
    editor.send("/sample/remove", 403)
    admin.go("/")
    assert "The sample newsroom is gone" in admin.send("/sample/remove")
    kept = record.read()
    assert kept
    assert kept.removed
    with database.read() as session:
        from stonehand.sources.queries import all_sources

        assert [source.id for source in all_sources(session)] == [mine]
    assert "removed sample" in words(admin.go("/audit"))
