"""Sources by the API: looked at, added, changed, forgotten."""

from __future__ import annotations

import pytest
from lxml import etree

from stonehand import config, db, registry
from stonehand.db import Database
from stonehand.jobs.testing import run_all
from stonehand.sources.contract import things
from stonehand.sources.interfaces import Asked, Collected, Fetch, Reading, pack_letter
from tests.lookalikes import services
from tests.sources.conftest import Site, feed
from tests.sources.test_kinds import Probe
from tests.web.api.conftest import As
from tests.web.api.test_contract import is_problem

pytestmark = pytest.mark.usefixtures("pipeline")


@pytest.fixture(autouse=True)
def impatient(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STONEHAND_HOST_INTERVAL_SECONDS", "0")
    config.settings.cache_clear()


class Post:
    """A kind whose sources are full of letters."""

    kind, title, polled = "post", "post box", True

    def collect(self, asked: Asked, fetch: Fetch) -> Collected:
        letters = (pack_letter(b"From: a@a.example\nSubject: One\n\nHello"), pack_letter(b"no letter"))
        return Collected(Reading("post box"), letters=letters)


def added(as_: As, site: Site) -> str:
    url = site.put("/rss", feed(1, 2, 3), Content_Type="application/rss+xml")
    answer = as_("editor").post("/api/v1/sources", json={"url": url})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["items"][0]["source_id"])


def test_a_look_saves_nothing(as_: As, site: Site) -> None:
    url = site.put("/rss", feed(1, 2), Content_Type="application/rss+xml")
    seen = as_("editor").post("/api/v1/sources/preview", json={"url": url}).json()
    assert seen["total"] == 1
    found = seen["items"][0]
    assert (found["what"], found["new"], found["duplicates"], found["already_added"]) == ("feed", 2, 0, False)
    assert as_("viewer").get("/api/v1/sources").json()["items"] == []


