"""RSS, Atom and JSON feeds, well made and badly made."""

from __future__ import annotations

import json
import time
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stonehand.sources import feeds
from stonehand.sources.errors import FeedMalformed, HtmlInstead, Unreadable
from stonehand.sources.readings import MOST_ENTRIES

URL = "https://news.example/feeds/all.xml"


def rss(items: str, channel: str = "<title>News</title><link>https://news.example/</link>") -> bytes:
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{channel}{items}</channel></rss>'.encode()


def test_rss() -> None:
    body = rss(
        "<item><guid>n1</guid><title>Tom &amp;amp; <![CDATA[<b>Jerry</b>]]></title><link>/a/1</link>"
        "<description>&lt;p&gt;Short.&lt;/p&gt;</description><author>a@b.example (Ann)</author>"
        "<pubDate>Mon, 06 Sep 2021 14:00:00 +0200</pubDate></item>",
        "<title>News</title><link>https://news.example/</link><language>de-AT</language>",
    )
    reading = feeds.read(body, URL)
    assert (reading.format, reading.title, reading.home_url, reading.language) == (
        "RSS",
        "News",
        "https://news.example/",
        "de",
    )
    (entry,) = reading.entries
    assert (entry.key, entry.url, entry.title) == ("n1", "https://news.example/a/1", "Tom & Jerry")
    assert entry.summary == "Short."
    assert entry.published == datetime(2021, 9, 6, 12, tzinfo=UTC)
    assert entry.author
    assert reading.whole
    assert not reading.warnings


def test_atom_with_base_and_alternate_link() -> None:
    body = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://blog.example/2021/" xml:lang="en">
      <title type="html">A &lt;i&gt;blog&lt;/i&gt;</title><link rel="self" href="/atom"/><link href="/"/>
      <entry><id>tag:blog.example,2021:1</id><title>One</title><link rel="edit" href="/edit/1"/><link href="one.html"/>
      <updated>2021-09-06T12:00:00Z</updated><content type="html">&lt;p&gt;Text&lt;/p&gt;</content>
      <author><name>Bo</name></author></entry></feed>"""
    reading = feeds.read(body, URL)
    assert (reading.format, reading.title, reading.home_url) == ("Atom", "A blog", "https://blog.example/")
    (entry,) = reading.entries
    assert entry.url == "https://blog.example/2021/one.html"
    assert entry.content_html == "<p>Text</p>"
    assert entry.author == "Bo"
    assert entry.published == entry.updated == datetime(2021, 9, 6, 12, tzinfo=UTC)


def test_json_feed() -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "J",
        "home_page_url": "/",
        "language": "en",
        "items": [
            {
                "id": 7,
                "url": "/7",
                "title": "Seven",
                "content_html": "<p>x</p>",
                "authors": [{"name": "A"}, {"name": "B"}],
            },
            {"id": "8", "content_text": "a < b\n\nc", "date_published": "2021-09-06T12:00:00Z"},
            {"id": "9", "title": "neither link nor content"},
            "junk",
        ],
    }
    reading = feeds.read(json.dumps(feed).encode(), "https://j.example/feed.json")
    assert reading.format == "JSON Feed"
    seven, eight = reading.entries
    assert (seven.key, seven.url, seven.author, seven.language) == ("7", "https://j.example/7", "A, B", "en")
    assert eight.url is None
    assert eight.content_html == "<p>a &lt; b</p>\n<p>c</p>"


def test_old_rdf_feed() -> None:
    body = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
      xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>R</title><link>https://r.example/</link></channel>
      <item rdf:about="x"><title>One</title><link>https://r.example/1</link><dc:date>2021-09-06</dc:date></item></rdf:RDF>"""
    (entry,) = feeds.read(body, URL).entries
    assert (entry.url, entry.published) == ("https://r.example/1", datetime(2021, 9, 6, tzinfo=UTC))


def test_a_guid_is_a_link_only_if_it_looks_like_one() -> None:
    body = rss(
        "<item><guid>https://news.example/1</guid></item>"
        "<item><guid>4711</guid><description>&lt;p&gt;Text</description></item>"
    )
    assert [each.url for each in feeds.read(body, URL).entries] == ["https://news.example/1", None]


def test_keys_are_derived_where_guids_are_missing() -> None:
    body = rss(
        "<item><title>One</title><link>https://news.example/1?utm_source=rss</link></item>"
        "<item><title>One again</title><link>https://news.example/1?utm_source=feed#top</link></item>"
        "<item><title>No link</title><description>Only &lt;b&gt;text&lt;/b&gt;</description></item>"
        "<item><title>Nothing at all</title></item>"
    )
    first, second = feeds.read(body, URL).entries
    assert first.key == "https://news.example/1"
    assert second.key.startswith("sha256:")
    assert second.url is None
    assert second.content_html == "Only <b>text</b>"
    assert [each.key for each in feeds.read(body, URL).entries] == [first.key, second.key]


