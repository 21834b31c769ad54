"""Pages that their source announces again as changed are fetched again by themselves, within bounds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from stonehand.articles import versions
from stonehand.articles.events import ArticleExtracted, PageStored
from stonehand.articles.models import Article
from stonehand.db import Database, utc_now
from stonehand.jobs import announcements, follow, queries
from stonehand.jobs.testing import run_all
from stonehand.sources import intake, refreshing, service
from stonehand.sources.events import EntryChanged, EntryFound, SourceAdded
from stonehand.sources.models import Entry, Source
from stonehand.sources.queries import KnownEntry
from stonehand.sources.readings import FeedEntry
from tests.articles.test_duplicates import HARBOUR, OTHER_WORDS
from tests.articles.test_tasks import html
from tests.sources.conftest import Site

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def known(**values: object) -> KnownEntry:
    plain = {"id": "e", "state": "fetched", "article_id": "a", "seen_at": NOON, "fetched_at": NOON, "changed_at": None}
    return KnownEntry(**(plain | values))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("updated", "hours", "values", "is_due"),
    [
        (7, 8, {}, True),
        (1, 8, {}, True),
        (-1, 8, {}, False),  # before our reading
        (1, 5, {}, False),  # asked for less than six hours ago
        (7, 8, {"changed_at": NOON + timedelta(hours=7)}, False),  # acted upon before
        (900, 8, {"changed_at": NOON + timedelta(hours=900)}, False),  # the same date in the future
        (7, 8, {"fetched_at": None}, True),
        (7, 8, {"state": "new"}, False),
        (7, 8, {"state": "failed"}, True),
        (7, 8, {"state": "skipped"}, False),
        (7, 8, {"article_id": None}, False),
    ],
)
def test_what_is_due(updated: int, hours: int, values: dict[str, object], is_due: bool) -> None:
    found = FeedEntry("k", "https://velm.example/a", updated=NOON + timedelta(hours=updated))
    due = refreshing.due([found], {"k": known(**values)}, NOON + timedelta(hours=hours))
    assert due == ([found] if is_due else [])
    assert refreshing.due([found], {}, NOON) == []


@pytest.fixture
def trip() -> Iterator[None]:
    before = dict(announcements._followers)
    rows = [(SourceAdded, ""), (EntryFound, "articles.fetch"), (EntryChanged, "articles.fetch")]
    follow([*rows, (PageStored, "articles.extract"), (ArticleExtracted, "")])
    yield
    announcements._followers.clear()
    announcements._followers.update(before)


def atom(site: Site, updated: datetime, numbers: range = range(1)) -> None:
    entries = "".join(
        f"<entry><id>e{n}</id><title>E {n}</title><link href='{site.url}/{n}'/><updated>{updated.isoformat()}</updated>"
        "</entry>"
        for n in numbers
    )
    site.put("/atom", f"<feed xmlns='http://www.w3.org/2005/Atom'><title>Velm</title>{entries}</feed>")


def look(database: Database, source_id: str) -> dict[str, object]:
    with database.transaction() as session:
        job_id = service.poll_now(session, source_id)
        session.execute(sa.update(Source).values(etag=None, modified=None))
    run_all(database)
    with database.read() as session:
        return queries.job(session, job_id or "").result or {}


def add(database: Database, site: Site) -> str:
    (found,) = intake.identify(site.url + "/atom")
    with database.transaction() as session:
        return service.add(session, found).source_id


def pass_hours(database: Database, hours: int) -> None:
    """As if everything had been asked for so much earlier."""
    ago = utc_now() - timedelta(hours=hours)
    with database.transaction() as session:
        session.execute(sa.update(Entry).values(fetched_at=ago, seen_at=ago))
        session.execute(sa.update(Article).values(fetched_at=ago))


@pytest.mark.usefixtures("trip")
def test_a_changed_page_becomes_a_new_version(database: Database, site: Site) -> None:
    site.put("/0", html(HARBOUR), ETag='"one"')
    atom(site, utc_now() - timedelta(days=3))
    source_id = add(database, site)
    assert look(database, source_id)["new"] == 1
    assert "refreshed" not in look(database, source_id)
    pass_hours(database, 7)
    atom(site, utc_now())
    site.asked.clear()
    assert look(database, source_id)["refreshed"] == 1  # announced as changed, but the host says: as it was
    assert site.asked == ["/atom", "/0"]
    with database.read() as session:
        (article,) = session.scalars(sa.select(Article)).all()
        assert len(versions.listed(session, article.id)) == 1
        assert utc_now() - article.fetched_at < timedelta(minutes=5)
    pass_hours(database, 7)
    atom(site, utc_now() + timedelta(seconds=1))
    site.put("/0", html(HARBOUR + "\n" + OTHER_WORDS), ETag='"two"')
    assert look(database, source_id)["refreshed"] == 1
    with database.read() as session:
        assert len(versions.listed(session, article.id)) == 2
        assert session.scalar(sa.select(Article.etag)) == '"two"'


@pytest.mark.usefixtures("trip")
def test_a_page_that_is_gone_now_keeps_its_text(database: Database, site: Site) -> None:
    site.put("/0", html(HARBOUR))
    atom(site, utc_now() - timedelta(days=3))
    source_id = add(database, site)
    look(database, source_id)
    pass_hours(database, 7)
    del site.pages["/0"]
    atom(site, utc_now())
    look(database, source_id)
    with database.read() as session:
        (entry,) = session.scalars(sa.select(Entry)).all()
        (article,) = session.scalars(sa.select(Article)).all()
        assert (entry.state, article.state, article.version) == ("fetched", "extracted", 1)
        assert article.missing_since is not None


@pytest.mark.usefixtures("trip")
def test_a_feed_that_touches_all_its_dates_cannot_flood(
    database: Database, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refreshing, "MOST_OF_A_LOOK", 4)
    monkeypatch.setattr(refreshing, "MOST_OF_A_DAY", 6)
    for number in range(10):
        site.put(f"/{number}", html(HARBOUR + f" {number}"))
    atom(site, utc_now() - timedelta(days=3), range(10))
    source_id = add(database, site)
    look(database, source_id)
    site.asked.clear()
    said = []
    for hours in range(1, 12):
        atom(site, utc_now() + timedelta(seconds=hours), range(10))
        pass_hours(database, 7)
        said.append(look(database, source_id))
    asked = [path for path in site.asked if path not in ("/atom", "/robots.txt")]
    assert len(asked) == 6
    assert [(each.get("refreshed", 0), each.get("left", 0)) for each in said[:3]] == [(4, 6), (2, 8), (0, 10)]
    with database.transaction() as session:
        session.execute(sa.update(Source).values(refreshes_since=utc_now() - timedelta(days=1, minutes=1)))
    assert look(database, source_id)["refreshed"] == 4