def test_a_site_becomes_its_feed_once(as_: As, site: Site) -> None:
    site.put("/rss", feed(1), Content_Type="application/rss+xml")
    page = "<html><head><title>Gazette</title><link rel=alternate type=application/rss+xml href=/rss></head></html>"
    home = site.put("/", page, Content_Type="text/html")
    editor = as_("editor")
    first = editor.post("/api/v1/sources", json={"url": home, "title": "Gazette"})
    again = editor.post("/api/v1/sources", json={"url": site.url + "/rss"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["items"][0]["is_new"]
    assert "a site with an RSS" in first.json()["items"][0]["sentence"]
    assert not again.json()["items"][0]["is_new"]
    assert [source["title"] for source in editor.get("/api/v1/sources").json()["items"]] == ["Gazette"]


def test_what_is_no_source_says_so(as_: As, site: Site) -> None:
    url = site.put("/empty", "", Content_Type="text/html")
    answer = as_("editor").post("/api/v1/sources", json={"url": url})
    assert is_problem(answer, 422)
    assert answer.json()["type"] == "urn:stonehand:problem:NothingFound"


def test_a_private_address_is_refused(as_: As, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STONEHAND_ALLOW_NETWORKS")
    config.settings.cache_clear()
    answer = as_("editor").post("/api/v1/sources/preview", json={"url": "http://127.0.0.1:9/"})
    assert is_problem(answer, 422)
    assert answer.json()["type"] == "urn:stonehand:problem:AddressForbidden"


def test_lines_of_a_list_that_are_left_out_say_why(as_: As, site: Site) -> None:
    lines = "".join(
        f'<outline text="x" xmlUrl="{url}"/>' for url in (f"{site.url}/rss", "http://10.0.0.1/", "gopher://x/")
    )
    url = site.put("/list.opml", f"<opml><body>{lines}</body></opml>")
    answer = as_("editor").post("/api/v1/sources", json={"url": url})
    assert answer.status_code == 201
    assert [each["url"] for each in answer.json()["items"]] == [f"{site.url}/rss"]
    refused = {each["url"]: each["reason"] for each in answer.json()["refused"]}
    assert "private or reserved network" in refused["http://10.0.0.1/"]


def test_entries_come_a_part_at_a_time(as_: As, site: Site, database: Database) -> None:
    source_id = added(as_, site)
    run_all(database, queues=("sources",))
    path, viewer = f"/api/v1/sources/{source_id}/entries", as_("viewer")
    first = viewer.get(path, params={"limit": 2}).json()
    rest = viewer.get(path, params={"limit": 2, "before": first["next"]}).json()
    assert [entry["title"] for entry in first["items"] + rest["items"]] == ["Item 1", "Item 2", "Item 3"]
    assert (first["limit"], rest["next"]) == (2, None)
    assert viewer.get(f"/api/v1/sources/{source_id}").json()["entries_total"] == 3


def test_a_source_is_renamed_paced_paused_and_resumed(as_: As, site: Site) -> None:
    path, editor = f"/api/v1/sources/{added(as_, site)}", as_("editor")
    changed = editor.patch(path, json={"title": "The Gazette", "interval_seconds": 900, "enabled": False}).json()
    assert (changed["title"], changed["interval_seconds"], changed["state"]) == ("The Gazette", 900, "paused")
    assert changed["next_poll_at"] is None
    assert editor.post(f"{path}/resume").json()["enabled"] is True
    assert editor.post(f"{path}/pause").json()["enabled"] is False
    assert is_problem(editor.patch(path, json={"interval_seconds": 1}), 422)
    deeds = as_("admin").get("/api/v1/audit", params={"kind": "source"}).json()["items"]
    assert [deed["verb"] for deed in deeds] == ["paused", "resumed", "changed", "added"]
    assert deeds[0]["actor_name"] == "Editor"


def test_asking_for_a_look_gives_one_job(as_: As, site: Site, database: Database) -> None:
    path = f"/api/v1/sources/{added(as_, site)}/poll"
    run_all(database, queues=("sources",))
    editor = as_("editor")
    first, second = editor.post(path), editor.post(path)
    assert (first.status_code, second.status_code) == (202, 202)
    assert editor.get(f"/api/v1/jobs/{first.json()['job_id']}").json()["task"] == "sources.poll"
    assert second.json()["job_id"] == first.json()["job_id"]
    assert "already" in second.json()["detail"]


def test_a_source_is_forgotten(as_: As, site: Site) -> None:
    path, editor = f"/api/v1/sources/{added(as_, site)}", as_("editor")
    assert editor.delete(path).status_code == 204
    assert is_problem(editor.get(path), 404)


def test_the_feeds_leave_as_opml(as_: As, site: Site) -> None:
    added(as_, site)
    answer = as_("viewer").get("/api/v1/sources.opml")
    assert answer.headers["content-type"].startswith("text/x-opml")
    outlines = etree.fromstring(answer.content).findall(".//outline")
    assert [outline.get("xmlUrl") for outline in outlines] == [site.url + "/rss"]


# ── kinds, trials, rules, proposals ──


def test_kinds_say_what_they_have_to_know(as_: As) -> None:
    found = {each["kind"]: each for each in as_("viewer").get("/api/v1/sources/kinds").json()["items"]}
    assert {"feed", "sitemap", "watch", "hackernews", "reddit", "query", "urls", "json", "pages"} <= set(found)
    assert found["query"]["usual_url"] == "https://news.google.com/rss/search"
    assert found["query"]["options"]["required"] == ["query"]
    assert found["feed"]["options"] == {}


def test_a_source_of_a_kind_is_added_with_all_it_needs(as_: As, site: Site) -> None:
    site.put("/api", '[{"title": "A", "url": "https://a.example/1"}, {"title": "B", "url": "https://a.example/2"}]')
    editor = as_("editor")
    wish = {"kind": "json", "url": f"{site.url}/api", "options": {"link": "url"}, "tags": ["Sea"], "is_adaptive": False}
    wish |= {"rules": [{"do": "drop", "words": "b", "where": "title"}], "interval_seconds": 900}
    seen = editor.post("/api/v1/sources/preview", json=wish).json()["items"][0]
    assert (seen["new"], seen["filtered"], [each["outcome"] for each in seen["entries"]]) == (1, 1, ["new", "filtered"])
    added_ = editor.post("/api/v1/sources", json=wish)
    assert added_.status_code == 201, added_.text
    source = editor.get("/api/v1/sources").json()["items"][0]
    kept = {name: source[name] for name in ("kind", "options", "tags", "rules", "is_adaptive", "interval_seconds")}
    assert (kept["options"], kept["tags"], kept["rules"]) == ({"link": "url"}, ["sea"], wish["rules"])
    assert (kept["is_adaptive"], kept["interval_seconds"]) == (False, 900)


@pytest.mark.parametrize(
    ("wish", "name"),
    [
        ({"kind": "json", "url": "https://a.example/", "options": {"colour": 1}}, "OptionsUnfit"),
        ({"kind": "watch"}, "AddressMissing"),
        ({"kind": "gopher", "url": "https://a.example/"}, "KindNotFound"),
        ({"kind": "urls", "options": {"urls": []}}, "OptionsUnfit"),
        ({}, None),
    ],
)
def test_what_cannot_be_added_says_why(as_: As, wish: dict[str, object], name: str | None) -> None:
    answer = as_("editor").post("/api/v1/sources", json=wish)
    assert answer.status_code in (404, 422)
    assert name is None or answer.json()["type"] == f"urn:stonehand:problem:{name}"


def test_rules_are_tried_before_they_are_saved(as_: As, site: Site, database: Database) -> None:
    source_id = added(as_, site)
    run_all(database, queues=("sources",))
    editor, place = as_("editor"), f"/api/v1/sources/{source_id}"
    rules = [{"do": "drop", "words": "Item 2"}]
    seen = editor.post(f"{place}/rules/replay", json={"rules": rules}).json()
    assert (seen["kept"], seen["dropped"]) == (2, 1)
    assert [(each["title"], each["is_kept"], each["reason"]) for each in seen["changed"]] == [
        ("Item 2", False, "drop ‘Item 2’")
    ]
    assert editor.get(place).json()["rules"] == []
    changed = editor.patch(place, json={"rules": rules, "tags": ["B", "a"], "is_adaptive": False}).json()
    assert (changed["rules"], changed["tags"], changed["is_adaptive"]) == (rules, ["a", "b"], False)
    assert is_problem(editor.patch(place, json={"rules": [{"do": "drop"}]}), 422)
    site.put("/rss", feed(2, 3, 4), Content_Type="application/rss+xml")
    tried = editor.post(f"{place}/try").json()
    assert [each["outcome"] for each in tried["entries"]] == ["duplicate", "duplicate", "new"]


def test_a_proposal_is_accepted_once(as_: As, site: Site, database: Database) -> None:
    source_id = added(as_, site)
    site.put("/rss", "", status=301, Location=site.put("/new", feed(1), Content_Type="application/rss+xml"))
    run_all(database, queues=("sources",))
    editor, place = as_("editor"), f"/api/v1/sources/{source_id}/proposal"
    assert is_problem(as_("viewer").post(place), 403)
    assert editor.post(place).json()["url"] == f"{site.url}/new"
    assert is_problem(editor.post(place), 409)


def test_other_selectors_are_tried_on_what_was_kept(as_: As, site: Site, database: Database) -> None:
    url = site.put("/", services.front_page(things(1, 2, 3, 4, 5, 6)), Content_Type="text/html")
    editor = as_("editor")
    source_id = editor.post("/api/v1/sources", json={"url": url}).json()["items"][0]["source_id"]
    place = f"/api/v1/sources/{source_id}/ways"
    del site.pages["/"]
    assert editor.get(place).json()["items"][0]["options"]["item"] == "article.teaser"
    read = editor.post(f"{place}/try", json={"options": {"item": "article", "link": "h2 a"}}).json()
    assert len(read["entries"]) == 6
    assert (read["already_added"], read["entries"][0]["outcome"]) == (True, "new")
    site.put("/", services.front_page(things(1, 2, 3, 4, 5, 6)), Content_Type="text/html")
    run_all(database, queues=("sources",))
    read = editor.post(f"{place}/try", json={"options": {"item": "article", "link": "h2 a"}}).json()
    assert {each["reason"] for each in read["entries"]} == {"this source has named it before"}
    wrong = editor.post(f"{place}/try", json={"options": {"item": "li.none"}})
    assert is_problem(wrong, 422)
    assert "matches ‘li.none’" in wrong.json()["detail"]
    assert is_problem(editor.get(f"/api/v1/sources/{db.new_id()}/ways"), 404)


def test_a_dry_run_of_a_mailbox_tells_its_letters_apart(
    as_: As, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(registry.registry().kinds["source"], "post", Post())
    editor, wish = as_("editor"), {"kind": "post", "url": "https://post.example/"}
    (found,) = editor.post("/api/v1/sources/preview", json=wish).json()["items"]
    assert "a post box with 2 letters" in found["sentence"]
    assert [(each["title"], each["outcome"]) for each in found["entries"]] == [
        ("One", "new"),
        ("A letter without a subject", "filtered"),
    ]
    place = f"/api/v1/sources/{editor.post('/api/v1/sources', json=wish).json()['items'][0]['source_id']}"
    run_all(database, queues=("sources", "email"))
    tried = editor.post(f"{place}/try").json()
    assert (tried["new"], tried["duplicates"], tried["already_added"]) == (0, 2, True)
    asked = editor.post("/api/v1/tasks/call", json={"task": "sources.test", "kwargs": {"source_id": place[-36:]}})
    run_all(database, queues=("sources",))
    result = editor.get(f"/api/v1/jobs/{asked.json()['task_id']}").json()["result"]
    assert (result["found"], result["duplicate"], result["items"][0]) == (2, 2, "One")


def test_a_dry_run_of_an_index_names_the_pages_of_its_newest_sitemaps(as_: As, site: Site) -> None:
    pages = "".join(f"<url><loc>{site.url}/{number}</loc></url>" for number in range(3))
    site.put("/one.xml", f"<urlset>{pages}</urlset>", Content_Type="application/xml")
    index = f"<sitemapindex><sitemap><loc>{site.url}/one.xml</loc></sitemap></sitemapindex>"
    url = site.put("/all.xml", index, Content_Type="application/xml")
    (found,) = as_("editor").post("/api/v1/sources/preview", json={"url": url}).json()["items"]
    assert (found["new"], len(found["entries"])) == (3, 3)
    assert found["sentence"] == "a sitemap index of 1 sitemap, the newest of them with 3 pages"
    del site.pages["/one.xml"]
    (found,) = as_("editor").post("/api/v1/sources/preview", json={"url": url}).json()["items"]
    assert (found["new"], "its newest sitemaps cannot be read" in found["warnings"][0]) == (0, True)


def test_a_secret_is_removed_and_never_shown(as_: As, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.registry().kinds["source"], "probe", Probe())
    editor = as_("editor")
    wish = {"kind": "probe", "url": "https://probe.example/", "options": {"topic": "sea"}}
    assert is_problem(editor.post("/api/v1/sources", json=wish), 422)
    made = editor.post("/api/v1/sources", json=wish | {"secret": "s3cret-harbour"})
    path = f"/api/v1/sources/{made.json()['items'][0]['source_id']}"
    assert (editor.get(path).json()["has_secret"], "s3cret" in editor.get(path).text) == (True, False)
    assert editor.patch(path, json={"secret": "x", "remove_secret": True}).status_code == 422
    left = editor.patch(path, json={"remove_secret": True}).json()
    assert (left["has_secret"], left["enabled"]) == (False, False)


def test_robots_txt_is_asked_and_overruled_by_administrators_only(as_: As, site: Site) -> None:
    site.put("/robots.txt", "User-agent: *\nDisallow: /private/\nCrawl-delay: 7")
    said = as_("editor").get("/api/v1/robots", params={"url": f"{site.url}/private/a"}).json()
    assert (said["may_fetch"], said["outcome"], said["rule"]) == (False, "disallowed", "Disallow: /private/")
    assert (said["crawl_delay"], said["place"]) == (7.0, f"{site.url}/robots.txt")
    assert as_("editor").get("/api/v1/robots", params={"url": f"{site.url}/a"}).json()["may_fetch"]
    assert site.asked == ["/robots.txt"]
    as_("editor").get("/api/v1/robots", params={"url": f"{site.url}/a", "anew": True})
    assert site.asked == ["/robots.txt"] * 2
    is_problem(as_("editor").get("/api/v1/robots", params={"url": "ftp://velm.example/a"}), 422)
    where = f"/api/v1/sources/{added(as_, site)}"
    is_problem(as_("editor").put(f"{where}/robots", json={"reason": "the owner agreed"}), 403)
    is_problem(as_("admin").put(f"{where}/robots", json={"reason": " "}), 422)
    source = as_("admin").put(f"{where}/robots", json={"reason": "the owner agreed"}).json()
    assert source["robots_overruled"]["reason"] == "the owner agreed"
    assert as_("admin").delete(f"{where}/robots").json()["robots_overruled"] is None
