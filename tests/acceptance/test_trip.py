"""The trip from URL to publication, every job run by real Celery workers."""

from __future__ import annotations

import json
from typing import Any
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


def test_every_address_says_what_it_is_or_what_is_wrong(embedded: House, newsroom: Newsroom) -> None:
    opml = embedded.folder.parent / "list.opml"
    opml.write_text(OPML.format(newsroom.address))
    addresses = {
        f"{newsroom.address}/altenquell-anzeiger/": "a site with",
        f"{newsroom.address}/kestrel-wire/sitemap.xml": "sitemap",
        f"{newsroom.address}/meridian-review/feed.json": "JSON Feed",
        f"{newsroom.address}/harbour-gazette/news/{_some_article()}": "article",
        str(opml): "listed in",
    }
    bad = {
        f"{newsroom.address}/nowhere.xml": "404",
        f"{newsroom.address}/harbour-gazette/whats-on.xml": "",
        "http://169.254.169.254/latest/meta-data": "where clouds keep secrets",
        "ftp://example.org/feed": "http",
    }
    done = embedded.command("run", *addresses, *bad, "--json")
    summary = json.loads(done.stdout)
    assert summary["sources"] == len(addresses)
    for words in addresses.values():
        assert words in done.stderr
    assert [error["source"] for error in summary["errors"]] == list(bad)
    for error in summary["errors"]:
        assert bad[error["source"]] in error["reason"]
    _a_second_run_finds_nothing_new(summary, embedded.json("run", *addresses))


def _a_second_run_finds_nothing_new(first: dict[str, Any], second: dict[str, Any]) -> None:
    assert second["errors"] == []
    for count in ("entries", "articles", "stories", "drafts", "citations"):
        assert second[count] == first[count] > 0
    assert first["publications"] == second["publications"] == 0


OPML = (
    '<opml version="2.0"><head><title>Mine</title></head><body>'
    '<outline type="rss" text="Tarn Valley Post" xmlUrl="{}/tarn-valley-post/atom.xml"/></body></opml>'
)


def _some_article() -> str:
    return next(article.slug for article in articles() if article.outlet == "harbour-gazette")


def test_no_source_at_all_is_a_failure(embedded: House, newsroom: Newsroom) -> None:
    summary = embedded.json("run", f"{newsroom.address}/nowhere.xml", fails=True)
    assert summary["sources"] == 0
    assert "404" in summary["errors"][0]["reason"]