def test_wrong_encoding_is_seen_through() -> None:
    text = "<?xml version='1.0' encoding='utf-8'?><rss><channel><title>Größe</title></channel></rss>"
    assert feeds.read(text.encode("cp1252"), URL, "utf-8").title == "Größe"
    assert feeds.read(text.replace("utf-8", "iso-8859-1").encode(), URL, "iso-8859-1").title == "Größe"
    assert feeds.read(text.encode("utf-16"), URL).title == "Größe"


def test_bare_ampersands_and_control_characters_do_no_harm() -> None:
    reading = feeds.read(
        rss("<item><title>AT&T \x0b &nbsp; news</title><link>https://n.example/?a=1&b=2</link></item>"), URL
    )
    assert reading.entries[0].title == "AT&T news"
    assert reading.entries[0].url == "https://n.example/?a=1&b=2"
    assert not reading.whole


def test_truncated_feed_keeps_what_came_and_says_so() -> None:
    whole = rss("".join(f"<item><guid>{n}</guid><link>/a/{n}</link></item>" for n in range(10)))
    reading = feeds.read(whole[: len(whole) - 130], URL)
    assert 5 <= len(reading.entries) < 10
    assert not reading.whole
    assert "broken" in reading.warnings[0]


def test_truncated_before_the_first_entry_is_an_error() -> None:
    with pytest.raises(FeedMalformed, match="no entry could be read"):
        feeds.read(b"<rss><channel><title>News</ti", URL)


def test_empty_feed_is_a_feed() -> None:
    reading = feeds.read(rss(""), URL)
    assert (reading.title, reading.entries) == ("News", ())


def test_a_feed_of_100_000_entries_is_capped_quickly() -> None:
    body = rss("".join(f"<item><guid>{n}</guid><link>/{n}</link></item>" for n in range(100_000)))
    started = time.monotonic()
    reading = feeds.read(body, URL)
    assert time.monotonic() - started < 8
    assert len(reading.entries) == MOST_ENTRIES
    assert reading.entries[0].key == "0"
    assert "more than 500 entries" in reading.warnings[0]


def test_the_newest_entries_are_taken_even_if_they_come_last() -> None:
    days = [date(2000, 1, 1) + timedelta(days=n) for n in range(600)]
    items = "".join(
        f"<item><guid>{n}</guid><link>/{n}</link><pubDate>{day}</pubDate></item>" for n, day in enumerate(days)
    )
    keys = {each.key for each in feeds.read(rss(items), URL).entries}
    assert "599" in keys
    assert "0" not in keys


def test_html_is_told_apart() -> None:
    with pytest.raises(HtmlInstead):
        feeds.read(b"<!DOCTYPE html><html><title>Not found</title></html>", URL)


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"[1, 2]",
        b'{"items": 3, "version": "https://jsonfeed.org/version/1"}',
        b'{"items": []}',
        b'{"version": "https://jsonfeed.org/version/1", "items": [',
        b"[" * 100_000,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"plain text",
        b"",
    ],
)
def test_what_is_no_feed_is_refused(body: bytes) -> None:
    with pytest.raises(Unreadable):
        feeds.read(body, URL)


NAMES = st.sampled_from(
    ["rss", "channel", "item", "title", "link", "guid", "feed", "entry", "pubDate", "description", "content", "b"]
)
TEXTS = st.one_of(
    st.text(max_size=20), st.sampled_from(["&", "&nbsp;", "&lt;p&gt;", "<![CDATA[", "]]>", "http://[", "99999999999"])
)
TREES = st.recursive(
    TEXTS, lambda inner: st.builds(lambda n, c: f"<{n}>{''.join(c)}</{n}>", NAMES, st.lists(inner, max_size=4))
)


@given(st.lists(TREES, max_size=6).map("".join), st.booleans())
def test_xml_feeds_raise_nothing_but_our_errors(inner: str, atom: bool) -> None:
    body = (
        f'<feed xmlns="http://www.w3.org/2005/Atom">{inner}</feed>'
        if atom
        else f"<rss><channel>{inner}</channel></rss>"
    )
    try:
        reading = feeds.read(body.encode("utf-8", "surrogatepass"), URL)
    except Unreadable:
        return
    assert all(each.key and (each.url or each.content_html or each.summary) for each in reading.entries)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.sampled_from(["id", "url", "items", "authors", "author", "name", "content_html", "title"]), inner
        ),
    ),
)


@given(st.lists(JSON, max_size=5))
def test_json_feeds_raise_nothing_but_our_errors(items: list[object]) -> None:
    reading = feeds.read(json.dumps({"version": "https://jsonfeed.org/version/1", "items": items}).encode(), URL)
    for each in reading.entries:
        assert each.key.encode()
        assert each.title.encode() is not None
