"""The trip from URL to publication, every job run by real Celery workers."""

from __future__ import annotations

import json
from xml.etree import ElementTree

from stonehand.sample import Newsroom
from stonehand.sample.content import articles
from tests.acceptance.newsrooms import House


def test_from_a_feed_to_a_published_cited_piece(house: House, newsroom: Newsroom) -> None:
    feeds = [f"{newsroom.address}/harbour-gazette/feed.xml", f"{newsroom.address}/tarn-valley-post/atom.xml"]
    summary = house.json("run", *feeds, "--approve-to", "folder")
    assert summary["sources"] == 2
    assert summary["entries"] >= 20
    assert summary["articles"] == summary["entries"], summary["errors"]
    assert 0 < summary["stories"] < summary["articles"], "articles on one event are folded into one story"
    assert summary["drafts"] >= 1
    assert summary["citations"] >= 3 * summary["drafts"]
    assert summary["publications"] == summary["drafts"]
    assert summary["errors"] == []
    assert set(summary["seconds"]) >= {"poll", "fetch", "extract", "analyse", "place", "write", "publish", "total"}
    _published_once_with_sources(house, summary["publications"])


def _published_once_with_sources(house: House, publications: int) -> None:
    folder = house.folder / "published"
    pieces = list(folder.rglob("*.md"))
    assert len(pieces) == publications
    items = ElementTree.parse(next(folder.rglob("feed.xml"))).findall("./channel/item")
    assert len(items) == publications
    for piece in pieces:
        assert "http://127.0.0.1:" in piece.read_text(), "a published piece names its sources"


def test_every_kind_of_address_says_what_it_is(embedded: House, newsroom: Newsroom) -> None:
    opml = embedded.folder.parent / "list.opml"
    opml.write_text(OPML.format(newsroom.address))
    addresses = {
        f"{newsroom.address}/altenquell-anzeiger/": "a site with",
        f"{newsroom.address}/kestrel-wire/sitemap.xml": "sitemap",
        f"{newsroom.address}/meridian-review/feed.json": "JSON Feed",
        f"{newsroom.address}/harbour-gazette/news/{_some_article()}": "article",
        str(opml): "listed in",
    }
    done = embedded.command("run", *addresses, "--json")
    summary = json.loads(done.stdout)
    assert summary["sources"] == len(addresses)
    assert summary["errors"] == []
    for words in addresses.values():
        assert words in done.stderr


OPML = (
    '<opml version="2.0"><head><title>Mine</title></head><body>'
    '<outline type="rss" text="Tarn Valley Post" xmlUrl="{}/tarn-valley-post/atom.xml"/></body></opml>'
)


def _some_article() -> str:
    return next(article.slug for article in articles() if article.outlet == "harbour-gazette")


def test_a_second_run_finds_nothing_new_and_doubles_nothing(embedded: House, newsroom: Newsroom) -> None:
    feed = f"{newsroom.address}/meridian-review/feed.json"
    first = embedded.json("run", feed)
    second = embedded.json("run", feed)
    for count in ("entries", "articles", "stories", "drafts", "citations"):
        assert second[count] == first[count]
    assert first["publications"] == second["publications"] == 0


def test_bad_urls_are_named_and_the_good_one_works(embedded: House, newsroom: Newsroom) -> None:
    bad = {
        f"{newsroom.address}/nowhere.xml": "404",
        f"{newsroom.address}/harbour-gazette/whats-on.xml": "",
        "http://169.254.169.254/latest/meta-data": "private or reserved",
        "ftp://example.org/feed": "http",
    }
    summary = embedded.json("run", f"{newsroom.address}/meridian-review/feed.json", *bad)
    assert summary["sources"] == 1
    reasons = {error["source"]: error["reason"] for error in summary["errors"] if "source" in error}
    for url, words in bad.items():
        assert words in reasons[url]


def test_no_source_at_all_is_a_failure(embedded: House, newsroom: Newsroom) -> None:
    summary = embedded.json("run", f"{newsroom.address}/nowhere.xml", fails=True)
    assert summary["sources"] == 0
    assert "404" in summary["errors"][0]["reason"]
