"""Adding, looking, failing, pausing and forgetting."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from stonehand import db
from stonehand.db import Database, Session
from stonehand.errors import Rejected, Unavailable
from stonehand.jobs import service as jobs
from stonehand.jobs.models import Job
from stonehand.sources import feeds, health, queries, service, surveys
from stonehand.sources.errors import EntryNotFound, NothingFound, NothingToPoll, SourceNotFound
from stonehand.sources.interfaces import Collected, Reading
from stonehand.sources.models import Entry, EntryState
from stonehand.sources.opml import Outline
from stonehand.sources.recognition import Found
from stonehand.sources.schemas import PreviewOut, SourceOut
from tests.sources.conftest import feed

pytestmark = pytest.mark.usefixtures("pipeline")


def found(url: str = "https://news.example/rss", kind: str = "feed") -> Found:
    return Found(what="feed", kind=kind, url=url, sentence="an RSS feed", title="News")


def said(text: str) -> Collected:
    return Collected(feeds.read(text.encode(), "https://news.example/rss"), etag='"1"')


def added(session: Session, url: str = "https://news.example/rss") -> str:
    return service.add(session, found(url)).source_id


def test_adding_twice_is_adding_once(database: Database) -> None:
    with database.transaction() as session:
        first = service.add(session, found())
        second = service.add(session, found("HTTPS://News.example:443/rss?utm_source=x"))
        assert first.is_new
        assert not second.is_new
        assert first.source_id == second.source_id
        assert session.scalars(sa.select(Job.task)).all() == ["sources.poll"]


def test_a_site_is_no_source(database: Database) -> None:
    with database.transaction() as session, pytest.raises(NothingFound):
        service.add(session, found(kind=""))


def test_each_entry_is_new_once(database: Database) -> None:
    with database.transaction() as session:
        source_id = added(session)
        assert service.record_poll(session, source_id, said(feed(1, 2))) == service.Polled(2, 2, 0)
        assert service.record_poll(session, source_id, said(feed(1, 2, 3))) == service.Polled(3, 1, 0)
        source = service.get(session, source_id)
        assert (source.entries_total, source.polls_total, source.etag) == (3, 2, '"1"')
        entries = queries.entries_of(session, source_id)
        assert [each.title for each in entries] == ["Item 3", "Item 1", "Item 2"]
        assert queries.found_per_day(session, [source_id], db.now(session), 2) == {source_id: (0, 3)}


def test_the_same_page_from_two_sources_is_one_entry(database: Database) -> None:
    with database.transaction() as session:
        one, two = added(session), added(session, "https://other.example/rss")
        service.record_poll(session, one, said(feed(1)))
        again = said(feed(1, 2, tracking="?utm_source=other"))
        assert service.record_poll(session, two, again) == service.Polled(2, 1, 1)
        assert service.record_poll(session, two, again).new == 0
        assert session.scalar(sa.select(sa.func.count()).select_from(Entry)) == 2


def test_a_single_page_joins_the_list_once(database: Database) -> None:
    with database.transaction() as session:
        first = service.add(session, found("https://blog.example/x?id=1&fbclid=2", kind="pages"))
        assert first.is_new
        assert first.entry_id
        second = service.add(session, found("https://blog.example/x?id=1#top", kind="pages"))
        assert (second.is_new, second.entry_id) == (False, first.entry_id)
        assert service.get(session, first.source_id).next_poll_at is None
        with pytest.raises(NothingToPoll):
            service.poll_now(session, first.source_id)


def test_failures_back_off_to_a_day_and_end(database: Database) -> None:
    with database.transaction() as session:
        source_id = added(session)
        source = service.get(session, source_id)
        states, waits = [], []
        for _ in range(health.DEAD):
            service.record_failure(session, source_id, Rejected("it is HTML"))
            states.append(source.state)
            if source.next_poll_at and source.last_poll_at:
                waits.append((source.next_poll_at - source.last_poll_at).total_seconds())
        assert states[:3] == ["backing_off", "backing_off", "failing"]
        assert states[-1] == "dead"
        assert waits[:2] == [3600, 7200]
        assert max(waits) == 86_400
        assert source.next_poll_at is None
        assert "it is HTML" in health.describe(source, db.now(session))
        assert queries.in_trouble(session) == [source]
        service.resume(session, source_id)
        assert queries.due(session, db.now(session), 5) == [{"source_id": source_id}]


def test_a_host_may_ask_for_longer(database: Database) -> None:
    with database.transaction() as session:
        source = service.get(session, added(session))
        service.record_failure(session, source.id, Unavailable("busy", retry_after=200_000))
        assert source.next_poll_at
        assert source.last_poll_at
        assert source.next_poll_at - source.last_poll_at == timedelta(seconds=200_000)


def test_nothing_new_is_not_could_not_look(database: Database) -> None:
    with database.transaction() as session:
        source = service.get(session, added(session))
        moment = db.now(session)
        assert health.describe(source, moment) == "Waiting for the first look."
        service.record_poll(session, source.id, said(feed(1)))
        assert "there was something new" in health.describe(source, moment)
        service.record_poll(session, source.id, Collected(Reading(""), unchanged=True))
        source.last_new_at = moment - timedelta(hours=3)
        assert health.describe(source, db.now(session)) == "Looked a moment ago; last news 3 hours ago."
        assert source.etag == '"1"'
        service.record_failure(session, source.id, Unavailable("no answer"))
        assert health.describe(source, db.now(session)) == (
            "Could not look (once, last good look a moment ago): no answer. Next try in 1 hour."
        )
        assert source.title == "News"


def test_a_paused_source_stays_paused(database: Database) -> None:
    with database.transaction() as session:
        source = service.get(session, added(session))
        service.pause(session, source.id)
        service.record_poll(session, source.id, said(feed(1)))
        service.record_failure(session, source.id, Rejected("no"))
        assert (source.state, source.next_poll_at, source.enabled) == ("paused", None, False)
        assert SourceOut.of(source, db.now(session)).health.startswith("Paused")


def test_a_look_by_hand_belongs_to_its_source_which_can_be_held(database: Database) -> None:
    with database.transaction() as session:
        source_id = added(session)
        service.poll_now(session, source_id)
        [owner] = session.scalars(sa.select(Job.fair_key).where(Job.task == "sources.poll").distinct())
        assert owner == f"source:{source_id}"
        assert surveys.polled(session) == [source_id]
        jobs.pause(session, owner, "Mira")
        assert surveys.polled(session) == [], "looking at all would wait for it"


def test_removing_forgets_the_entries(database: Database) -> None:
    with database.transaction() as session:
        source_id = added(session)
        service.record_poll(session, source_id, said(feed(1)))
        service.remove(session, source_id)
        session.flush()
        assert session.scalar(sa.select(sa.func.count()).select_from(Entry)) == 0
        with pytest.raises(SourceNotFound):
            service.get(session, source_id)


def test_an_entry_notes_how_far_it_came(database: Database) -> None:
    with database.transaction() as session:
        source_id = added(session)
        service.record_poll(session, source_id, said(feed(1)))
        (entry,) = queries.entries_of(session, source_id)
        service.settle_entry(session, entry.id, EntryState.FETCHED, article_id="a1")
        assert (entry.state, entry.article_id) == ("fetched", "a1")
        with pytest.raises(EntryNotFound):
            service.settle_entry(session, "nobody", EntryState.FAILED)


def test_a_preview_saves_nothing_and_tells_new_from_known(database: Database) -> None:
    with database.transaction() as session:
        service.record_poll(session, added(session), said(feed(1)))
    with database.read() as session:
        entries = said(feed(1, 2, tracking="?utm_source=b")).reading.entries
        preview = PreviewOut.of(session, Found("feed", "https://b.example/rss", "a feed", "feed", entries=entries))
        assert (preview.new, preview.duplicates, preview.already_added) == (1, 1, False)
        assert [each.is_new for each in preview.entries] == [False, True]
        assert PreviewOut.of(session, found()).already_added
        page = PreviewOut.of(session, found("https://news.example/1?fbclid=3", kind="pages"))
        assert (page.new, page.duplicates) == (0, 1)


def test_sources_go_out_as_opml(database: Database) -> None:
    with database.transaction() as session:
        added(session)
        service.add(session, found("https://blog.example/x", kind="pages"))
        assert queries.outlines(session) == [Outline("https://news.example/rss", "News", None, interval_seconds=1800)]


def test_a_large_poll_is_short(database: Database) -> None:
    items = "".join(
        f"<item><guid>{n}</guid><link>/{n}</link><description>{'&lt;p&gt;x' * 2000}</description></item>"
        for n in range(400)
    )
    collected = said(f"<rss><channel>{items}</channel></rss>")
    with database.transaction() as session:
        source_id = added(session)
    with database.transaction() as session:  # strict transactions fail over 500 ms
        assert service.record_poll(session, source_id, collected).new == 400
