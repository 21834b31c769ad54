"""Searches, on both databases and in memory: the same answers everywhere."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from stonehand import db
from stonehand.analysis.models import Analysis, ArticleTopic, Description
from stonehand.articles import indexing, queries
from stonehand.articles.errors import ArticleNotFound
from stonehand.articles.models import Article
from stonehand.db import Database
from stonehand.library import filling, searching
from stonehand.library.errors import NothingLikeIt
from stonehand.nlp import vectors
from stonehand.search import matching, parsing
from stonehand.search.errors import NotAboutOneArticle
from stonehand.search.matching import Subject
from tests.library.conftest import NOON, Shelve, put, source

SHELF: list[dict[str, Any]] = [
    {"id": "a", "title": "Stone bridge closes", "text": "The harbour bridge has cracks, engineers say."},
    {"id": "b", "title": "Ferry to replace it", "text": "A ferry runs while the bridges are closed.", "site": "Bote"},
    {"id": "c", "title": "Brücke gesperrt", "text": "Die Straße über die Brücke ist zu.", "language_hint": "de-AT"},
    {"id": "d", "title": "東京の橋", "text": "東京で橋が閉鎖された。", "author": "Änne Öhler", "is_sample": True},
    {"id": "e", "title": "Old", "text": "Bridge of stone, not stone bridge.", "url": "http://harbour.example/e"},
    {"id": "f", "title": "Copy", "text": "Nothing of note. covid-19 cases", "duplicate_of": "a"},
    {"id": "g", "title": "Elsewhere", "text": "", "url": "https://notharbour.example/?u=harbour.example"},
]
QUESTIONS = {
    "": "abcdefg",
    "bridge": "abe",
    "bridges -ferry": "ae",
    "-bridge": "cdfg",
    "-bridge -ferry": "cdfg",
    "ferry OR brucke": "bc",
    "ferry OR -bridge": "bcdfg",
    '"stone bridge"': "ae",
    '"bridge closes"': "a",
    '"closes the"': "",
    "title:bridge": "a",
    'title:"stone bridge" OR title:ferry': "ab",
    "title:harbour": "",
    "brü*": "c",
    "strasse": "c",
    "橋": "d",
    "東京": "d",
    "京東": "",
    "covid-19": "f",
    '"19 covid"': "",
    "lang:de": "c",
    "-lang:de bridge": "abe",
    "author:öhler": "d",
    "author:ÄNNE": "d",
    "-author:öhler": "abcefg",
    "is:copy": "f",
    "is:sample OR is:copy": "df",
    "site:harbour.example": "abcdef",
    "site:news.harbour.example bridge": "ab",
    "source:bote": "b",
    "after:2026-05-17": "abcdefg",
    "before:2026-05-17": "",
    "before:2026-06 bridge": "abe",
    "bridge (ferry OR cracks)": "ab",
    "(bridge lang:de) OR ferry": "b",
    "bridge -(ferry OR is:copy)": "ae",
    "-(-bridge)": "abe",
    "bridge -(-ferry)": "b",
    "(ferry OR -bridge) stone": "",
    "NOT (bridge OR ferry)": "cdfg",
    "tag:x": "",
    "category:sports": "ab",
    'category:"World News" OR tone:negative': "ac",
    "topic:football bridge": "a",
    "-topic:football tone:neutral": "b",
    "category:other": "",
}
TOLD = {
    "a": ("Sports", ["football"], "negative"),
    "b": ("Sports", [], "neutral"),
    "c": ("World News", ["war and conflict"], "positive"),
}


@pytest.fixture
def shelf(either_database: Database, shelve: Shelve) -> None:
    for facts in SHELF:
        shelve(**facts)
    rest: dict[str, Any] = {
        "category_score": 1.0,
        "categories": [],
        "topics": [],
        "entities": [],
        "entity_density": 0.0,
    }
    rest |= {"sentiment": {}, "readability": {}, "quality": {}, "summary": [], "created_at": NOON}
    with either_database.transaction() as session:
        for id_, (category, topics, tone) in TOLD.items():
            session.add(Description(article_id=id_, category=category, tone=tone, **rest))
            session.add_all(ArticleTopic(article_id=id_, name=name, score=1.0) for name in topics)


def subject(facts: dict[str, Any]) -> Subject:
    states = [name for name, key in (("copy", "duplicate_of"), ("sample", "is_sample")) if facts.get(key)]
    category, topics, tone = TOLD.get(facts["id"], ("", [], ""))
    return Subject(
        title=facts["title"],
        text=facts["text"],
        url=facts.get("url", "https://news.harbour.example/x"),
        seen_at=NOON,
        site=facts.get("site", ""),
        author=facts.get("author", ""),
        language=facts.get("language_hint", ""),
        states=states,
        category=category,
        topics=topics,
        tone=tone,
    )


def found(database: Database, query: str, **more: Any) -> list[str]:
    with database.read() as session:
        return list(searching.search(session, query, **more).ids)


def test_the_database_finds_what_is_asked_for(either_database: Database, shelf: None) -> None:
    for query, ids in QUESTIONS.items():
        for order in ("best", "newest"):
            assert "".join(sorted(found(either_database, query, order=order))) == ids, query


def test_one_article_in_memory_fits_the_same_searches() -> None:
    for query, ids in QUESTIONS.items():
        node = parsing.parse(query)
        assert "".join(one["id"] for one in SHELF if matching.matches(node, subject(one), NOON)) == ids, query
    with pytest.raises(NotAboutOneArticle, match="like:"):
        matching.matches(parsing.parse("like:a"), subject(SHELF[0]), NOON)


def test_a_source_is_known_by_its_name_its_id_and_its_kind(either_database: Database, shelve: Shelve) -> None:
    home = source(either_database, "ÜBER die Elbe")
    mine = shelve("One", "text", source_id=home)
    shelve("Two", "text", source_id=source(either_database, "Other", kind="sitemap"))
    for query in ("source:über", f"source:{home}", "kind:feed", 'text source:"die elbe"', "text kind:feed"):
        assert found(either_database, query) == [mine], query


def test_the_index_follows_the_article(either_database: Database, shelve: Shelve) -> None:
    one = shelve("Bridge", "closed")
    with either_database.transaction() as session:
        indexing.index(session, [indexing.fold(one, "Ferry", "runs")])
    assert found(either_database, "bridge OR closed") == []
    assert found(either_database, "ferry runs") == [one]
    with either_database.transaction() as session:
        session.execute(sa.delete(Article))
    assert found(either_database, "ferry") == []
    with either_database.read() as session:
        table = "article_words" if db.dialect(session) == "sqlite" else "article_index"
        assert session.scalar(sa.text(f"SELECT count(*) FROM {table}")) == 0


def test_what_is_missing_is_indexed_later(either_database: Database, shelve: Shelve) -> None:
    one = shelve("Bridge", "closed")
    with either_database.transaction() as session:
        indexing.unindex(session, [one])
        lost = indexing.missing(session, 10)
        indexing.refill(session, lost, [indexing.fold(key, *texts) for key, texts in lost.items()])
    assert found(either_database, "bridge") == [one]
    with either_database.transaction() as session:
        assert indexing.missing(session, 10) == {}
        indexing.outdate(session)
        assert list(indexing.missing(session, 10)) == [one]


def test_very_long_texts_can_be_indexed(either_database: Database, shelve: Shelve) -> None:
    one = shelve("Long", " ".join(f"word{number % 9000}" for number in range(30_000)) + " the end")
    assert found(either_database, '"word15 word16"') == [one]
    assert found(either_database, "a" * 100) == []


def test_a_title_counts_more_than_a_text(either_database: Database, shelve: Shelve) -> None:
    filler = "The council met and spoke about many other things on that long evening. " * 5
    title = shelve("Bridge closed", filler)
    text = shelve("Council", f"{filler} bridge")
    assert found(either_database, "bridge") == [title, text]
    assert found(either_database, "bridge", order="newest") == [text, title]


def analysed(database: Database, article_id: str, *direction: float, model: str = "m") -> None:
    row = vectors.unit(np.array([*direction, *[0.0] * (384 - len(direction))]))
    facts = {"language": "en", "language_confidence": 1.0, "key_phrases": [], "word_count": 1, "reading_minutes": 1}
    with database.transaction() as session:
        moments = {"created_at": NOON, "updated_at": NOON}
        session.add(Analysis(article_id=article_id, vector=vectors.pack(row), vector_model=model, **facts, **moments))


def test_like_finds_what_means_the_same(either_database: Database, shelve: Shelve) -> None:
    one, near, far, other = (shelve(title, "text") for title in ("One", "Near", "Far", "Other model"))
    nearer = shelve("Nearer", "bridge")
    analysed(either_database, one, 1.0)
    analysed(either_database, near, 1.0, 0.8)
    analysed(either_database, nearer, 1.0, 0.1)
    analysed(either_database, far, 0.0, 1.0)
    analysed(either_database, other, 1.0, model="n")
    assert found(either_database, f"like:{one}") == [nearer, near]
    assert found(either_database, f"like:{one} text") == [near]
    assert set(found(either_database, f"-like:{one} text -title:one")) == {other, far}


def test_like_says_what_it_cannot_compare(either_database: Database, shelve: Shelve) -> None:
    one = shelve("One", "text")
    with either_database.read() as session:
        with pytest.raises(NothingLikeIt, match="not analysed yet"):
            searching.search(session, f"like:{one}")
        with pytest.raises(ArticleNotFound):
            searching.search(session, "like:nothing")


def test_meaning_lifts_what_words_alone_rank_low(either_database: Database, shelve: Shelve) -> None:
    filler = "They met and spoke about many other things on that evening. "
    leaders = [shelve("Bridge bridge", "bridge " * 9) for _ in range(5)]
    stranger, related, late = (shelve(str(at), f"bridge {filler * 3 * at}") for at in (1, 2, 3))
    for each in leaders:
        analysed(either_database, each, 1.0)
    assert found(either_database, "bridge")[5:] == [stranger, related, late]
    for each, direction in ((stranger, (0.0, 1.0)), (related, (1.0, 0.1)), (late, (0.2, 1.0))):
        analysed(either_database, each, *direction)
    assert found(either_database, "bridge")[5:] == [related, stranger, late]


def test_old_texts_are_found_after_they_were_compressed(either_database: Database, shelve: Shelve) -> None:
    from stonehand.articles import archiving, forgetting

    one = shelve("Bridge", "cracks in the harbour")
    with either_database.transaction() as session:
        assert forgetting.archive(session, {one: archiving.pack("cracks in the harbour")}, sa.false()) == 1
    assert found(either_database, "cracks is:archived") == [one]
    with either_database.read() as session:
        assert queries.texts(session, [one])[one].text == "cracks in the harbour"


def test_more_matches_than_are_ranked_are_told(
    either_database: Database, shelve: Shelve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "MOST", 2)
    ids = [put(either_database, "Bridge", "text") for _ in range(3)]
    with either_database.read() as session:
        seen = searching.search(session, "bridge", order="newest")
        assert (list(seen.ids), seen.is_cut) == ([ids[2], ids[1]], True)
        assert searching.search(session, "", order="newest").is_cut


def test_a_job_indexes_what_is_not_indexed_yet(either_database: Database, shelve: Shelve) -> None:
    from stonehand import jobs
    from stonehand.jobs.testing import run_all

    ids = [shelve("Bridge", "closed") for _ in range(filling.TOGETHER + 1)]
    with either_database.transaction() as session:
        indexing.unindex(session, ids[1:])
        jobs.enqueue(session, "library.index", {})
    run_all(either_database)
    assert len(found(either_database, "bridge")) == len(ids)
