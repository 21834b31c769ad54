"""The page of the library, its feeds, and the library on the page of an article."""

from __future__ import annotations

import re

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from stonehand.db import Database
from tests.library.conftest import put
from tests.web.api.conftest import As, as_  # noqa: F401  a fixture
from tests.web.pages.browsing import words
from tests.web.pages.conftest import Visit


def test_a_search_shows_what_it_found_and_where(database: Database, visit: Visit) -> None:
    put(database, "Ferry", "It runs.")
    put(database, "Bridge closes", "The old <b>bridges</b> are closed.", site="Harbour Post")
    page = visit("viewer").go("/library?q=bridge")
    assert "<mark>bridges</mark>" in page
    assert "&lt;b&gt;" in page
    text = words(page)
    assert "1 article. Export" in text
    assert "Harbour Post" in text
    assert "It runs" not in text
    assert "2 articles" in words(visit("viewer").go("/library"))


def test_a_search_that_cannot_be_read_says_where(database: Database, visit: Visit) -> None:
    page = visit("viewer").go("/library?q=bridge+sorce:x")
    assert "Character 8: sorce: is not a field; did you mean source?" in words(page)
    assert "bridge <mark>s</mark>orce:x" in page
    assert "there is no article nothing" in words(visit("viewer").go("/library?q=like:nothing")).lower()
    assert "longer than 1000" in words(visit("viewer").go(f"/library?q={'a' * 1001}"))


def test_while_somebody_types_only_the_results_come(database: Database, visit: Visit) -> None:
    put(database, "Bridge closes", "text")
    viewer = visit("viewer")
    answer = viewer.client.get("/library?q=bridge", headers={"HX-Request": "true", "HX-Target": "section#found"})
    assert answer.text.lstrip().startswith('<section id="found"')
    assert "Bridge closes" in answer.text


def test_results_go_on_over_pages(database: Database, visit: Visit) -> None:
    for number in range(21):
        put(database, f"Title {number}", "bridge")
    page = visit("viewer").go("/library?q=bridge&order=newest")
    assert "Title 20" in page
    assert "Title 0<" not in page
    assert "q=bridge&amp;order=newest&amp;start=20" in page
    assert "Title 0<" in visit("viewer").go("/library?q=bridge&order=newest&start=20")


