"""Pages are fetched where the robots.txt of their site lets us, and the decision is kept with each."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from stonehand import db
from stonehand.articles.models import Article
from stonehand.articles.schemas import ArticleOut
from stonehand.db import Database
from stonehand.jobs.desk import explanation
from stonehand.jobs.models import Job
from stonehand.jobs.testing import run_all
from stonehand.limits import pacing
from stonehand.limits.models import HostSlot
from stonehand.sources import service as sources
from stonehand.sources.models import Source
from stonehand.sources.robots import overruling
from stonehand.sources.robots.models import Robots
from tests.articles.conftest import AddEntry
from tests.articles.test_duplicates import HARBOUR, OTHER_WORDS
from tests.articles.test_tasks import all_articles, entry, html, make_ready, states
from tests.sources.conftest import Site

PRIVATE = "User-agent: *\nDisallow: /private/\nAllow: /news/"


def jobs_of(database: Database) -> list[Job]:
    with database.read() as session:
        return list(session.scalars(sa.select(Job).where(Job.task == "articles.fetch").order_by(Job.id)))


def expire(database: Database, **values: object) -> None:
    with database.transaction() as session:
        session.execute(sa.update(Robots).values(expires_at=db.utc_now() - timedelta(1), **values))


def test_a_page_that_is_forbidden_is_not_fetched_and_everybody_is_told(
    database: Database, site: Site, add_entry: AddEntry
) -> None:
    site.put("/robots.txt", PRIVATE)
    refused = add_entry(site.put("/private/a", html(HARBOUR)))
    allowed = add_entry(site.put("/news/b", html(OTHER_WORDS)))
    run_all(database)
    assert site.asked == ["/robots.txt", "/news/b"]
    found = entry(database, refused)
    assert found.state == "skipped"
    assert "“Disallow: /private/” for everybody" in (found.error or "")
    assert "stonehand source robots ID --overrule" in (found.error or "")
    (article,) = all_articles(database)
    assert article.entry_id == allowed
    assert ArticleOut.model_validate(article).robots.rule == "Allow: /news/"  # type: ignore[union-attr]
    assert states(database, "articles.fetch") == ["completed", "completed"]  # a dead letter would ask for a deed
    with database.read() as session:
        why = [explanation.why_not_running(session, job) for job in jobs_of(database)]
    assert sum("does not let us fetch it" in sentence for sentence in why) == 1


def test_the_file_is_asked_for_once_a_day(database: Database, site: Site, add_entry: AddEntry) -> None:
    site.put("/robots.txt", PRIVATE)
    for path in ("/news/1", "/news/2"):
        add_entry(site.put(path, html(HARBOUR + path)))
        run_all(database)
    assert site.asked.count("/robots.txt") == 1
    with database.read() as session:
        (kept,) = session.scalars(sa.select(Robots)).all()
    assert kept.expires_at - kept.checked_at == timedelta(hours=24)
    expire(database)
    site.put("/robots.txt", "User-agent: *\nDisallow: /")
    last = add_entry(site.put("/news/3", html(OTHER_WORDS)))
    run_all(database)
    assert site.asked.count("/robots.txt") == 2
    assert entry(database, last).state == "skipped"


@pytest.mark.parametrize("status", [404, 401, 403, 410])
def test_without_a_file_everything_is_allowed(database: Database, site: Site, add_entry: AddEntry, status: int) -> None:
    site.put("/robots.txt", "User-agent: *\nDisallow: /", status=status)
    add_entry(site.put("/a", html(HARBOUR)))
    run_all(database)
    (article,) = all_articles(database)
    assert article.robots
    assert (article.robots["outcome"], article.robots["said"]) == ("absent", f"it answers {status}")


def test_a_page_inside_a_network_that_is_closed_is_given_up_at_once(database: Database, add_entry: AddEntry) -> None:
    key = add_entry("http://10.1.2.3/a")
    run_all(database, rounds=1)
    found = entry(database, key)
    assert (found.state, states(database, "articles.fetch")) == ("failed", ["discarded"])
    assert "10.1.2.3 is inside a private or reserved network" in (found.error or "")
    with database.read() as session:
        assert session.scalars(sa.select(Robots)).all() == []  # nobody has said that the site does not answer


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_file_that_cannot_be_had_puts_the_pages_off(
    database: Database, site: Site, add_entry: AddEntry, status: int
) -> None:
    site.put("/robots.txt", "", status=status)
    key = add_entry(site.put("/a", html(HARBOUR)))
    run_all(database, rounds=1)
    assert site.asked == ["/robots.txt"]
    assert (entry(database, key).state, states(database, "articles.fetch")) == ("new", ["retryable"])
    assert "cannot be had" in (entry(database, key).error or "")
    (job,) = jobs_of(database)
    assert job.run_at - db.utc_now() > timedelta(minutes=9)
    make_ready(database)
    run_all(database, rounds=1)
    assert site.asked == ["/robots.txt"]  # not before its time
    expire(database)
    site.put("/robots.txt", "")
    make_ready(database)
    run_all(database)
    assert entry(database, key).state == "fetched"


def test_what_a_file_said_counts_on_while_it_cannot_be_had(database: Database, site: Site, add_entry: AddEntry) -> None:
    site.put("/robots.txt", PRIVATE)
    add_entry(site.put("/news/1", html(HARBOUR)))
    run_all(database)
    expire(database)
    site.put("/robots.txt", "", status=503)
    keys = add_entry(site.put("/news/2", html(OTHER_WORDS))), add_entry(site.put("/private/2", html(OTHER_WORDS)))
    run_all(database)
    assert [entry(database, key).state for key in keys] == ["fetched", "skipped"]


def test_after_a_month_without_an_answer_there_is_none(database: Database, site: Site, add_entry: AddEntry) -> None:
    site.put("/robots.txt", "", status=500)
    key = add_entry(site.put("/a", html(HARBOUR)))
    run_all(database, rounds=1)
    expire(database, failing_since=db.utc_now() - timedelta(days=31))
    make_ready(database)
    run_all(database)
    assert entry(database, key).state == "fetched"


def test_what_the_feed_carried_serves_where_the_page_is_forbidden(
    database: Database, site: Site, add_entry: AddEntry
) -> None:
    site.put("/robots.txt", PRIVATE)
    add_entry(site.put("/private/a", html(OTHER_WORDS)), content_html=f"<p>{HARBOUR}</p>")
    run_all(database)
    (article,) = all_articles(database)
    assert site.asked == ["/robots.txt"]
    assert article.state == "extracted"
    assert article.robots
    assert article.robots["outcome"] == "disallowed"


def test_a_page_that_we_are_sent_on_to_needs_leave_too(database: Database, site: Site, add_entry: AddEntry) -> None:
    site.put("/robots.txt", PRIVATE)
    site.put("/private/a", html(HARBOUR))
    key = add_entry(site.put("/short", "", status=302, Location="/private/a"))
    run_all(database)
    assert all_articles(database) == []
    assert "does not let us fetch it" in (entry(database, key).error or "")


def test_an_administrator_can_overrule_with_a_reason(database: Database, site: Site, add_entry: AddEntry) -> None:
    site.put("/robots.txt", PRIVATE)
    key = add_entry(site.put("/private/a", html(HARBOUR)))
    run_all(database)
    assert entry(database, key).state == "skipped"
    with database.transaction() as session:
        source = sources.get(session, "source")
        with pytest.raises(Exception, match="say why"):
            overruling.overrule(session, source, "  ", "Mira")
        assert overruling.overrule(session, source, "the owner agreed", "Mira") == 1
    run_all(database)
    assert entry(database, key).state == "fetched"
    (article,) = all_articles(database)
    said = ArticleOut.model_validate(article).robots
    assert said
    assert said.outcome == "overruled"
    assert "Mira wants it nevertheless: the owner agreed" in said.sentence
    with database.transaction() as session:
        assert overruling.heed(session.get_one(Source, "source"))
    later = add_entry(site.put("/private/b", html(OTHER_WORDS)))
    run_all(database)
    assert entry(database, later).state == "skipped"


def test_the_delay_that_a_site_asks_for_is_its_pace(
    database: Database, site: Site, add_entry: AddEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pacing, "is_paced", lambda _host: True)
    site.put("/robots.txt", "User-agent: *\nCrawl-delay: 20")
    for number in range(3):
        add_entry(site.put(f"/{number}", html(HARBOUR + f" {number}")))
    run_all(database, rounds=1)
    host = pacing.host_of(site.url)
    with database.read() as session:
        assert session.get_one(HostSlot, host).delay == 20
        assert pacing.intervals(session, [host], 1.0) == {host: 20.0}
        waits = sorted((job.run_at - db.utc_now()).total_seconds() for job in jobs_of(database) if not job.finished_at)
    assert len(waits) == 2
    assert waits[-1] - waits[0] == pytest.approx(20, abs=1)
    expire(database)
    site.put("/robots.txt", "User-agent: *\nAllow: /")
    make_ready(database)
    with database.transaction() as session:
        session.execute(sa.update(HostSlot).values(next_at=0.0))
    run_all(database, rounds=1)
    with database.read() as session:
        assert pacing.intervals(session, [host], 1.0) == {host: 1.0}


def test_two_sites_are_two_files(database: Database, site: Site, add_entry: AddEntry) -> None:
    site.put("/robots.txt", "User-agent: *\nDisallow: /")
    other = site.url.replace("127.0.0.1", "localhost")
    site.put("/a", html(HARBOUR))
    add_entry(f"{site.url}/a")
    add_entry(f"{other}/a")
    run_all(database)
    assert site.asked == ["/robots.txt", "/robots.txt"]
    with database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Robots)) == 2
        assert session.scalar(sa.select(sa.func.count()).select_from(Article)) == 0
