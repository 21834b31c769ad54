"""Raw pages survive keeping."""

from __future__ import annotations

from stonehand.articles import pages


def test_a_page_comes_back_as_it_was() -> None:
    body = b"<html>" + b"\xff\x00 text " * 5000
    packed = pages.pack(body)
    assert len(packed) < len(body) / 10
    assert pages.unpack(packed, len(body)) == body
    assert pages.unpack(pages.pack(b""), 0) == b""


def test_unpacking_stops_at_the_known_size() -> None:
    assert len(pages.unpack(pages.pack(b"x" * 1_000_000), 100)) == 100


def test_a_page_around_what_a_feed_carried() -> None:
    page = pages.from_content("<p>Body</p>", "A <b> & C", "de").decode()
    assert '<html lang="de">' in page
    assert "<title>A &lt;b&gt; &amp; C</title>" in page
    assert "<p>Body</p>" in page
