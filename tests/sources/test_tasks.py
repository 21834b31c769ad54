"""Sources looked at by real jobs."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from stonehand import db, jobs
from stonehand.db import Database
from stonehand.jobs import testing
from stonehand.jobs.desk import explanation
from stonehand.jobs.models import Job
from stonehand.limits import pacing
from stonehand.sources import asking, intake, queries, service, surveys
from stonehand.sources.models import Source
from tests.sources.conftest import Site, feed

pytestmark = pytest.mark.usefixtures("pipeline")


def add(database: Database, url: str) -> str:
    found = intake.identify(url)[0]
    with database.transaction() as session:
        return service.add(session, found).source_id


def poll(database: Database, source_id: str) -> Source:
    with database.transaction() as session:
        service.poll_now(session, source_id)
    testing.run_all(database)
    with database.read() as session:
        return service.get(session, source_id)


def test_an_added_source_is_looked_at(database: Database, site: Site) -> None:
    source_id = add(database, site.put("/rss", feed(1, 2), ETag='"a"'))
    testing.run_all(database)
    with database.read() as session:
        assert [each.title for each in queries.entries_of(session, source_id)] == ["Item 1", "Item 2"]
        job = session.scalars(sa.select(Job)).one()
        assert (job.state, job.result) == ("completed", {"found": 2, "new": 2, "elsewhere": 0})


def test_nothing_new_is_asked_conditionally(database: Database, site: Site) -> None:
    source_id = add(database, site.put("/rss", feed(1), ETag='"a"'))
    source = poll(database, source_id)
    assert source.etag == '"a"'
    again = poll(database, source_id)
    assert (again.polls_total, again.polls_failed, again.entries_total, again.etag) == (2, 0, 1, '"a"')


def test_a_feed_that_turns_into_html_says_so(database: Database, site: Site) -> None:
    source_id = add(database, site.put("/rss", feed(1)))
    site.put("/rss", "<!DOCTYPE html><title>Moved</title>")
    source = poll(database, source_id)
    assert source.state == "backing_off"
    assert source.last_error
    assert "HTML page came where XML was promised" in source.last_error
    site.put("/rss", feed(1, 2))
    well = poll(database, source_id)
    assert (well.state, well.last_error, well.entries_total) == ("active", None, 2)


def test_a_missing_feed_is_not_tried_again_at_once(database: Database, site: Site) -> None:
    source_id = add(database, site.put("/rss", feed(1)))
    del site.pages["/rss"]
    site.asked.clear()
    assert poll(database, source_id).failure_streak == 1
    assert site.asked == ["/rss"]


def test_a_look_that_fails_says_why(database: Database, site: Site) -> None:
    """`monitor_rss_feed` used to end as if all was well."""
    source_id = add(database, site.put("/rss", feed(1)))
    del site.pages["/rss"]
    poll(database, source_id)
    with database.transaction() as session:
        jobs.enqueue(session, "sources.poll", {"source_id": "nobody"})
    testing.run_all(database)
    with database.read() as session:
        missing, unknown = session.scalars(sa.select(Job).order_by(Job.id)).all()
        assert "404" in explanation.why_not_running(session, missing)
        assert "there is no source nobody" in explanation.why_not_running(session, unknown)
        assert surveys.tally(session, [missing.id]) == {
            **{"sources": 1, "failed": 1, "items_collected": 0, "total": 0},
            "errors": {source_id: (missing.result or {})["error"]},
        }


def test_a_passing_trouble_is_tried_again_and_then_noted(database: Database, site: Site) -> None:
    source_id = add(database, site.put("/rss", feed(1)))
    testing.run_all(database)
    site.put("/rss", "oops", status=500)
    assert poll(database, source_id).failure_streak == 0
    with database.transaction() as session:
        job = session.scalars(sa.select(Job).where(Job.state != "completed")).one()
        assert job.state == "retryable"
        job.run_at = db.now(session)
    from stonehand.jobs.clock import sweeper

    sweeper.sweep(database)
    testing.run_all(database)
    with database.read() as session:
        source = service.get(session, source_id)
        assert (source.failure_streak, source.state) == (1, "backing_off")


def test_a_host_that_wants_to_be_left_alone_is_not_retried_by_the_job(database: Database, site: Site) -> None:
    source_id = add(database, site.put("/rss", feed(1)))
    site.put("/rss", "later", status=503, Retry_After="4000")
    source = poll(database, source_id)
    assert source.next_poll_at
    assert source.last_poll_at
    assert (source.next_poll_at - source.last_poll_at).total_seconds() == pytest.approx(4000, abs=5)


def test_due_sources_are_enqueued_once(database: Database, site: Site) -> None:
    source_id = add(database, site.put("/rss", feed(1)))
    with database.transaction() as session:
        assert service.enqueue_due(session) == 0  # the look after adding waits already
    testing.run_all(database)
    with database.transaction() as session:
        assert service.enqueue_due(session) == 0
        service.get(session, source_id).next_poll_at = db.now(session)
        session.flush()
        assert service.enqueue_due(session) == 1
        assert service.enqueue_due(session) == 0


def test_a_look_that_only_leaves_a_dead_letter_is_a_failure_and_not_begun_again_each_minute(
    either_database: Database,
) -> None:
    with either_database.transaction() as session:
        moment = db.now(session)
        at = {"created_at": moment, "next_poll_at": moment, "interval_seconds": 600}
        session.add(Source(id="s0", kind="feed", url="http://x/", address="x", title="Gazette", **at))
    for streak in (1, 2):
        with either_database.transaction() as session:
            session.get_one(Source, "s0").next_poll_at = db.now(session)
            assert service.enqueue_due(session) == 1
            ends = {"state": "discarded", "error": "the worker died", "finished_at": db.now(session)}
            session.execute(sa.update(Job).where(Job.state != "discarded").values(ends))
        with either_database.transaction() as session:
            assert service.enqueue_due(session) == 0
            source = service.get(session, "s0")
            assert (source.failure_streak, source.polls_failed, source.state) == (streak, streak, "backing_off")
            assert source.last_error == "the last look ended as a dead letter: the worker died"
            assert source.next_poll_at is not None
            assert (source.next_poll_at - db.now(session)).total_seconds() > 500 * 2**streak


def test_a_removed_source_ends_its_job_quietly(database: Database, site: Site) -> None:
    source_id = add(database, site.put("/rss", feed(1)))
    with database.transaction() as session:
        service.remove(session, source_id)
    testing.run_all(database)
    with database.read() as session:
        assert session.scalars(sa.select(Job.state)).all() == ["completed"]


def test_a_busy_host_puts_the_job_back(database: Database, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    source_id = add(database, site.put("/rss", feed(1)))
    monkeypatch.setattr(pacing, "is_paced", lambda _host: True)
    with database.transaction() as session:
        pacing.defer(session, pacing.host_of(site.url), 600)
    testing.run_all(database)
    with database.read() as session:
        job = session.scalars(sa.select(Job)).one()
        assert job.state != "completed"
        assert job.attempts == 0
        assert service.get(session, source_id).polls_total == 0
    with pytest.raises(asking.HostBusy):
        intake.look(site.url + "/rss")


def test_a_sitemap_index_brings_the_pages_of_its_newest_children(database: Database, site: Site) -> None:
    site.put("/a.xml", "<urlset><url><loc>/1</loc></url></urlset>")
    site.put("/b.xml", "<urlset><url><loc>/2</loc></url></urlset>")
    url = site.put(
        "/map.xml",
        "<sitemapindex><sitemap><loc>/a.xml</loc></sitemap><sitemap><loc>/b.xml</loc></sitemap></sitemapindex>",
    )
    source = poll(database, add(database, url))
    assert (source.kind, source.entries_total) == ("sitemap", 2)
