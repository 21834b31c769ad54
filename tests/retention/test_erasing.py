"""What is forgotten on request is gone from everywhere, and that it was is on record."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from stonehand.accounts.errors import PermissionMissing
from stonehand.accounts.models import AuditRecord
from stonehand.accounts.permissions import PERMISSIONS, Person, granted
from stonehand.articles import bands, pages, service
from stonehand.articles.errors import ArticleNotFound
from stonehand.articles.models import Article, Page, StoredText
from stonehand.articles.service import Arrival, PackedPage
from stonehand.db import Base, Database
from stonehand.drafts.models import Citation
from stonehand.jobs.testing import run_all
from stonehand.library import searching
from stonehand.retention import erasing
from stonehand.retention.erasing import Kind
from stonehand.sources import service as sources
from stonehand.sources.errors import SourceNotFound
from stonehand.sources.models import Entry, Source
from stonehand.stories import queries as stories
from stonehand.stories.models import Placement, Story
from stonehand.stories.states import Role
from tests.library.conftest import NOON, put, source
from tests.retention.test_retention import cite
from tests.stories.conftest import AddArticle, add_article, pipeline, words_as_vectors  # noqa: F401  fixtures

ROOT = Person("", "", "root", "admin", frozenset(PERMISSIONS))
SECRET = "Xylophander"


def forget(database: Database, kind: Kind, value: str) -> erasing.Forgotten:
    return erasing.forget(database.transaction, ROOT, kind, value)


def anywhere(database: Database, word: str) -> list[str]:
    """Every column of every table that holds this word."""
    found = []
    with database.read() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(sa.select(table)).mappings():
                found += [f"{table.name}.{name}" for name, value in row.items() if word.lower() in str(value).lower()]
        if session.get_bind().dialect.name == "sqlite":
            index = sa.text("SELECT 'index' FROM article_words WHERE title || body LIKE :it")
            found += session.scalars(index, {"it": f"%{word.lower()}%"})
    return found


def test_an_address_is_forgotten_everywhere(either_database: Database) -> None:
    home = source(either_database, "Post")
    raw = f"<p>{SECRET}</p>".encode()
    with either_database.transaction() as session:
        session.add(
            Entry(
                id="e",
                source_id=home,
                key="k",
                url="https://a.example/1",
                address="https://a.example/1",
                title=SECRET,
                summary=SECRET,
                content_html=SECRET,
                author=SECRET,
                seen_at=NOON,
            )
        )
        session.add(
            Page(id="p", sha256="x", body=pages.pack(raw), content_type="text/html", size=len(raw), created_at=NOON)
        )
    one = put(
        either_database,
        SECRET,
        f"{SECRET} spoke.",
        url="https://a.example/1",
        source_id=home,
        entry_id="e",
        page_id="p",
        author=SECRET,
        excerpt=SECRET,
    )
    other = put(either_database, "Copy", "another text", duplicate_of=one)
    cite(either_database, one)
    with either_database.transaction() as session:
        session.execute(sa.update(Entry).values(article_id=one))
        session.execute(sa.update(Citation).values(quote=SECRET))
        bands.write(session, {one: [1]})
    assert len(anywhere(either_database, SECRET)) > 5
    gone = forget(either_database, Kind.URL, "https://a.example/1?utm_source=x")
    assert gone.articles == 1
    assert len(gone.drafts) == 1
    assert anywhere(either_database, SECRET) == []
    with either_database.read() as session:
        assert session.get_one(Article, one).state == "gone"
        assert session.get_one(Article, other).duplicate_of is None
        assert session.get(Page, "p") is None
        assert session.get(StoredText, one) is None
        audit = session.scalars(sa.select(AuditRecord).where(AuditRecord.verb == "forgot")).one()
        assert (audit.object_kind, audit.detail, len(audit.object_id)) == ("url", {"articles": 1}, 64)
        assert list(searching.search(session, "").ids) == [other]


def test_it_is_not_fetched_again(either_database: Database) -> None:
    put(either_database, "One", "text", url="https://a.example/1", id="one")
    forget(either_database, Kind.URL, "https://a.example/1")
    page = PackedPage("s", pages.pack(b"x"), 1, "text/html", None)
    with either_database.transaction() as session:
        home = sources.handed_in(session)
        session.add(Entry(id="e", source_id=home, key="k", title="", summary="", seen_at=NOON))
        session.flush()
        arrival = Arrival("e", home, "https://a.example/1", "https://a.example/1", page)
        assert service.settle_arrivals(session, [arrival]) == []
        assert session.get_one(Entry, "e").article_id == "one"
    assert forget(either_database, Kind.URL, "https://a.example/1").articles == 0


def test_a_person_is_forgotten_wherever_they_are_named(either_database: Database) -> None:
    texts: list[dict[str, Any]] = [
        {"title": "By her", "text": "Nothing.", "author": "By Jane DOE"},
        {"title": "Jane Doe’s bridge", "text": "It stands."},
        {"title": "Names", "text": "They met Jané Doe there."},
        {"title": "Others", "text": "Jane met John Doe."},
    ]
    ids = [put(either_database, **each) for each in texts]
    with either_database.read() as session:
        assert erasing.look(session, Kind.PERSON, "jane  doe").articles == 3
    assert forget(either_database, Kind.PERSON, "Jane Doe").articles == 3
    with either_database.read() as session:
        assert list(searching.search(session, "").ids) == [ids[3]]
    assert [each for each in anywhere(either_database, "jane doe") if "url" not in each] == []


def test_a_source_is_forgotten_with_all_that_it_brought(
    either_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasing, "TOGETHER", 2)
    mine, other = source(either_database, "Mine"), source(either_database, "Other")
    for _ in range(5):
        put(either_database, "Mine", "text", source_id=mine)
    kept = put(either_database, "Other", "text", source_id=other)
    assert forget(either_database, Kind.SOURCE, mine).articles == 5
    with either_database.read() as session:
        assert session.get(Source, mine) is None
        assert list(searching.search(session, "text").ids) == [kept]


def test_what_is_not_here_cannot_be_forgotten(either_database: Database) -> None:
    with pytest.raises(ArticleNotFound, match="nothing at this address"):
        forget(either_database, Kind.URL, "https://a.example/none")
    with pytest.raises(ArticleNotFound, match="name is empty"):
        forget(either_database, Kind.PERSON, "...")
    with pytest.raises(SourceNotFound):
        forget(either_database, Kind.SOURCE, "none")
    with pytest.raises(PermissionMissing):
        erasing.forget(either_database.transaction, Person("", "", "x", "editor", granted("editor")), Kind.PERSON, "x")


def test_stories_are_told_anew_without_it(database: Database, add_article: AddArticle) -> None:  # noqa: F811
    text = "The harbour bridge at Velm was closed after inspectors found cracks in nine bearings on Thursday. " * 3
    first = add_article("Xylophander closes harbour bridge at Velm over cracks", f"Xylophander said so. {text}")
    run_all(database)
    second = add_article("Harbour bridge at Velm closed: cracks in bearings", text, outlet="Echo of Velm")
    alone = add_article("Chess", "A tournament of chess was won by a girl of nine in the old town hall. " * 3)
    run_all(database)
    with database.read() as session:
        stories = dict(session.execute(sa.select(Placement.article_id, Placement.story_id)).all())
        assert stories[first] == stories[second] != stories[alone]
        urls = dict(session.execute(sa.select(Article.id, Article.url)).all())
    forget(database, Kind.URL, urls[first])
    forget(database, Kind.URL, urls[alone])
    with database.read() as session:
        story = session.scalars(sa.select(Story)).one()
        assert (story.id, story.article_count, story.outlet_count) == (stories[second], 1, 1)
        assert story.title == "Harbour bridge at Velm closed: cracks in bearings"
        assert session.scalars(sa.select(Placement.role)).one() == "first_report"
    assert [each for each in anywhere(database, SECRET) if not each.startswith("jobs")] == []


def test_the_first_copy_takes_the_place_of_an_original_that_is_forgotten(
    database: Database,
    add_article: AddArticle,  # noqa: F811
) -> None:
    text = "The river Orne flooded Port Ellis and Mayor Okafor sent 900 people from the harbour home."
    original = add_article("Flood", text, "Velm Post", NOON)
    known = {"duplicate_of": original, "duplicate_evidence": {"original_id": original, "containment": 1.0}}
    first, second = (add_article("Flood", text, outlet, NOON, **known) for outlet in ("Echo", "Wire"))
    run_all(database)
    with database.read() as session:
        address = session.get_one(Article, original).url
    forget(database, Kind.URL, address)
    with database.read() as session:
        rows = {each.id: each for each in session.scalars(sa.select(Article))}
        assert (rows[first].duplicate_of, rows[second].duplicate_of) == (None, first)
        assert rows[first].duplicate_evidence is None
        assert (rows[second].duplicate_evidence or {})["original_id"] == first
        story_id = session.scalars(sa.select(Placement.story_id).where(Placement.article_id == first)).one()
        (step,) = stories.timeline(session, story_id)
        assert (step.report.article_id, step.role) == (first, Role.FIRST_REPORT)
        assert [each.article_id for each in step.copies] == [second]
