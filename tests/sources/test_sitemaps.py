"""Sitemaps, indexes of them, and news sitemaps."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest

from stonehand.sources import sitemaps
from stonehand.sources.errors import SitemapMalformed, Unreadable

URL = "https://s.example/sitemap.xml"
NEWS = b"""<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc>https://s.example/old</loc><lastmod>2020-01-01</lastmod></url>
<url><loc>/new</loc><n:news><n:publication><n:name>S</n:name><n:language>de</n:language></n:publication>
<n:publication_date>2021-09-06T14:00+02:00</n:publication_date><n:title>Neu</n:title></n:news>
<image:image><image:loc>https://s.example/x.jpg</image:loc><image:title>Bild</image:title></image:image></url>
<url><loc>https://s.example/undated</loc></url><url/></urlset>"""


def test_news_dates_and_titles_newest_first() -> None:
    reading = sitemaps.read(NEWS, URL).reading
    assert reading.format == "news sitemap"
    assert [each.url for each in reading.entries] == [
        "https://s.example/new",
        "https://s.example/old",
        "https://s.example/undated",
    ]
    assert reading.entries[0].title == "Neu"
    assert reading.entries[0].language == "de"
    assert reading.entries[0].published == datetime(2021, 9, 6, 12, tzinfo=UTC)


def test_index_names_its_children_newest_first() -> None:
    body = b"""<sitemapindex><sitemap><loc>/a.xml</loc><lastmod>2020-01-01</lastmod></sitemap>
      <sitemap><loc>/b.xml.gz</loc><lastmod>2021-01-01</lastmod></sitemap></sitemapindex>"""
    assert [child.url for child in sitemaps.read(body, URL).children] == [
        "https://s.example/b.xml.gz",
        "https://s.example/a.xml",
    ]


def test_packed_sitemaps_are_unpacked_but_bombs_are_not() -> None:
    assert len(sitemaps.read(gzip.compress(NEWS), URL).reading.entries) == 3
    with pytest.raises(SitemapMalformed, match="unpacks to more"):
        sitemaps.read(gzip.compress(b" " * 6_000_000), URL)
    with pytest.raises(SitemapMalformed, match="damaged"):
        sitemaps.read(b"\x1f\x8bjunk!!!!!!!!!!", URL)


def test_entries_are_capped_at_the_newest() -> None:
    pages = "".join(f"<url><loc>/{n}</loc><lastmod>20{n // 100:02}-01-01</lastmod></url>" for n in range(3000))
    entries = sitemaps.read(f"<urlset>{pages}</urlset>".encode(), URL).reading.entries
    assert len(entries) == 500
    assert entries[0].url == "https://s.example/2900"


@pytest.mark.parametrize("body", [b"<rss/>", b"<html></html>", b"User-agent: *"])
def test_other_things_are_refused(body: bytes) -> None:
    with pytest.raises(Unreadable):
        sitemaps.read(body, URL)
