"""The page of one article."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
import sqlalchemy as sa

from stonehand import jobs
from stonehand.accounts.models import AuditRecord
from stonehand.articles import bands, duplicates, pages
from stonehand.articles.models import ArticleVersion, Page
from stonehand.articles.passages import passages, start_of
from stonehand.db import Database, new_id, now
from stonehand.jobs.models import Job
from stonehand.jobs.states import State
from stonehand.sources.models import Entry
from tests.web.pages import newsroom
from tests.web.pages.browsing import words
from tests.web.pages.conftest import Visit

TEXT = "Cracks in the bridge\n\nInspectors found cracks on Thursday.\nNine bearings are cracked.\n\nThe port closed it."


def test_passages_start_where_they_say() -> None:
    for at, line in passages(TEXT):
        assert TEXT[at:].startswith(line)
        assert start_of(TEXT, at + len(line) - 1) == at
    assert len(list(passages(TEXT))) == 4


def test_an_article_shows_its_text_and_where_it_came_from(database: Database, visit: Visit) -> None:
    with database.transaction() as session:
        article_id = newsroom.article(session, TEXT, author="Per Halvorsen")
    page = visit("viewer").go(f"/articles/{article_id}")
    assert '<p id="at-22">Inspectors found cracks on Thursday.</p>' in page
    assert page.count("Cracks in the bridge<") == 1  # the headline is not told again as text
    text = words(page)
    assert "By Per Halvorsen" in text
    assert f"{len(TEXT.split())} words" in text
    assert "https://harbour-post.example/" in text


def test_copies_and_their_original_name_each_other(database: Database, visit: Visit) -> None:
    with database.transaction() as session:
        original = newsroom.article(session, TEXT)
        evidence = {"kind": "near", "original_id": original, "containment": 0.97, "shared_shingles": 40}
        copy = newsroom.article(session, TEXT, site="Echo", duplicate_of=original, duplicate_evidence=evidence)
    viewer = visit("viewer")
    page = viewer.go(f"/articles/{original}")
    assert f'href="/articles/{copy}"' in page
    assert "Echo · 97% of the copy stands in the original" in words(page)
    page = viewer.go(f"/articles/{copy}")
    assert f'href="/articles/{original}"' in page
    assert "Harbour Post · the original; 97% of the copy" in words(page)


def test_each_step_names_the_newest_job_that_did_it(database: Database, visit: Visit, pipeline: None) -> None:
    with database.transaction() as session:
        source_id, moment = newsroom.source(session, "Gazette"), now(session)
        session.flush()
        session.add(Entry(id="e1", source_id=source_id, key="k", title="", summary="", seen_at=moment, state="fetched"))
        session.flush()
        article_id = newsroom.article(session, TEXT, extracted_at=moment, entry_id="e1", source_id=source_id)
        looked = jobs.enqueue(session, "sources.check_health", {})
        fetched = jobs.enqueue(session, "articles.fetch", {"entry_id": "e1"}, unique_key="articles.fetch:e1")
        session.execute(sa.update(Job).where(Job.id == fetched).values(parent_id=looked, task="articles.fetch_meeting"))
        args, key = {"article_id": article_id}, f"articles.extract:{article_id}"
        first = jobs.enqueue(session, "articles.extract", args, unique_key=key)
        session.execute(sa.update(Job).where(Job.id == first).values(state=State.COMPLETED))
        second = jobs.enqueue(session, "articles.extract", args, unique_key=key)
    page = visit("viewer").go(f"/articles/{article_id}")
    steps = {"Found in Gazette": looked, "Page fetched": fetched, f"Text taken out, {len(TEXT.split())} words": second}
    for words_, job_id in steps.items():
        assert f'href="/jobs/{job_id}" aria-label="{words_}: its job"' in page
    assert str(first) not in page
    assert f'href="/sources/{source_id}">Found in Gazette' in page


def test_its_own_formatting_is_harmless_and_framed(database: Database, visit: Visit) -> None:
    body = b"<html><body><h1>Bridge</h1><p onclick=steal()>Closed.</p><script>steal()</script></body></html>"
    with database.transaction() as session:
        kept = Page(
            id=new_id(),
            sha256=hashlib.sha256(body).hexdigest(),
            body=pages.pack(body),
            content_type="text/html",
            size=len(body),
            created_at=now(session),
        )
        session.add(kept)
        session.flush()
        article_id = newsroom.article(session, TEXT, page_id=kept.id)
    page = visit("viewer").go(f"/articles/{article_id}")
    assert '<iframe sandbox title="The article with its own formatting" srcdoc="&lt;' in page
    assert "steal" not in page


@pytest.mark.parametrize(
    ("state", "error", "sentence"),
    [
        ("unreadable", "the page holds no text", "the page holds no text"),
        ("stored", None, "No text has been taken from this page."),
    ],
)
def test_an_article_without_text_says_why(
    database: Database, visit: Visit, state: str, error: str | None, sentence: str
) -> None:
    with database.transaction() as session:
        article_id = newsroom.article(session, "", state=state, error=error)
    assert sentence in words(visit("viewer").go(f"/articles/{article_id}"))


def test_an_unknown_article_is_not_found(visit: Visit) -> None:
    assert "it may have been removed" in visit("viewer").go("/articles/none", 404)


PIECE = "\n\n".join(f"Span {n} of the harbour bridge was looked at by divers on day {n} of March." for n in range(9))


def test_an_editor_splits_a_copy_and_merges_it_again(database: Database, visit: Visit, pipeline: None) -> None:
    with database.transaction() as session:
        original = newsroom.article(session, PIECE)
        print_ = duplicates.fingerprint(PIECE)
        bands.write(session, {original: print_.bands})
        evidence = duplicates.measured("near", original, print_, print_).as_dict()
        copy = newsroom.article(session, PIECE, site="Echo", duplicate_of=original, duplicate_evidence=evidence)
    editor = visit("editor")
    editor.go(f"/articles/{copy}")
    text = editor.send(f"/articles/{copy}/split")
    assert "It is no copy any more" in words(text)
    assert "Similar texts" in words(text)
    assert "Cosine of the word counts: 1.00" in words(text)
    assert f'action="/articles/{copy}/merge/{original}"' in text
    assert "It is a copy now" in words(editor.send(f"/articles/{copy}/merge/{original}"))
    editor.send(f"/articles/{copy}/merge/{original}", 409)
    with database.read() as session:
        verbs = list(session.scalars(sa.select(AuditRecord.verb).where(AuditRecord.object_id == copy)))
    assert sorted(verbs) == ["merged", "split"]


def test_a_viewer_splits_nothing(database: Database, visit: Visit) -> None:
    with database.transaction() as session:
        original = newsroom.article(session, PIECE)
        copy = newsroom.article(session, PIECE, duplicate_of=original)
    viewer = visit("viewer")
    assert "/split" not in viewer.go(f"/articles/{copy}")
    viewer.send(f"/articles/{copy}/split", 403)


def test_versions_and_what_changed(database: Database, visit: Visit) -> None:
    with database.transaction() as session:
        moment = now(session)
        article_id = newsroom.article(session, TEXT, version=2, extracted_at=moment, revised_at=moment)
        old = pages.pack(TEXT.replace("Nine", "Ten").encode())
        spans = {"since": moment - timedelta(days=1), "until": moment}
        session.add(ArticleVersion(article_id=article_id, number=1, title="Cracks", packed=old, word_count=15, **spans))
    viewer = visit("viewer")
    assert "Version 2" in words(viewer.go(f"/articles/{article_id}"))
    page = words(viewer.go(f"/articles/{article_id}?version=1"))
    assert "This is version 1" in page
    assert "Ten bearings are cracked." in page
    page = viewer.go(f"/articles/{article_id}/changes?newer=2")
    assert "<del>Ten</del><ins>Nine</ins>" in page
    viewer.go(f"/articles/{article_id}?version=3", 404)


def test_what_was_read_says_where_it_stood(database: Database, visit: Visit) -> None:
    said = {"author": {"origin": "byline", "confidence": 0.75}, "text": {"origin": "blocks", "confidence": 0.91}}
    with database.transaction() as session:
        article_id = newsroom.article(session, TEXT, author="Per Halvorsen", origins=said)
    page = words(visit("viewer").go(f"/articles/{article_id}"))
    assert "Author Per Halvorsen a byline, 75 %" in page
    assert "the arbiter of blocks, 91 %" in page
