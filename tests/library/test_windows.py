"""Searches that look into one part of the library after the other find the same, in the same order."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from stonehand.articles import indexing
from stonehand.articles.models import BLOCK, Article, IndexEntry
from stonehand.db import Database
from stonehand.library import searching, windows
from stonehand.search import parsing
from tests.library.conftest import NOON, Shelve
from tests.library.test_searching import QUESTIONS, found, shelf

__all__ = ["shelf"]


@pytest.fixture(params=[1, 2, 3])
def small_parts(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "FIRST", request.param)
    monkeypatch.setattr(windows, "BLOCK", 1)


def test_parts_change_no_answer(either_database: Database, shelf: None, small_parts: None) -> None:
    for query, ids in QUESTIONS.items():
        for order in ("best", "newest"):
            assert "".join(sorted(found(either_database, query, order=order))) == ids, query


def test_the_newest_come_first_and_the_rest_is_cut(
    either_database: Database, shelve: Shelve, small_parts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "MOST", 5)
    ids = [shelve(f"Tide {each}", "gate" if each % 3 else "gate dredger", id=f"{each:02}") for each in range(20)]
    plain = [each for each in reversed(ids) if int(each) % 3]
    for query, wanted in {"gate": ids[::-1], "gate -dredger": plain, "-dredger": plain}.items():
        with either_database.read() as session:
            seen = searching.search(session, query, order="newest")
        assert (list(seen.ids), seen.is_cut) == (wanted[:5], True), query


def test_parts_cover_everything_once(either_database: Database, shelve: Shelve, small_parts: None) -> None:
    ids = [shelve(f"Tide {each}", "gate", id=f"{each:02}") for each in range(11)]
    with either_database.read() as session:
        parts = list(windows.of_articles(session))
        held = [session.scalars(sa.select(Article.id).where(*each.holds(Article.id))).all() for each in parts]
        places = list(windows.of_places(session))
        numbers = session.scalars(sa.select(IndexEntry.number)).all()
    assert sorted(each for some in held for each in some) == ids
    assert sorted(n for first, last in places for n in range(first, last + 1)) == list(range(max(numbers) + 1))


def test_parts_are_whole_blocks(either_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = iter([9 * BLOCK + 5, 0, None])
    with either_database.read() as session:
        monkeypatch.setattr(session, "scalar", lambda _: next(asked))
        places = list(windows.of_places(session))
        assert [list(windows.of_places(session)) for _ in range(2)] == [[], []]
    assert [(first % BLOCK, (last + 1) % BLOCK) for first, last in places] == [(0, 0)] * len(places)
    assert [last for _, last in places] == [10 * BLOCK - 1, *(first - 1 for first, _ in places[:-1])]
    assert places[-1][0] == 0


def test_words_are_found_in_blocks_and_across_them(either_database: Database, shelve: Shelve) -> None:
    old, new = shelve("Old", "gate", id="a"), shelve("New", "gate dredger", id="b")
    with either_database.transaction() as session:
        far = sa.update(IndexEntry).where(IndexEntry.article_id == new).values(number=20 * BLOCK + 3)
        session.execute(far)
        indexing.index(session, [indexing.fold(new, "New", "gate dredger")])  # SQLite's words follow it there
    assert found(either_database, "gate", order="newest") == [new, old]
    assert found(either_database, "gate lang:en") == found(either_database, "gate -dredger lang:fr") == []
    assert found(either_database, "gate -dredger") == [old]
    assert found(either_database, "-dredger") == [old]


def test_an_empty_library_has_one_empty_part(either_database: Database) -> None:
    with either_database.read() as session:
        assert [(each.after, each.places) for each in windows.of_articles(session)] == [(None, windows.NOWHERE)]
        assert list(windows.of_places(session)) == []
    assert found(either_database, "-bridge") == []


def test_articles_without_a_place_in_the_index_lack_every_word(
    either_database: Database, shelve: Shelve, small_parts: None
) -> None:
    one, other = shelve("Bridge", "closed", id="a"), shelve("Bridge", "open", id="b")
    with either_database.transaction() as session:
        indexing.unindex(session, [other])
    assert found(either_database, "-closed") == [other]
    assert found(either_database, "-open") == [other, one]


def test_when_and_where_are_known_beside_the_words(either_database: Database, shelve: Shelve) -> None:
    one = shelve("Bridge", "closed", published_at=NOON - timedelta(days=30))
    assert found(either_database, "bridge before:2026-05-01") == [one]
    with either_database.transaction() as session:
        session.execute(sa.update(Article).values(published_at=None))
        indexing.place(session, [one])
    assert found(either_database, "bridge before:2026-05-01") == []
    assert found(either_database, "bridge after:2026-05-01 site:harbour.example") == [one]


def test_the_language_that_was_recognised_goes_before_the_one_that_the_page_names(
    either_database: Database, shelve: Shelve
) -> None:
    one = shelve("Bridge", "closed", language_hint="EN-GB")
    assert found(either_database, "bridge lang:en") == [one]
    with either_database.transaction() as session:
        indexing.speak(session, {one: "de"})
    assert (found(either_database, "bridge lang:en"), found(either_database, "bridge lang:de")) == ([], [one])
    with either_database.transaction() as session:
        indexing.index(session, [indexing.fold(one, "Bridge", "closed again")])
    assert found(either_database, "again lang:de") == [one]


def test_the_site_and_the_source_are_known_beside_the_words(either_database: Database, shelve: Shelve) -> None:
    one = shelve("Bridge", "closed", site="Harbour Gazette")
    assert found(either_database, "bridge source:gazette") == found(either_database, "source:gazette") == [one]
    with either_database.transaction() as session:
        session.execute(sa.update(Article).values(site="Canal Post"))
        indexing.place(session, [one])
    assert (found(either_database, "bridge source:gazette"), found(either_database, "bridge source:canal")) == (
        [],
        [one],
    )


@pytest.mark.parametrize(
    ("query", "is_so"), [("-a", True), ("b -a", True), ("-(a OR lang:de)", True), ("a b", False), ("-lang:de", False)]
)
def test_unwanted_words_are_noticed(query: str, is_so: bool) -> None:
    assert windows.has_unwanted_words(parsing.parse(query)) is is_so
