"""From an entry to a readable article, by real jobs and a real server."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from stonehand import db
from stonehand.articles import queries
from stonehand.articles.models import Article, Band, IndexEntry, Page
from stonehand.db import Database
from stonehand.jobs import retries, service
from stonehand.jobs.clock import sweeper
from stonehand.jobs.desk import explanation
from stonehand.jobs.models import Job
from stonehand.jobs.testing import run_all
from stonehand.limits import names, pacing
from stonehand.sources.models import Entry
from tests.articles.conftest import AddEntry
from tests.articles.test_duplicates import HARBOUR, OTHER_WORDS
from tests.sources.conftest import Site

NIGHT = datetime(2026, 3, 2, 21, 5, tzinfo=UTC)


def html(text: str, head: str = "<title>Harbour closed</title>") -> str:
    paragraphs = "".join(f"<p>{line}</p>" for line in text.strip().split("\n"))
    return f"<!doctype html><html lang='en'><head>{head}</head><body><article>{paragraphs}</article></body></html>"


def all_articles(database: Database) -> Sequence[Article]:
    with database.read() as session:
        return session.scalars(sa.select(Article).order_by(Article.id)).all()


def entry(database: Database, entry_id: str) -> Entry:
    with database.read() as session:
        found = session.get(Entry, entry_id)
        assert found is not None
        return found


def states(database: Database, task: str) -> list[str]:
    with database.read() as session:
        return sorted(session.scalars(sa.select(Job.state).where(Job.task == task)))


def test_an_entry_becomes_an_article(database: Database, site: Site, add_entry: AddEntry) -> None:
    key = add_entry(site.put("/a", html(HARBOUR), Content_Type="text/html"), author="Ada Quill", published_at=NIGHT)
    run_all(database)
    (article,) = all_articles(database)
    assert (article.state, article.title, article.author) == ("extracted", "Harbour closed", "Ada Quill")
    assert (article.published_at, article.language_hint, article.error) == (NIGHT, "en", None)
    assert (entry(database, key).state, entry(database, key).article_id) == ("fetched", article.id)
    with database.read() as session:
        text = queries.texts(session, [article.id, "unknown"])[article.id]
        assert "Nobody was hurt" in text.text
        assert (text.source_id, text.outlet) == ("source", "127.0.0.1")
        assert queries.kept_page(session, article.id).body == html(HARBOUR).encode()


def test_one_page_under_two_addresses_is_one_article(database: Database, site: Site, add_entry: AddEntry) -> None:
    for spelling in ("/a", "/a?utm_source=short", "/a?utm_source=feed&utm_medium=rss"):
        site.put(spelling, html(HARBOUR))
    site.put("/short", "", status=301, Location="/a?utm_source=short")
    first = add_entry(site.url + "/a")
    run_all(database)
    others = [add_entry(site.url + "/a?utm_source=feed&utm_medium=rss"), add_entry(site.url + "/short")]
    run_all(database)
    (article,) = all_articles(database)
    assert entry(database, first).state == "fetched"
    for other in others:
        found = entry(database, other)
        assert (found.state, found.article_id) == ("skipped", article.id)
        assert found.error
    assert states(database, "articles.extract") == ["completed"]


def test_pages_that_come_together_are_kept_once_and_articles_by_address(
    database: Database, site: Site, add_entry: AddEntry
) -> None:
    """All of one batch: two ways to one address, the same bytes at another, and one whose address is not yet known."""
    for path, words in (("/a", HARBOUR), ("/a?utm_source=x", HARBOUR), ("/b", HARBOUR), ("/c", OTHER_WORDS)):
        site.put(path, html(words))
    keys = [add_entry(site.url + path) for path in ("/a", "/b", "/c")]
    site.put("/short", "", status=301, Location="/a?utm_source=x")
    keys.append(add_entry(site.url + "/short"))
    run_all(database)
    found = [entry(database, key) for key in keys]
    assert sorted(each.state for each in found) == ["fetched", "fetched", "fetched", "skipped"]
    ids = [each.article_id for each in found]
    assert ids[0] == ids[3]
    assert len(set(ids)) == 3
    by_id = {each.id: each for each in all_articles(database)}
    assert [by_id[each or ""].url.rpartition("/")[2] for each in ids[1:3]] == ["b", "c"]
    assert by_id[ids[0] or ""].page_id == by_id[ids[1] or ""].page_id
    assert by_id[ids[2] or ""].host == "127.0.0.1"
    with database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Page)) == 2


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_is_not_there_is_an_answer_and_no_dead_letter(
    database: Database, site: Site, add_entry: AddEntry, status: int
) -> None:
    good = add_entry(site.put("/a", html(HARBOUR)))
    bad = add_entry(site.put("/nothing", "not here", status=status))
    run_all(database)
    assert entry(database, good).state == "fetched"
    assert entry(database, bad).state == "failed"
    assert str(status) in (entry(database, bad).error or "")
    assert states(database, "articles.fetch") == ["completed", "completed"]
    with database.read() as session:
        (job,) = session.scalars(sa.select(Job).where(Job.unique_key.contains(bad)))
        assert str(status) in (job.result or {})["missing"]
        assert str(status) in explanation.why_not_running(session, job)


def test_a_page_that_a_site_refuses_is_a_dead_letter(database: Database, site: Site, add_entry: AddEntry) -> None:
    bad = add_entry(site.put("/a", "who are you?", status=403))
    run_all(database)
    assert (entry(database, bad).state, states(database, "articles.fetch")) == ("failed", ["discarded"])


def test_a_busy_server_is_tried_again(database: Database, site: Site, add_entry: AddEntry) -> None:
    key = add_entry(site.put("/a", "down", status=503), content_html=f"<p>{HARBOUR}</p>")
    run_all(database, rounds=1)
    assert states(database, "articles.fetch") == ["retryable"]
    assert entry(database, key).state == "new"
    assert "503" in (entry(database, key).error or "")
    site.put("/a", html(HARBOUR))
    make_ready(database)
    run_all(database)
    assert (entry(database, key).state, entry(database, key).error) == ("fetched", None)


def test_a_site_that_is_down_costs_its_entries_no_try_and_nothing_is_said_to_have_failed(
    database: Database, site: Site, add_entry: AddEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "backoff", lambda _failures, _draw: 600.0)
    for number in range(5):
        add_entry(site.put(f"/down/{number}", "down", status=500))
    run_all(database, rounds=1)
    key = add_entry(site.put("/later", html(HARBOUR)), content_html=f"<p>{OTHER_WORDS}</p>")
    asked = len(site.asked)
    run_all(database, rounds=1)
    assert len(site.asked) == asked
    with database.read() as session:
        job = session.scalars(sa.select(Job).where(Job.state == "scheduled")).one()
    assert (job.attempts, job.gate) == (0, names.host(site.url))
    assert "does not answer (5 failures in a row" in (job.message or "")
    assert (entry(database, key).state, entry(database, key).error) == ("new", None)
    with database.transaction() as session:
        service.resume(session, names.host(site.url))
    sweeper.sweep(database)
    run_all(database)
    assert entry(database, key).state == "fetched"


def make_ready(database: Database, **values: object) -> None:
    with database.transaction() as session:
        session.execute(sa.update(Job).values(state="available", run_at=db.utc_now(), **values))


def test_what_the_feed_carried_serves_when_the_page_never_comes(
    database: Database, site: Site, add_entry: AddEntry
) -> None:
    add_entry(site.put("/down", "down", status=500), content_html=f"<p>{HARBOUR}</p>")
    gone = add_entry(site.url + "/gone", content_html=f"<p>{OTHER_WORDS}</p>", title="Ships queue")
    run_all(database, rounds=1)
    make_ready(database, attempts=Job.max_retries)
    run_all(database)
    articles = {article.url: article for article in all_articles(database)}
    assert {url.rpartition("/")[2] for url in articles} == {"down", "gone"}
    assert articles[site.url + "/gone"].title == "Ships queue"
    assert entry(database, gone).state == "fetched"


def test_an_entry_without_address_is_its_own_page(database: Database, add_entry: AddEntry) -> None:
    add_entry(None, content_html=f"<p>{HARBOUR}</p>", title="From a newsletter")
    run_all(database)
    (article,) = all_articles(database)
    assert (article.state, article.title, article.url) == ("extracted", "From a newsletter", "https://velm.example/")
    with database.read() as session:
        assert queries.outlets(session, [article.id]) == {article.id: "Velm Post"}


def test_a_page_that_became_the_front_page_is_gone(database: Database, site: Site, add_entry: AddEntry) -> None:
    site.put("/", html(HARBOUR))
    key = add_entry(site.put("/old", "", status=302, Location="/"))
    run_all(database)
    assert all_articles(database) == []
    assert "front page" in (entry(database, key).error or "")


def test_an_unreadable_page_keeps_its_reason_and_its_job_is_done(
    database: Database, site: Site, add_entry: AddEntry
) -> None:
    add_entry(site.put("/pdf", b"%PDF-1.7 not a page"))
    add_entry(site.put("/empty", ""))
    add_entry(site.put("/good", html(HARBOUR)))
    run_all(database)
    by_path = {article.url.rpartition("/")[2]: article for article in all_articles(database)}
    assert {path: article.state for path, article in by_path.items()} == {
        "pdf": "unreadable",
        "empty": "unreadable",
        "good": "extracted",
    }
    assert "PDF" in (by_path["pdf"].error or "")
    assert "empty" in (by_path["empty"].error or "")
    assert set(states(database, "articles.extract")) == {"completed"}


COPY = "Chaos at the port: what we know so far\n" + HARBOUR


@pytest.mark.parametrize("together", [True, False])
def test_copies_name_their_original(database: Database, site: Site, add_entry: AddEntry, together: bool) -> None:
    for path, text in (("/1", HARBOUR), ("/2", HARBOUR.upper()), ("/3", COPY), ("/4", OTHER_WORDS)):
        add_entry(site.put(path, html(text)))
        if not together:
            run_all(database)
    run_all(database)
    found = {article.url[-1]: article for article in all_articles(database)}
    originals = [article for article in found.values() if article.duplicate_of is None]
    assert len(originals) == 2
    assert found["4"] in originals
    (first,) = (article for article in originals if article is not found["4"])
    copies = {article.url[-1]: article for article in found.values() if article.duplicate_of}
    assert {article.duplicate_of for article in copies.values()} == {first.id}
    kinds = {article.url[-1]: (article.duplicate_evidence or {})["kind"] for article in copies.values()}
    assert set(kinds.values()) == {"near", "exact_text"} or first.url[-1] == "3"
    if not together:
        assert kinds == {"2": "exact_text", "3": "near"}
        assert first.url[-1] == "1"
    with database.read() as session:
        assert {copy.id for copy in queries.copies_of(session, first.id)} == {copy.id for copy in copies.values()}
        its = sa.select(IndexEntry.article_id).join(Band, Band.number == IndexEntry.number)
        assert set(session.scalars(its)) == {article.id for article in originals}
        totals = queries.totals(session)
        assert (totals.articles, totals.originals, totals.duplicates, totals.unreadable) == (4, 2, 2, 0)


def test_a_declared_address_makes_a_copy_only_if_the_text_agrees(
    database: Database, site: Site, add_entry: AddEntry
) -> None:
    canonical = f"<title>x</title><link rel=canonical href='{site.url}/1'>"
    add_entry(site.put("/1", html(HARBOUR)))
    run_all(database)
    add_entry(site.put("/print/1", html(COPY, canonical)))
    add_entry(site.put("/2", html(OTHER_WORDS, canonical)))
    run_all(database)
    evidence = {article.url.removeprefix(site.url): article.duplicate_evidence for article in all_articles(database)}
    assert evidence["/2"] is None
    assert evidence["/print/1"] is not None
    assert evidence["/print/1"]["kind"] == "exact_url"


def test_reading_again_changes_nothing(database: Database, site: Site, add_entry: AddEntry) -> None:
    add_entry(site.put("/1", html(HARBOUR)))
    run_all(database)
    add_entry(site.put("/2", html(COPY)))
    run_all(database)
    before = [(article.id, article.duplicate_of, article.text_hash) for article in all_articles(database)]
    make_ready(database)
    run_all(database)
    assert [(article.id, article.duplicate_of, article.text_hash) for article in all_articles(database)] == before
    with database.read() as session:
        assert len(session.scalars(sa.select(Page)).all()) == 2


def test_hosts_are_paced_and_what_must_wait_is_put_off(
    database: Database, site: Site, add_entry: AddEntry, monkeypatch: pytest.MonkeyPatch, data_dir: Path
) -> None:
    monkeypatch.setattr(pacing, "is_paced", lambda _host: True)
    for number in range(6):
        add_entry(site.put(f"/{number}", html(HARBOUR + f" Number {number}.")))
    run_all(database, rounds=1)
    asked = [path for path in site.asked if path != "/robots.txt"]
    assert site.asked[0] == "/robots.txt"
    assert 1 <= len(asked) <= 3
    put_off = states(database, "articles.fetch").count("scheduled")
    assert put_off == 6 - len(asked)
    with database.read() as session:
        messages = session.scalars(sa.select(Job.message).where(Job.state == "scheduled")).all()
    assert all("turn at the host" in (message or "") for message in messages)