def test_a_saved_search_is_a_feed(database: Database, visit: Visit, app: FastAPI) -> None:
    put(database, "Bridge closes", "The bridge is closed.")
    viewer = visit("viewer")
    viewer.go("/library?q=bridge")
    page = viewer.send("/library/saved", name="Bridges", query="bridge")
    address = re.findall(r"http://testserver(/feeds/shd_[\w-]+)\.rss", page)[0]
    assert "Bridges" in words(viewer.go("/library"))
    assert "shd_" not in viewer.page
    stranger = TestClient(app)
    for kind, media_type in (("rss", "application/rss+xml"), ("atom", "application/atom+xml"), ("json", "json")):
        answer = stranger.get(f"{address}.{kind}")
        assert answer.status_code == 200
        assert media_type in answer.headers["content-type"]
        assert "Bridge closes" in answer.text
        again = stranger.get(f"{address}.{kind}", headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    put(database, "Another bridge", "text")
    assert stranger.get(f"{address}.json", headers={"If-None-Match": again.headers["etag"]}).status_code == 200
    assert stranger.get(f"{address}.doc").status_code == 404
    assert stranger.get("/feeds/shd_nothing-at-all.rss").status_code == 404
    saved = re.findall(r"/library/saved/([\w-]+)/remove", viewer.go(_of(page)))[0]
    assert "It is not yours" not in viewer.send(f"/library/saved/{saved}/remove")
    assert stranger.get(f"{address}.rss").status_code == 404


def _of(page: str) -> str:
    return str(re.findall(r'href="(/library\?saved=[\w-]+)"', page)[0])


def test_somebody_elses_saved_search_stays(database: Database, visit: Visit) -> None:
    viewer, editor = visit("viewer"), visit("editor")
    viewer.go("/library?q=bridge")
    page = viewer.send("/library/saved", name="Bridges", query="bridge")
    saved = _of(page).partition("=")[2]
    assert "/remove" not in editor.go(f"/library?saved={saved}")
    editor.send(f"/library/saved/{saved}/remove", 403)
    again = viewer.send("/library/saved", name="Bridges", query="x")
    assert "There is a saved search" in words(again)


def test_tags_and_bookmarks_of_an_article(database: Database, visit: Visit) -> None:
    one = put(database, "Bridge closes", "text")
    editor = visit("editor")
    editor.go(f"/articles/{one}")
    assert "to follow" in words(editor.send(f"/articles/{one}/tags", tags="To follow, x"))
    assert "to follow" not in words(editor.send(f"/articles/{one}/untag", name="to follow"))
    assert "A tag has 1 to 50" in words(editor.send(f"/articles/{one}/tags", tags="y" * 60))
    assert "is:bookmarked finds it" in words(editor.send(f"/articles/{one}/bookmark", back="/library?q=bridge"))
    assert "Bridge closes" in words(editor.go("/library?q=is:bookmarked"))
    editor.send(f"/articles/{one}/unbookmark")
    assert "No article fits" in words(editor.go("/library?q=is:bookmarked"))
    viewer = visit("viewer")
    assert "Add tags" not in viewer.go(f"/articles/{one}")
    viewer.send(f"/articles/{one}/tags", 403, tags="x")


def test_the_api_searches_saves_tags_and_exports(database: Database, as_: As) -> None:  # noqa: F811
    one = put(database, "Bridge closes", "The bridge is closed.")
    api = as_("editor")
    found = api.get("/api/v1/library/search", params={"q": "bridges"}).json()
    assert (found["total"], found["items"][0]["id"]) == (1, one)
    assert {"text": "bridge", "hit": True} in found["items"][0]["snippet"]
    wrong = api.get("/api/v1/library/search", params={"q": "(bridge"})
    assert wrong.status_code == 422
    assert "at character 1" in wrong.json()["detail"]
    made = api.post("/api/v1/library/saved", json={"name": "Bridges", "query": "bridge"}).json()
    assert made["feeds"]["atom"].startswith("http://testserver/feeds/shd_")
    assert api.patch(f"/api/v1/library/saved/{made['id']}", json={"query": "ferry"}).json()["query"] == "ferry"
    assert api.get("/api/v1/library/saved/Bridges/export").text == ""
    assert api.get("/api/v1/library/export").text.count("\n") == 1
    assert "# Bridge closes" in api.get("/api/v1/library/export", params={"form": "markdown"}).text
    assert api.post(f"/api/v1/articles/{one}/tags", json={"tags": ["x"]}).json() == {"tags": ["x"]}
    assert api.get("/api/v1/library/tags").json()["items"] == [{"name": "x", "articles": 1}]
    assert api.delete(f"/api/v1/articles/{one}/tags/x").json() == {"tags": []}
    assert api.post(f"/api/v1/articles/{one}/bookmark").status_code == 204
    assert api.get("/api/v1/library/search", params={"q": "is:bookmarked"}).json()["total"] == 1


@pytest.mark.parametrize("query", ["bridge", "is:sample", "lang:en -x", "kind:feed OR tag:y", ""])
def test_every_kind_of_search_is_answered(database: Database, as_: As, query: str) -> None:  # noqa: F811
    for order in ("best", "newest"):
        answer = as_("viewer").get("/api/v1/library/search", params={"q": query, "order": order})
        assert answer.json()["items"] == []


def test_an_administrator_can_have_an_article_forgotten(database: Database, visit: Visit, as_: As) -> None:  # noqa: F811
    one, two = put(database, "Bridge closes", "text"), put(database, "By her", "text", author="Jane Doe")
    admin = visit("admin")
    admin.go(f"/articles/{one}")
    page = words(admin.send(f"/articles/{one}/forget"))
    assert "The article is forgotten." in page
    assert "this was forgotten on request" in page
    assert "Bridge closes" not in page
    assert "Forget for good" not in page
    assert "Forget for good" not in visit("editor").go(f"/articles/{two}")
    api = as_("admin")
    wish = {"kind": "person", "value": "Jane Doe"}
    dry = api.post("/api/v1/library/forget", json={**wish, "dry_run": True}).json()
    assert dry == {"articles": 1, "drafts": [], "readers": 0, "dry_run": True}
    assert api.post("/api/v1/library/forget", json=wish).json()["articles"] == 1
    assert as_("editor").post("/api/v1/library/forget", json=wish).status_code == 403
    assert api.get("/api/v1/library/search").json()["total"] == 0
