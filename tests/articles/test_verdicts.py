"""What people say of copies is obeyed by every later reading."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from stonehand import jobs
from stonehand.articles import queries, rereading, verdicts
from stonehand.articles.errors import AlreadyACopy, NotACopy, WithoutText
from stonehand.articles.events import ArticleExtracted
from stonehand.articles.models import Article, Band, IndexEntry, StoredText
from stonehand.articles.rereading import Selection
from stonehand.db import Database
from stonehand.jobs.testing import run_all
from tests.articles.conftest import AddEntry
from tests.articles.test_duplicates import HARBOUR, OTHER_WORDS
from tests.articles.test_tasks import all_articles, html
from tests.sources.conftest import Site

NEAR = "Chaos at the port: what we know so far\n" + HARBOUR.rsplit(" The crane", 1)[0]


@pytest.fixture
def pair(either_database: Database, site: Site, add_entry: AddEntry) -> list[str]:
    """An original and its copy."""
    for name, text in (("a", HARBOUR), ("b", NEAR)):
        add_entry(site.put(f"/{name}", html(text)))
        run_all(either_database)
    original, copy = all_articles(either_database)
    assert copy.duplicate_of == original.id
    return [original.id, copy.id]


def read_again(database: Database) -> dict[str, str | None]:
    """All pages, and what each is a copy of then."""
    with database.transaction() as session:
        rereading.ask(session, Selection())
    run_all(database)
    return {article.id: article.duplicate_of for article in all_articles(database)}


def test_a_split_is_remembered(either_database: Database, pair: list[str]) -> None:
    original, copy = pair
    with either_database.transaction() as session:
        assert verdicts.split(session, copy, "Ada") == original
    run_all(either_database)
    assert read_again(either_database) == {original: None, copy: None}
    with either_database.read() as session:
        its = sa.select(sa.func.count(Band.value)).join(IndexEntry).where(IndexEntry.article_id == copy)
        assert session.scalar(its) == 42
        (said,) = verdicts.of(session, [copy])
        assert (said.original_id, said.said_by) == (None, "Ada")
        assert [one.id for one, _ in verdicts.similar(session, copy)] == [original]


def test_without_a_verdict_reading_again_finds_the_copy_again(either_database: Database, pair: list[str]) -> None:
    original, copy = pair
    with either_database.transaction() as session:
        session.execute(sa.update(Article).values(duplicate_of=None))
    assert read_again(either_database)[copy] == original


def test_a_merge_is_remembered_whatever_the_texts_say(
    either_database: Database, site: Site, add_entry: AddEntry, pair: list[str]
) -> None:
    original, copy = pair
    add_entry(site.put("/c", html(OTHER_WORDS)))
    run_all(either_database)
    other = all_articles(either_database)[-1].id
    with either_database.transaction() as session:
        assert verdicts.merge(session, original, other, "Ada") == other
    run_all(either_database)
    expected = {original: other, copy: other, other: None}
    assert {article.id: article.duplicate_of for article in all_articles(either_database)} == expected
    assert read_again(either_database) == expected
    with either_database.read() as session:
        evidence = queries.article(session, original).duplicate_evidence
        assert evidence is not None
        assert (evidence["kind"], evidence["same_text"]) == ("person", False)
        assert evidence["containment"] < 0.6


def test_the_last_word_counts(either_database: Database, pair: list[str]) -> None:
    original, copy = pair
    for _ in range(2):
        with either_database.transaction() as session:
            verdicts.split(session, copy, "Ada")
        with either_database.transaction() as session:
            verdicts.merge(session, copy, original, "Ben")
    assert read_again(either_database) == {original: None, copy: original}
    with either_database.read() as session:
        (said,) = verdicts.of(session, [copy])
        assert said.said_by == "Ben"


def test_what_cannot_be_said_is_refused(either_database: Database, pair: list[str]) -> None:
    original, copy = pair
    with either_database.transaction() as session:
        with pytest.raises(NotACopy):
            verdicts.split(session, original, "Ada")
        for one, other in ((copy, original), (original, copy), (original, original)):
            with pytest.raises(AlreadyACopy):
                verdicts.merge(session, one, other, "Ada")
        verdicts.split(session, copy, "Ada")
        session.execute(sa.delete(StoredText).where(StoredText.article_id == copy))
        with pytest.raises(WithoutText, match="read its page first"):
            verdicts.merge(session, copy, original, "Ada")


def test_those_who_come_later_are_told(either_database: Database, pair: list[str]) -> None:
    told: list[object] = []
    with pytest.MonkeyPatch.context() as patch, either_database.transaction() as session:
        patch.setattr(jobs, "announce", lambda _, event: told.append(event))
        patch.setattr(jobs, "announce_many", lambda _, events: told.extend(events))
        verdicts.split(session, pair[1], "Ada")
        verdicts.merge(session, pair[1], pair[0], "Ada")
    assert told == [ArticleExtracted(pair[1]), ArticleExtracted(pair[1])]
