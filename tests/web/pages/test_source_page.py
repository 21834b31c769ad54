"""The page of one source: rules and options tried before they are saved, proposals accepted with one click."""

from __future__ import annotations

import pytest

from stonehand import config
from stonehand.db import Database
from stonehand.jobs.testing import run_all
from stonehand.sources import queries, service
from stonehand.sources.contract import things
from stonehand.sources.models import Source
from tests.lookalikes import services
from tests.sources.conftest import Site, feed, pipeline, site  # noqa: F401  fixtures
from tests.web.pages.browsing import words
from tests.web.pages.conftest import Visit

pytestmark = pytest.mark.usefixtures("pipeline")
RSS = "application/rss+xml"


@pytest.fixture(autouse=True)
def impatient(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setenv("STONEHAND_HOST_INTERVAL_SECONDS", "0")
    config.settings.cache_clear()


def only(database: Database) -> Source:
    with database.read() as session:
        (found,) = queries.all_sources(session)
        return found


@pytest.fixture
def gazette(visit: Visit, site: Site, database: Database) -> str:  # noqa: F811
    editor = visit("editor")
    editor.go("/sources")
    editor.send("/sources", url=site.put("/rss", feed(1, 2, 3, title="Gazette"), Content_Type=RSS))
    run_all(database, queues=("sources",))
    return f"/sources/{only(database).id}"


def test_a_source_says_how_it_does_and_what_it_named(visit: Visit, gazette: str) -> None:
    page = words(visit("viewer").go(gazette))
    assert "Looked a moment ago; there was something new." in page
    assert "100% of the last 1 look" in page
    assert "Item 1 Waits" in page
    assert "Save rules" not in page
    assert f'href="{gazette}"' in visit("viewer").go("/sources")


def test_a_look_can_be_tried_without_keeping_anything(visit: Visit, gazette: str, site: Site) -> None:  # noqa: F811
    editor = visit("editor")
    editor.go(gazette)
    editor.send(f"{gazette}/rules", text="drop title: item 5")
    site.put("/rss", feed(3, 4, 5, title="Gazette"), Content_Type=RSS)
    page = words(editor.send(f"{gazette}/try"))
    assert "1 new entry, 1 known, 1 filtered. Nothing of it was kept." in page
    assert page.index("New Item 4") < page.index("Filtered Item 5") < page.index("Known Item 3")
    assert "Named 3 entries" in words(editor.go(gazette))
    del site.pages["/rss"]
    assert "does not exist (404)" in words(editor.send(f"{gazette}/try"))


def test_rules_are_tried_and_then_saved(visit: Visit, gazette: str, database: Database) -> None:
    editor = visit("editor")
    editor.go(gazette)
    page = words(editor.send(f"{gazette}/rules/replay", text="drop title: item 2"))
    assert "these rules keep 2; 1 would end otherwise" in page
    assert "Dropped Item 2" in page
    assert only(database).rules == []
    assert "does not say: keep or drop" in editor.send(f"{gazette}/rules", 422, text="hide all")
    assert "hide all" in editor.page
    editor.send(f"{gazette}/rules", text="drop title: item 2\nkeep /item/")
    assert only(database).rules == [
        {"do": "drop", "where": "title", "words": "item 2"},
        {"do": "keep", "pattern": "item"},
    ]
    assert "drop title: item 2" in editor.go(gazette)


def test_name_pace_and_tags_are_changed(visit: Visit, gazette: str, database: Database) -> None:
    editor = visit("editor")
    editor.go(gazette)
    assert "Between half a minute and a week" in editor.send(f"{gazette}/edit", 422, title="G", minutes="soon")
    editor.send(f"{gazette}/edit", title="The Gazette", minutes="7.5", tags="Sea, local")
    found = only(database)
    assert (found.title, found.interval_seconds, found.tags, found.is_adaptive) == (
        "The Gazette",
        450,
        ["local", "sea"],
        False,
    )


def test_a_proposal_is_accepted_with_one_click(
    visit: Visit,
    gazette: str,
    site: Site,  # noqa: F811
    database: Database,
) -> None:
    site.put("/rss", "", status=301, Location=site.put("/new", feed(1), Content_Type=RSS))
    editor = visit("editor")
    editor.go(gazette)
    editor.send(f"{gazette}/poll")
    run_all(database, queues=("sources",))
    assert "Can be mended" in words(editor.go("/sources"))
    assert "Go there from now on" in editor.go(gazette)
    editor.send(f"{gazette}/mend")
    assert only(database).url == f"{site.url}/new"
    assert "Nothing is proposed" in words(editor.send(f"{gazette}/mend"))


def test_a_page_is_watched_and_its_selectors_tried(visit: Visit, site: Site, database: Database) -> None:  # noqa: F811
    url = site.put("/", services.front_page(things(*range(1, 7))), Content_Type="text/html")
    editor = visit("editor")
    editor.go("/sources")
    assert "there is no source of kind" in editor.send("/sources/preview", 404, kind="gopher")
    editor.go("/sources")
    seen = editor.send("/sources/preview", url=url, kind="watch", options="")
    assert "Adding it brings 6 new entries" in words(seen)
    assert "item = article.teaser" in seen
    editor.send("/sources", url=url, kind="watch", options="item = article.teaser\nlink = h2 a")
    place = f"/sources/{only(database).id}"
    editor.go(place)
    assert "These options read 6 entries" in words(editor.send(f"{place}/options/try", text="item = article"))
    assert "matches ‘li.no’" in editor.send(f"{place}/options/try", 422, text="item = li.no")
    assert "is not of the form name = value" in words(editor.send(f"{place}/options", 422, text="item"))
    editor.send(f"{place}/options", text="item = article\nlink = h2 a")
    assert only(database).options == {"item": "article", "link": "h2 a"}


def test_what_is_wrong_with_a_kind_stands_below_its_options(visit: Visit) -> None:
    editor = visit("editor")
    editor.go("/sources")
    page = editor.send("/sources", 422, kind="query", options="country = AT")
    assert "query: Field required" in page
    assert "country = AT" in page
    assert 'value="query" selected' in page


def test_a_viewer_changes_nothing(visit: Visit, gazette: str, database: Database) -> None:
    viewer = visit("viewer")
    viewer.go(gazette)
    for deed in ("edit", "rules", "options", "mend", "dismiss"):
        assert viewer.answer(f"{gazette}/{deed}").status_code == 403
    with database.read() as session:
        assert service.get(session, gazette.rpartition("/")[2]).title == "Gazette"


def test_an_administrator_overrules_robots_txt_with_a_reason(visit: Visit, gazette: str, database: Database) -> None:
    editor = visit("editor")
    assert "Fetch them nevertheless" not in editor.go(gazette)
    editor.send(f"{gazette}/robots/overrule", 403, reason="because")
    admin = visit("admin")
    assert "Fetch them nevertheless" in admin.go(gazette)
    page = admin.send(f"{gazette}/robots/overrule", 422, reason=" ")
    assert "Say why its pages are fetched" in words(page)
    admin.go(gazette)
    admin.send(f"{gazette}/robots/overrule", reason="the owner agreed")
    assert (only(database).robots_overruled or {})["reason"] == "the owner agreed"
    assert "the owner agreed" in visit("viewer").go(gazette)
    admin.go(gazette)
    admin.send(f"{gazette}/robots/heed")
    assert only(database).robots_overruled is None
