"""Articles in the API: versions, differences, reading again, split and merge."""

from __future__ import annotations

from datetime import timedelta

import pytest

from stonehand.articles import bands, duplicates, pages
from stonehand.articles.models import ArticleVersion
from stonehand.db import Database, now
from tests.web.api.conftest import As
from tests.web.pages import newsroom

TEXT = "\n\n".join(f"Span {n} of the bridge was looked at by divers on day {n} of March." for n in range(9))


@pytest.fixture
def both(database: Database, pipeline: None) -> tuple[str, str]:
    """An original with two versions, and its copy."""
    with database.transaction() as session:
        moment = now(session)
        original = newsroom.article(session, TEXT, version=2, extracted_at=moment, revised_at=moment)
        print_ = duplicates.fingerprint(TEXT)
        bands.write(session, {original: print_.bands})
        evidence = duplicates.measured("near", original, print_, print_).as_dict()
        copy = newsroom.article(session, TEXT, duplicate_of=original, duplicate_evidence=evidence)
        spans = {"since": moment - timedelta(days=1), "until": moment}
        old = pages.pack(TEXT.replace("Span 1", "Arch 1").encode())
        session.add(ArticleVersion(article_id=original, number=1, title="Old", packed=old, word_count=90, **spans))
    return original, copy


def test_versions_and_their_differences(as_: As, both: tuple[str, str]) -> None:
    viewer, here = as_("viewer"), f"/api/v1/articles/{both[0]}"
    listed = viewer.get(f"{here}/versions").json()["items"]
    assert [(each["number"], each["until"] is None) for each in listed] == [(2, True), (1, False)]
    assert "Arch 1" in viewer.get(f"{here}/versions/1").json()["text"]
    assert viewer.get(f"{here}/versions/9").status_code == 404
    found = viewer.get(f"{here}/differences").json()
    assert (found["older"], found["newer"]) == (1, 2)
    changed = [(part["kind"], part["text"]) for part in found["parts"] if part["kind"] != "same"]
    assert changed == [("removed", "Arch"), ("added", "Span")]


def test_split_similar_and_merge(as_: As, both: tuple[str, str]) -> None:
    editor, (original, copy) = as_("editor"), both
    assert as_("viewer").post(f"/api/v1/articles/{copy}/split").status_code == 403
    assert editor.post(f"/api/v1/articles/{copy}/split").json()["duplicate_of"] is None
    assert editor.post(f"/api/v1/articles/{copy}/split").status_code == 409
    (similar,) = editor.get(f"/api/v1/articles/{copy}/similar").json()["items"]
    assert (similar["article"]["id"], similar["evidence"]["containment"]) == (original, 1.0)
    merged = editor.post(f"/api/v1/articles/{copy}/merge", json={"original_id": original}).json()
    assert merged["duplicate_of"] == original
    assert merged["duplicate_evidence"]["kind"] == "person"
    assert editor.post(f"/api/v1/articles/{copy}/merge", json={"original_id": "none"}).status_code == 404


def test_reading_and_fetching_again(as_: As, both: tuple[str, str]) -> None:
    editor = as_("editor")
    answer = editor.post("/api/v1/articles/reprocess", json={"state": "extracted"})
    assert answer.status_code == 202
    assert answer.json()["job_id"]
    assert editor.post("/api/v1/articles/reprocess", json={"source_id": "none"}).status_code == 404
    answer = editor.post(f"/api/v1/articles/{both[0]}/refetch")
    assert answer.status_code == 422
    assert "its entry or address is gone" in answer.json()["detail"]
