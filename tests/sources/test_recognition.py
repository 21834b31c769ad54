"""What an address turned out to be, in a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stonehand.errors import Rejected
from stonehand.http_client import Reply
from stonehand.sources.discovery import common_places, sitemap_places
from stonehand.sources.errors import FeedMalformed, NothingFound
from stonehand.sources.recognition import recognise

FEED = b"<rss><channel><title>Title</title><item><link>https://a.example/1</link></item></channel></rss>"
LONG = b"<p>" + b"A long sentence about something that happened. " * 40 + b"</p>"


def reply(body: bytes, kind: str = "", url: str = "https://a.example/x/page") -> Reply:
    return Reply(url=url, status=200, headers={"content-type": kind} if kind else {}, body=body)


@pytest.mark.parametrize("kind", ["application/rss+xml", "text/html; charset=utf-8", "text/plain", ""])
def test_a_feed_is_a_feed_whatever_its_type(kind: str) -> None:
    found = recognise(reply(FEED, kind))
    assert (found.what, found.kind) == ("feed", "feed")
    assert found.sentence == "an RSS feed of 1 entry: ‘Title’"


def test_json_feed_and_empty_feed() -> None:
    found = recognise(reply(b'{"version": "https://jsonfeed.org/version/1", "title": "J", "items": []}'))
    assert found.sentence == "a JSON Feed with no entries yet: ‘J’"


def test_opml_and_sitemaps() -> None:
    assert (
        recognise(reply(b"<opml><body><outline xmlUrl='https://b.example/'/></body></opml>")).sentence
        == "an OPML list of 1 feed"
    )
    assert recognise(reply(b"<urlset><url><loc>/a</loc></url></urlset>")).sentence == "a sitemap of 1 page"
    index = recognise(reply(b"<sitemapindex><sitemap><loc>/a</loc></sitemap></sitemapindex>"))
    assert index.sentence == "a sitemap index of 1 sitemap"
    assert index.children == ("https://a.example/a",)


def test_a_site_and_the_feeds_it_offers() -> None:
    body = b"""<html><head><title>Site</title><base href="/sub/">
      <link rel="alternate" type="application/rss+xml" href="/comments/feed/" title="Comments">
      <link rel="alternate" type="application/atom+xml; charset=utf-8" href="atom.xml" title="Posts">
      <link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/1">
      <link rel="alternate" hreflang="de" href="/de/"></head><body></body></html>"""
    found = recognise(reply(body, "text/html", "https://a.example/"))
    assert found.what == "site"
    assert found.sentence == "a site that offers 2 feeds: ‘Site’"
    assert [offer.url for offer in found.offers] == [
        "https://a.example/sub/atom.xml",
        "https://a.example/comments/feed/",
    ]


@pytest.mark.parametrize(
    "head",
    [
        b'<meta property="og:type" content="article">',
        b'<meta property="article:published_time" content="2021-09-06">',
        b'<script type="application/ld+json">{"@graph": [{"@type": ["NewsArticle"]}]}</script>',
    ],
)
def test_an_article_says_so(head: bytes) -> None:
    link = b'<link rel="alternate" type="application/rss+xml" href="/feed">'
    body = b"<html><head><title>Story</title>" + link + head + b"</head><body>x</body></html>"
    found = recognise(reply(body, "text/html"))
    assert (found.what, found.kind, found.sentence) == ("article", "pages", "an article: ‘Story’")
    assert recognise(reply(body, "text/html", "https://a.example/")).what == "site"


def test_an_article_without_marks_is_known_by_its_length() -> None:
    assert recognise(reply(b"<html><body>" + LONG + b"</body></html>", "text/html")).what == "article"
    assert recognise(reply(b"<html><body><p>Hello</p></body></html>", "text/html")).what == "site"


def test_what_is_nothing_of_all_that() -> None:
    with pytest.raises(NothingFound, match="empty page"):
        recognise(reply(b" \n"))
    with pytest.raises(NothingFound, match="image/png"):
        recognise(reply(b"\x89PNG\r\n", "image/png"))
    with pytest.raises(FeedMalformed, match="<svg>"):
        recognise(reply(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"))


def test_places_to_look_at() -> None:
    assert "https://a.example/feed" in common_places("https://a.example/deep/page")
    robots = "User-agent: *\nSitemap: https://a.example/map.xml\nsitemap: javascript:1"
    assert sitemap_places("https://a.example/", robots)[0] == "https://a.example/map.xml"


@given(
    st.one_of(st.binary(max_size=200), st.text("<>htmlrsfedp/!DOCTYPE{}[]\"' =", max_size=120).map(str.encode)),
    st.sampled_from(["", "text/html", "application/xml"]),
)
def test_nothing_but_our_errors(body: bytes, kind: str) -> None:
    try:
        found = recognise(reply(body, kind))
    except Rejected:
        return
    assert found.sentence
