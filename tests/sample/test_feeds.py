"""Feeds and the sitemap are valid and complete, the broken feed is not, and all of them say what they are."""

from __future__ import annotations

import json
from datetime import timedelta
from urllib.request import urlopen
from xml.etree import ElementTree

import feedparser
import pytest

from stonehand.sample import Newsroom, outlets, slug_of
from stonehand.sample.content import articles
from stonehand.sample.edition import Edition
from stonehand.sample.outlets import BROKEN, NOTICE, OUTLETS, SLOW


def _body(url: str) -> bytes:
    with urlopen(url) as reply:
        body: bytes = reply.read()
    return body


@pytest.mark.parametrize(
    ("path", "version"),
    [
        ("harbour-gazette/feed.xml", "rss20"),
        ("northfell-courier/rss.xml", "rss20"),
        ("tarn-valley-post/atom.xml", "atom10"),
        ("altenquell-anzeiger/aktuell.rss", "rss20"),
        (SLOW, "rss20"),
    ],
)
def test_feed_is_valid_and_lists_its_articles(edition: Edition, path: str, version: str) -> None:
    feed = feedparser.parse(_body(f"{edition.address}/{path}"))
    outlet = OUTLETS[path.partition("/")[0]]
    wanted = {one.slug: one for one in edition.of(outlet, "community" if path == SLOW else "main")}
    assert not feed.bozo
    assert feed.version == version
    assert feed.feed.title.startswith(outlet.label)
    assert NOTICE in feed.feed.subtitle
    assert [slug_of(entry.link) for entry in feed.entries] == list(wanted)
    for entry in feed.entries:
        assert entry.title == wanted[slug_of(entry.link)].title
        assert tuple(entry.published_parsed[:5]) == edition.published(wanted[slug_of(entry.link)]).timetuple()[:5]


def test_full_text_where_it_is_promised_and_only_there(edition: Edition) -> None:
    full = feedparser.parse(_body(f"{edition.address}/harbour-gazette/feed.xml"))
    short = feedparser.parse(_body(f"{edition.address}/northfell-courier/rss.xml"))
    assert all(entry.content[0].value.count("<p>") >= 4 for entry in full.entries)
    assert not any("content" in entry for entry in short.entries)
    assert all("utm_source=rss" in entry.link for entry in short.entries)


def test_json_feed(edition: Edition) -> None:
    feed = json.loads(_body(f"{edition.address}/meridian-review/feed.json"))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert NOTICE in feed["description"]
    assert [item["url"] for item in feed["items"]] == [
        edition.url(one) for one in edition.of(OUTLETS["meridian-review"])
    ]
    assert all(item["content_html"] and item["date_published"].endswith("+00:00") for item in feed["items"])


def test_sitemap(edition: Edition) -> None:
    body = _body(f"{edition.address}/kestrel-wire/sitemap.xml")
    names = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
    locations = [one.text for one in ElementTree.fromstring(body).findall("s:url/s:loc", names)]
    assert locations == [edition.url(one) for one in edition.of(OUTLETS["kestrel-wire"])]
    assert NOTICE.encode() in body


def test_broken_feed_is_no_xml_and_gives_no_article(edition: Edition) -> None:
    body = _body(f"{edition.address}/{BROKEN}")
    with pytest.raises(ElementTree.ParseError):
        ElementTree.fromstring(body)
    assert feedparser.parse(body).entries == []
    assert NOTICE.encode() in body


def test_sources_reach_every_article(newsroom: Newsroom, edition: Edition) -> None:
    everything = b"".join(_body(url) for url in outlets(newsroom.address)).decode("utf-8", errors="replace")
    assert [one.slug for one in articles() if edition.url(one) not in everything] == []


def test_opml_lists_the_sources(newsroom: Newsroom) -> None:
    tree = ElementTree.fromstring(_body(f"{newsroom.address}/outlets.opml"))
    assert [one.get("xmlUrl") for one in tree.iter("outline")] == outlets(newsroom.address)


def test_dates_follow_the_epoch(edition: Edition) -> None:
    later = Edition(edition.address, edition.epoch + timedelta(days=3))
    assert all(later.published(one) - edition.published(one) == timedelta(days=3) for one in articles())
    assert all(edition.published(one) < edition.epoch for one in articles())
