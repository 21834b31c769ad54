"""What the folder channel writes, read by the machines that will read it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import feedparser
import lxml.etree
import lxml.html
import pytest

from stonehand.channels.interfaces import Piece, Reference
from stonehand.plugins import folder_feeds as feeds
from stonehand.plugins import folder_pages as pages
from stonehand.plugins.folder_pages import Entry

from .conftest import make_piece

Make = Callable[[str, str, Sequence[Entry]], str]
NASTY = "<script>alert(1)</script> \" ' & ]]> \x00\x0b\ud800 --- {{x}} \u202e"


def nasty() -> Piece:
    reference = Reference(1, NASTY, "javascript:alert(1)", NASTY, (NASTY,))
    web = Reference(2, NASTY, 'https://a.example/"><script>alert(1)</script>', "", ())
    return make_piece(
        title=NASTY,
        excerpt=NASTY,
        label=NASTY,
        generator=NASTY,
        language='en"><script>',
        markdown=NASTY + "\n\n[x](javascript:alert(1)) ![i](https://t.example/pixel.gif) <img src=x onerror=alert(1)>"
        "\n\n<https://a.example/> [data](data:text/html,x)\n\n<style>p{}</style><form action=x><input>",
        references=(reference, web),
    )


def entry(piece: Piece) -> Entry:
    return Entry(
        "k", "n", "i", piece.title, piece.excerpt, piece.language, piece.label, "offline", piece.at.isoformat()
    )


def only(page: Any, path: str) -> Any:
    found = page.findall(path)
    assert len(found) == 1, path
    return found[0]


def test_a_page_shows_text_label_and_sources(piece: Piece) -> None:
    page = lxml.html.fromstring(pages.as_page(piece))
    assert page.get("lang") == "en"
    assert page.findtext(".//h1") == piece.title
    assert [note.text for note in page.iterfind(".//p[@role='note']")] == [piece.label]
    assert page.findtext(".//article/p/strong") == "open"
    assert [link.get("href") for link in page.iterfind(".//ol/li/a")] == ["https://a.example/1?a=1&b=2"]
    assert page.findtext(".//ol/li/blockquote") == "It is open."
    assert piece.generator in only(page, ".//meta[@name='generator']").get("content")
    assert '"datePublished": "2025-03-01T12:01:00+00:00"' in only(page, ".//script").text


def test_nothing_in_a_page_can_run_or_load() -> None:
    page = lxml.html.fromstring(pages.as_page(nasty()))
    assert [script.get("type") for script in page.iter("script")] == ["application/ld+json"]
    assert "<" not in only(page, ".//script").text
    for name in ("img", "form", "input", "iframe", "object", "svg"):
        assert not list(page.iter(name))
    assert len(list(page.iter("style"))) == 1
    assert not page.xpath("//@*[starts-with(name(), 'on')]")
    schemes = {href.split(":")[0] for element in page.iter("a") if (href := element.get("href", "")) and ":" in href}
    assert schemes == {"https"}
    assert "default-src 'none'" in only(page, ".//meta[@http-equiv]").get("content")


@pytest.mark.parametrize("make", [feeds.rss, feeds.atom])
def test_a_nasty_feed_is_well_formed_and_says_the_same(make: Make) -> None:
    feed = make(NASTY, "https://n.example/", [entry(nasty())])
    lxml.etree.fromstring(feed.encode())
    parsed = feedparser.parse(feed)
    assert not parsed.bozo
    assert [item.title for item in parsed.entries] != []
    assert "<script" not in pages.as_index(NASTY, [entry(nasty())])


@pytest.mark.parametrize("make", [feeds.rss, feeds.atom])
def test_an_empty_feed_is_well_formed(make: Make) -> None:
    parsed = feedparser.parse(make("N", "https://n.example/", []))
    assert not parsed.bozo
    assert parsed.entries == []


def test_the_three_feeds_say_the_same_also_of_a_correction() -> None:
    made = replace(entry(make_piece()), corrected="2025-03-04T10:00:00+00:00")
    rows = [feedparser.parse(make("N", "https://n.example/", [made])).entries[0] for make in (feeds.rss, feeds.atom)]
    (item,) = json.loads(feeds.json_feed("N", "https://n.example/", [made]))["items"]
    for row in rows:
        assert (row.title, row.link, row.summary) == (item["title"], item["url"], item["content_text"])
        assert (row.published_parsed[:3], row.updated_parsed[:3]) == ((2025, 3, 1), (2025, 3, 4))
    assert (item["date_published"][:10], item["date_modified"][:10]) == ("2025-03-01", "2025-03-04")
    assert made.label in item["content_text"]
    (odd,) = json.loads(feeds.json_feed(NASTY, "https://n.example/", [entry(nasty())]).encode())["items"]
    assert "alert(1)" in odd["title"]


@pytest.mark.parametrize("make", [make_piece, nasty])
def test_the_head_of_the_markdown_is_one_line_a_value(make: Callable[[], Piece]) -> None:
    text = pages.as_markdown(make())
    _, head, body = re.split(r"^---$", text, maxsplit=2, flags=re.MULTILINE)
    names = [line.split(":", 1)[0] for line in head.strip().split("\n")]
    assert names == [
        "title",
        "date",
        "id",
        "language",
        "label",
        "generator",
        "sample",
        "description",
        "keywords",
        "citations",
    ]
    assert body.strip().startswith("> ")


def test_the_markdown_is_the_approved_text_below_its_label(piece: Piece) -> None:
    assert pages.as_markdown(piece).endswith(f"\n---\n\n> {piece.label}\n\n{piece.markdown}\n")


def test_a_sample_says_so_in_the_language_of_the_piece(piece: Piece) -> None:
    assert "Sample:" in pages.as_page(replace(piece, is_sample=True))
    german = pages.as_page(replace(piece, is_sample=True, language="de"))
    assert "Beispiel:" in german
    assert "Was die Quellen sagen" in german
    assert "Sample:" not in pages.as_page(piece)
