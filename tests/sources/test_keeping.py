"""How sources are kept: rules, paces, trials, proposals, lists that go out and come in."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from stonehand import db
from stonehand.db import Database
from stonehand.jobs import testing
from stonehand.jobs.models import Job
from stonehand.sources import health, intake, opml, queries, repairs, rules, service, surveys, trials
from stonehand.sources.contract import things
from stonehand.sources.errors import AddressTaken, NothingFound, NothingToMend
from stonehand.sources.models import Entry, EntryState, Source
from stonehand.sources.recognition import Found, Wanted
from stonehand.sources.schemas import PreviewOut
from tests.lookalikes import services
from tests.sources.conftest import Site, feed
from tests.sources.test_tasks import poll

pytestmark = pytest.mark.usefixtures("pipeline")
DROP_2 = {"do": "drop", "words": "Item 2", "where": "title"}


def add(database: Database, found: Found, look: bool = True) -> str:
    with database.transaction() as session:
        source_id = service.add(session, found).source_id
    if look:
        testing.run_all(database)
    return source_id


def source(database: Database, source_id: str) -> Source:
    with database.read() as session:
        return service.get(session, source_id)


def test_what_a_trial_shows_is_what_happens(either_database: Database, site: Site) -> None:
    add(either_database, intake.of_kind("feed", site.put("/other", feed(3))))
    found = replace(intake.of_kind("feed", site.put("/rss", feed(1, 2, 3, 4))), wanted=Wanted(rules=(DROP_2,)))
    with either_database.read() as session:
        shown = PreviewOut.of(session, found)
    assert (shown.new, shown.duplicates, shown.filtered) == (2, 1, 1)
    assert [each.outcome for each in shown.entries] == ["new", "filtered", "duplicate", "new"]
    assert shown.entries[1].reason == "drop ‘Item 2’ in the title"
    source_id = add(either_database, found)
    with either_database.read() as session:
        job = session.scalars(sa.select(Job).order_by(Job.id.desc())).first()
        assert job
        assert job.result == {"found": 4, "new": 2, "elsewhere": 1, "dropped": 1}
        assert session.scalars(sa.select(Entry.title).where(Entry.state == EntryState.SKIPPED)).all() == ["Item 2"]
        again = trials.judge(session, found.entries, rules.read([DROP_2]), source_id)
    assert trials.counts(again) == {"new": 0, "duplicate": 4, "filtered": 0}
    assert source(either_database, source_id).entries_dropped == 1


def test_another_source_may_bring_what_was_dropped(database: Database, site: Site) -> None:
    found = intake.of_kind("feed", site.put("/rss", feed(2)))
    add(database, replace(found, wanted=Wanted(rules=(DROP_2,))))
    other = add(database, intake.of_kind("feed", site.put("/other", feed(2))))
    assert source(database, other).entries_total == 1


def test_rules_are_replayed_on_what_was_named(database: Database, site: Site) -> None:
    source_id = add(
        database, replace(intake.of_kind("feed", site.put("/rss", feed(1, 2, 3))), wanted=Wanted(rules=(DROP_2,)))
    )
    with database.transaction() as session:
        old = session.scalars(sa.select(Entry).where(Entry.title == "Item 3")).one()
        old.seen_at = db.now(session) - timedelta(days=31)
    with database.read() as session:
        found = trials.replay(session, source_id, rules.from_lines("drop title: 1"))
    assert {each.entry.title: (each.was_kept, each.is_kept) for each in found} == {
        "Item 1": (True, False),
        "Item 2": (False, True),
    }


def test_a_quiet_source_is_looked_at_less_often() -> None:
    assert health.pace(600, "n") == 600
    assert health.pace(600, "nooo") == 600
    assert health.pace(600, "noooo") == 1200
    assert health.pace(600, "nooxoxo") == 1200  # failures say nothing about news
    assert health.pace(600, "o" * 40) == 4800
    assert health.pace(600, "o" * 40 + "n") == 600
    assert health.pace(40_000, "o" * 40) == health.DAY
    assert health.pace(200_000, "o" * 40) == 200_000
    assert (health.success_rate("noxx"), health.success_rate("")) == (0.5, None)


def test_news_brings_the_pace_back(database: Database, site: Site) -> None:
    source_id = add(database, intake.of_kind("feed", site.put("/rss", feed(1), ETag='"a"')))
    for _ in range(4):
        found = poll(database, source_id)
    assert (found.recent, found.pace_seconds) == ("noooo", 3600)
    assert found.next_poll_at
    assert found.last_poll_at
    assert found.next_poll_at - found.last_poll_at == timedelta(seconds=3600)
    assert "Looks every hour for now, since little comes." in health.describe(found, found.last_poll_at)
    assert [health.every(each) for each in (30, 60, 90, 1800)] == [
        "every 30 seconds",
        "every minute",
        "every 90 seconds",
        "every 30 minutes",
    ]
    site.put("/rss", feed(1, 2), ETag='"b"')
    found = poll(database, source_id)
    assert (found.recent, found.pace_seconds) == ("noooon", None)


def test_nothing_new_is_told_from_could_not_look(database: Database, site: Site) -> None:
    source_id = add(database, intake.of_kind("feed", site.put("/rss", feed(1))))
    quiet = poll(database, source_id)
    del site.pages["/rss"]
    ill = poll(database, source_id)
    assert (quiet.recent, ill.recent) == ("no", "nox")
    assert quiet.last_poll_at
    assert health.describe(quiet, quiet.last_poll_at).startswith("Looked a moment ago; last news")
    assert ill.last_poll_at
    assert health.describe(ill, ill.last_poll_at).startswith("Could not look (once")


def test_a_list_of_addresses_is_looked_at_once(database: Database) -> None:
    urls = [f"https://a.example/{number}" for number in range(3)]
    source_id = add(database, intake.of_kind("urls", options={"urls": urls}))
    found = source(database, source_id)
    assert (found.entries_total, found.next_poll_at, found.url) == (3, None, "urls:")
    typed = intake.of_kind("urls", options={"urls": " ".join(urls)})
    assert (typed.options, typed.sentence) == ({"urls": urls}, "a list of addresses with 3 entries")


# ── proposals ──


def test_a_move_for_good_is_proposed_and_accepted(either_database: Database, site: Site) -> None:
    source_id = add(either_database, intake.of_kind("feed", site.put("/rss", feed(1))))
    new = site.put("/new", feed(1, 2))
    site.put("/rss", "", status=301, Location=new)
    moved = poll(either_database, source_id)
    assert moved.proposal == {"what": "moved", "url": new, "why": f"its server says that it moved for good to {new}"}
    assert moved.entries_total == 2
    with either_database.transaction() as session:
        assert repairs.accept(session, service.get(session, source_id)) == f"now at {new}"
    mended = source(either_database, source_id)
    assert (mended.url, mended.address, mended.proposal) == (new, new, None)
    with either_database.transaction() as session, pytest.raises(NothingToMend):
        repairs.accept(session, service.get(session, source_id))


def test_what_was_set_aside_is_not_proposed_again(database: Database, site: Site) -> None:
    source_id = add(database, intake.of_kind("feed", site.put("/rss", feed(1))))
    site.put("/rss", "", status=301, Location=site.put("/new", feed(1)))
    assert poll(database, source_id).proposed
    with database.transaction() as session:
        repairs.set_aside(service.get(session, source_id))
    assert poll(database, source_id).proposed is None
    site.put("/rss", "", status=301, Location=site.put("/newer", feed(1)))
    assert poll(database, source_id).proposed


def test_a_move_for_now_is_no_proposal(database: Database, site: Site) -> None:
    source_id = add(database, intake.of_kind("feed", site.put("/rss", feed(1))))
    site.put("/rss", "", status=302, Location=site.put("/new", feed(1)))
    assert poll(database, source_id).proposal is None


def test_what_is_gone_may_be_elsewhere(database: Database, site: Site) -> None:
    source_id = add(database, intake.of_kind("feed", site.put("/rss", feed(1))))
    site.put("/rss", "gone", status=410)
    site.put("/", '<html><link rel="alternate" type="application/rss+xml" href="/fresh"></html>')
    new = site.put("/fresh", feed(1, 2))
    found = poll(database, source_id)
    assert found.proposal
    assert (found.proposal["what"], found.proposal["url"]) == ("moved", new)
    with database.transaction() as session:
        repairs.accept(session, service.get(session, source_id))
    assert poll(database, source_id).entries_total == 2


def test_what_is_gone_for_good_is_paused_if_accepted(database: Database, site: Site) -> None:
    source_id = add(database, intake.of_kind("feed", site.put("/rss", feed(1))))
    site.put("/rss", "gone", status=410)
    found = poll(database, source_id)
    assert found.proposal
    assert found.proposal["what"] == "gone"
    with database.transaction() as session:
        repairs.accept(session, service.get(session, source_id))
    assert source(database, source_id).state == "paused"


def test_no_two_sources_end_up_at_one_address(database: Database, site: Site) -> None:
    source_id = add(database, intake.of_kind("feed", site.put("/rss", feed(1))))
    new = site.put("/new", feed(1))
    add(database, intake.of_kind("feed", new))
    site.put("/rss", "", status=308, Location=new)
    poll(database, source_id)
    with pytest.raises(AddressTaken), database.transaction() as session:
        repairs.accept(session, service.get(session, source_id))
    assert source(database, source_id).proposal


def test_a_watched_page_that_changes_proposes_other_selectors(database: Database, site: Site) -> None:
    listed = things(*range(1, 7))
    (found,) = intake.identify(site.put("/", services.front_page(listed), Content_Type="text/html"))
    assert (found.kind, found.options["item"], len(found.entries)) == ("watch", "article.teaser", 6)
    source_id = add(database, found)
    site.put("/", services.front_page(listed).replace("teaser", "story").replace("h2", "h3"), Content_Type="text/html")
    ill = poll(database, source_id)
    assert ill.last_error
    assert "matches ‘article.teaser’ (any more)" in ill.last_error
    assert ill.proposal
    assert ill.proposal["options"]["item"] == "article.story"
    with database.transaction() as session:
        assert b"story" in service.kept_copy(session, source_id).body, "other selectors are tried on what it is now"
        repairs.accept(session, service.get(session, source_id))
    well = poll(database, source_id)
    assert (well.failure_streak, well.entries_total) == (0, 6)
    with database.read() as session:
        assert b"story" in service.kept_copy(session, source_id).body


def test_a_page_in_which_nothing_repeats_cannot_be_watched(database: Database, site: Site) -> None:
    with pytest.raises(NothingFound, match="nothing repeats"):
        intake.of_kind("watch", site.put("/x", "<p>Hello</p>"))


# ── lists ──


def test_all_of_it_goes_out_as_opml_and_comes_back(database: Database, site: Site, tmp_path: Path) -> None:
    wanted = Wanted(("Sea", "local news"), (DROP_2,), 7200, is_adaptive=False, enabled=False)
    add(database, replace(intake.of_kind("feed", site.put("/rss", feed(1))), wanted=wanted, language="de"))
    add(database, intake.of_kind("urls", options={"urls": ["https://a.example/1"]}))
    site.put("/api", json.dumps([{"title": "A", "url": "https://a.example/9"}]))
    add(database, intake.of_kind("json", f"{site.url}/api"))
    with database.read() as session:
        before = queries.outlines(session)
        assert len(before) == 3
    body = opml.write("List", before)
    assert opml.read(body).outlines == tuple(before)
    with database.transaction() as session:
        for each in queries.all_sources(session):
            service.remove(session, each.id)
    for found in intake.from_opml(body, "list.opml"):
        add(database, found, look=False)
    with database.read() as session:
        assert queries.outlines(session) == before


def test_a_line_of_an_unknown_kind_is_named() -> None:
    body = opml.write("x", [opml.Outline("https://a.example/", "Old", kind="gopher")])
    with pytest.raises(NothingFound, match=r"names no feed that can be added: ‘Old’: there is no source of kind"):
        intake.from_opml(body, "x.opml")


# ── collecting ──


def test_collecting_and_processing_is_one_result(database: Database, site: Site) -> None:
    source_id = add(database, intake.of_kind("feed", site.put("/rss", feed(1))))
    with database.transaction() as session:
        since = db.now(session)
    site.put("/rss", feed(1, 2, 3))
    poll(database, source_id)
    with database.read() as session:
        assert surveys.processed(session, [source_id], since) is None
    with database.transaction() as session:
        first, second = queries.entries_of(session, source_id)[:2]
        service.settle_entry(session, first.id, EntryState.FETCHED, article_id="a")
        service.settle_entry(session, second.id, EntryState.FAILED, error="gone")
    with database.read() as session:
        counted = surveys.processed(session, [source_id], since)
    assert counted == {"items_processed": 1, "items_failed": 1, "items_skipped": 0}
