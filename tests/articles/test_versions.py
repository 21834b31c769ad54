"""A page that changes gives its article a new version; a text that does not change gives none."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from stonehand import db
from stonehand.articles import queries, rereading, versions
from stonehand.articles.errors import PageNotFetchable, StateUnknown, VersionNotFound
from stonehand.articles.models import Article, ArticleVersion, StoredText
from stonehand.articles.rereading import Selection
from stonehand.db import Database
from stonehand.jobs.models import Job
from stonehand.jobs.testing import run_all
from stonehand.sources.errors import SourceNotFound
from tests.articles.conftest import AddEntry
from tests.articles.test_duplicates import HARBOUR
from tests.articles.test_tasks import all_articles, entry, html, states
from tests.sources.conftest import Site

LATER = HARBOUR.replace("Nobody was hurt", "Two people were hurt")


def refetched(database: Database, article_id: str) -> None:
    with database.transaction() as session:
        assert rereading.refetch(session, article_id)
    run_all(database)


@pytest.fixture
def article(database: Database, site: Site, add_entry: AddEntry) -> Article:
    add_entry(site.put("/a", html(HARBOUR)))
    run_all(database)
    return all_articles(database)[0]


def test_a_changed_page_makes_a_version(database: Database, site: Site, article: Article) -> None:
    before = db.utc_now()
    site.put("/a", html(LATER))
    refetched(database, article.id)
    with database.read() as session:
        newest, oldest = versions.listed(session, article.id)
        assert (newest.number, oldest.number, newest.until) == (2, 1, None)
        assert oldest.until == newest.since > oldest.since
        assert "Nobody was hurt" in versions.text(session, article.id, 1)
        assert "Two people were hurt" in versions.text(session, article.id, 2)
        then = versions.texts_as_of(session, [article.id], before)[article.id]
        now = versions.texts_as_of(session, [article.id], db.utc_now() + timedelta(seconds=5))[article.id]
        assert ("Nobody was hurt" in then.text, then.version, then.is_past) == (True, 1, True)
        assert ("Two people" in now.text, now.version, now.is_past) == (True, 2, False)
        assert versions.pair(session, article.id, None, None) == (1, 2)
        with pytest.raises(VersionNotFound, match="no version 7"):
            versions.text(session, article.id, 7)


def test_the_oldest_of_many_versions_is_found_by_its_time(database: Database, site: Site, article: Article) -> None:
    moments = []
    for hour in ("nine", "ten"):
        moments.append(db.utc_now())
        site.put("/a", html(HARBOUR.replace("Tuesday evening", f"Tuesday at {hour}")))
        refetched(database, article.id)
    with database.read() as session:
        found = [versions.texts_as_of(session, [article.id], moment)[article.id].version for moment in moments]
    assert found == [1, 2]


def test_another_page_with_the_same_text_makes_none(database: Database, site: Site, article: Article) -> None:
    site.put("/a", html(HARBOUR, "<title>Harbour closed</title><meta name='nonce' content='1'>"))
    refetched(database, article.id)
    assert states(database, "articles.extract") == ["completed", "completed"]
    (same,) = all_articles(database)
    assert (same.version, same.revised_at, same.page_id != article.page_id) == (1, None, True)
    with database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(ArticleVersion)) == 0


def test_the_same_page_is_not_read_again(database: Database, article: Article) -> None:
    refetched(database, article.id)
    assert states(database, "articles.extract") == ["completed"]
    assert article.entry_id
    assert entry(database, article.entry_id).state == "fetched"


def test_a_page_that_lost_its_text_takes_none_away(database: Database, site: Site, article: Article) -> None:
    site.put("/a", html("Please log in."))
    refetched(database, article.id)
    (kept,) = all_articles(database)
    assert (kept.state, kept.version) == ("extracted", 1)
    assert "no article text" in (kept.error or "")
    with database.read() as session:
        assert "Nobody was hurt" in queries.texts(session, [article.id])[article.id].text


def test_what_cannot_be_fetched_again_says_so(database: Database, article: Article) -> None:
    with database.transaction() as session:
        session.execute(sa.update(Article).values(entry_id=None))
    with database.transaction() as session, pytest.raises(PageNotFetchable, match="its entry or address is gone"):
        rereading.refetch(session, article.id)


def test_kept_pages_are_read_again_over_the_past(database: Database, site: Site, add_entry: AddEntry) -> None:
    for name in "abc":
        add_entry(site.put(f"/{name}", html(HARBOUR.replace("Velm", f"Velm {name}" * 9))))
    run_all(database)
    with database.transaction() as session:  # as an older reader would have left one of them
        one = all_articles(database)[0]
        session.execute(sa.update(StoredText).where(StoredText.article_id == one.id).values(text="An older reading."))
    with database.transaction() as session:
        assert rereading.count(session, Selection()) == 3
        rereading.ask(session, Selection())
    run_all(database)
    assert states(database, "articles.extract") == ["completed"] * 6
    assert [each.version for each in all_articles(database)] == [2, 1, 1]
    with database.read() as session:
        assert versions.text(session, one.id, 1) == "An older reading."


def test_many_are_asked_for_in_steps(
    database: Database, site: Site, add_entry: AddEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rereading, "STEP", 1)
    for name in "ab":
        add_entry(site.put(f"/{name}", html(HARBOUR.replace("Velm", name * 5))))
    run_all(database)
    with database.transaction() as session:
        rereading.ask(session, Selection(source_id="source", state="extracted", since=db.utc_now() - timedelta(days=1)))
    run_all(database)
    assert len(states(database, "articles.reprocess")) == 3
    assert states(database, "articles.extract") == ["completed"] * 4


def test_a_selection_that_cannot_be_is_refused(database: Database) -> None:
    with database.transaction() as session:
        with pytest.raises(SourceNotFound):
            rereading.ask(session, Selection(source_id="none"))
        with pytest.raises(StateUnknown, match="stored, extracted, unreadable"):
            rereading.ask(session, Selection(state="new"))
        assert session.scalar(sa.select(sa.func.count()).select_from(Job)) == 0


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_came_and_is_gone_is_a_fact_and_no_dead_letter(
    database: Database, site: Site, add_entry: AddEntry, status: int
) -> None:
    key = add_entry(site.put("/a", html(HARBOUR)))
    run_all(database)
    (article,) = all_articles(database)
    site.put("/a", "not here", status=status)
    refetched(database, article.id)
    (article,) = all_articles(database)
    assert article.missing_since, "who watches cited pages tells of it"
    assert states(database, "articles.fetch") == ["completed", "completed"]
    assert (entry(database, key).state, str(status) in (entry(database, key).error or "")) == ("fetched", True)
    site.put("/a", html(HARBOUR))
    refetched(database, article.id)
    assert (all_articles(database)[0].missing_since, entry(database, key).error) == (None, None)
