"""A newsroom small enough for one test: a site on a loopback port, a source, entries."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from stonehand import db, jobs
from stonehand.articles import tasks as _declared  # noqa: F401
from stonehand.articles.events import ArticleExtracted, PageStored
from stonehand.db import Database
from stonehand.sources.events import EntryFound
from stonehand.sources.models import Entry, Source
from tests.sources.conftest import site

__all__ = ["site"]
AddEntry = Callable[..., str]


@pytest.fixture
def pipeline() -> Iterator[None]:
    """The table up to the text of an article."""
    from stonehand.jobs import announcements

    before = dict(announcements._followers)
    jobs.follow([(EntryFound, "articles.fetch"), (PageStored, "articles.extract"), (ArticleExtracted, "")])
    yield
    announcements._followers.clear()
    announcements._followers.update(before)


@pytest.fixture
def add_entry(database: Database, pipeline: None) -> AddEntry:
    """Adds an entry as a feed would, and announces it. Returns its id."""
    count = 0

    def add(url: str | None, **values: object) -> str:
        nonlocal count
        count += 1
        row = {"title": f"Feed title {count}", "summary": "", "seen_at": db.utc_now()} | values
        with database.transaction() as session:
            if session.get(Source, "source") is None:
                home = {"url": "https://velm.example/feed", "home_url": "https://velm.example/", "title": "Velm Post"}
                session.add(
                    Source(id="source", kind="feed", address="a", interval_seconds=60, created_at=db.utc_now(), **home)
                )
                session.flush()
            session.add(entry := Entry(source_id="source", key=str(count), url=url, address=url, **row))
            session.flush()
            jobs.announce(session, EntryFound(entry.id))
            return entry.id

    return add
