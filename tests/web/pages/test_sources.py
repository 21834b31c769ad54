"""The page of sources: looked at first, added, imported, paused, forgotten."""

from __future__ import annotations

import pytest

from stonehand import config
from stonehand.db import Database
from stonehand.jobs.testing import run_all
from stonehand.sources import queries
from tests.sources.conftest import Site, feed, pipeline, site  # noqa: F401  fixtures
from tests.web.pages.browsing import words
from tests.web.pages.conftest import Visit

pytestmark = pytest.mark.usefixtures("pipeline")
RSS = "application/rss+xml"


@pytest.fixture(autouse=True)
def impatient(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setenv("STONEHAND_HOST_INTERVAL_SECONDS", "0")
    config.settings.cache_clear()


def sources(database: Database) -> list[tuple[str, str, str]]:
    with database.read() as session:
        return [(each.id, each.title, each.state) for each in queries.all_sources(session)]


def test_a_look_says_what_would_come_and_saves_nothing(visit: Visit, site: Site, database: Database) -> None:  # noqa: F811
    url = site.put("/rss", feed(1, 2), Content_Type=RSS)
    editor = visit("editor")
    editor.go("/sources")
    page = editor.send("/sources/preview", url=url)
    assert "Adding it brings 2 new entries." in page
    assert "Item 1" in page
    assert f'value="{url}"' in page
    assert sources(database) == []


def test_htmx_gets_the_look_alone(visit: Visit, site: Site) -> None:  # noqa: F811
    editor = visit("editor")
    editor.go("/sources")
    headers = {"HX-Request": "true", "HX-Target": "div#source-preview"}
    editor.client.headers.update(headers)
    block = editor.send("/sources/preview", url=site.url + "/nowhere")
    assert "<html" not in block
    assert "404" in words(block)


def test_what_is_wrong_stands_beside_what_was_typed(visit: Visit, site: Site) -> None:  # noqa: F811
    editor = visit("editor")
    for path in ("/sources", "/sources/preview"):
        for wrong in (site.url + "/nowhere", "ftp://example.org/", " "):
            editor.go("/sources")
            page = editor.send(path, 422, url=wrong)
            assert 'aria-invalid="true"' in page
            assert wrong == " " or f'value="{wrong}"' in page


def test_adding_shows_its_health_and_pausing_can_be_undone(visit: Visit, site: Site, database: Database) -> None:  # noqa: F811
    url = site.put("/rss", feed(1, 2, 3, title="Gazette"), Content_Type=RSS)
    editor = visit("editor")
    editor.go("/sources")
    assert "Added “Gazette”" in editor.send("/sources", url=url)
    editor.go("/sources")
    assert "is here already" in editor.send("/sources", url=url)
    run_all(database, queues=("sources",))
    page = editor.go("/sources")
    assert "3 entries" in words(page)
    assert "there was something new" in page
    [(source_id, _, _)] = sources(database)
    assert f'action="/sources/{source_id}/resume"' in editor.send(f"/sources/{source_id}/pause")
    editor.send(f"/sources/{source_id}/resume")
    assert "Looking at Gazette" in editor.send(f"/sources/{source_id}/poll")
    assert "is being looked at" in editor.send(f"/sources/{source_id}/poll")
    editor.send(f"/sources/{source_id}/remove")
    assert sources(database) == []


def test_trouble_is_told_and_can_be_listed_alone(visit: Visit, site: Site, database: Database) -> None:  # noqa: F811
    url = site.put("/rss", feed(1), Content_Type=RSS)
    editor = visit("editor")
    editor.go("/sources")
    editor.send("/sources", url=url)
    site.put("/rss", "gone", status=404)
    run_all(database, queues=("sources",))
    page = visit("viewer").go("/sources?show=broken")
    assert "Could not look (once, it has never worked)" in page
    assert "/remove" not in page
    assert "No sources here." in editor.go("/sources?show=paused")


def test_viewers_add_nothing(visit: Visit, site: Site, database: Database) -> None:  # noqa: F811
    viewer = visit("viewer")
    viewer.go("/sources")
    for path in ("/sources", "/sources/preview", "/sources/x/poll", "/sources/x/remove"):
        viewer.send(path, 403, url=site.url)
    assert site.asked == []
    assert sources(database) == []


OPML = """<?xml version="1.0"?><opml version="2.0"><head><title>Mine</title></head><body>
<outline text="A" xmlUrl="https://a.example/feed"/><outline text="B" xmlUrl="https://b.example/feed"/></body></opml>"""


def test_the_feeds_of_a_file_are_added_once(visit: Visit, database: Database) -> None:
    editor = visit("editor")
    for said in ("Added 2 sources of 2 feeds", "2 are here already"):
        editor.go("/sources")
        answer = editor.answer("/sources/opml", {"file": ("mine.opml", OPML, "text/x-opml")})
        assert said in answer.text
    assert [title for _, title, _ in sources(database)] == ["A", "B"]
    assert 'href="/api/v1/sources.opml"' in editor.page


def test_a_line_of_a_file_that_is_left_out_says_why(visit: Visit, database: Database) -> None:
    editor = visit("editor")
    editor.go("/sources")
    mixed = OPML.replace("https://b.example/feed", "http://169.254.169.254/feed")
    answer = editor.answer("/sources/opml", {"file": ("mine.opml", mixed, "text/x-opml")})
    said = words(answer.text)
    assert "Added 1 source of 1 feed in the list" in said
    assert "Left out: B: 169.254.169.254 is where clouds keep secrets" in said
    assert [title for _, title, _ in sources(database)] == ["A"]


def test_a_file_that_is_no_list_says_so(visit: Visit, database: Database) -> None:
    editor = visit("editor")
    editor.go("/sources")
    answer = editor.answer("/sources/opml", {"file": ("x.opml", "<rss/>", "text/xml")})
    assert answer.status_code == 422
    assert "no OPML list" in words(answer.text)
    assert sources(database) == []
