"""Who wrote a page and when is read where readers see it, and nowhere else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from stonehand.articles import dates
from stonehand.articles.extraction import Extracted, Hints, extract

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
URL = "https://www.example.org/news/harbour-closed"
TEXT = (
    "<p>The harbour of Velm was closed on Tuesday evening after a crane collapsed onto the western quay.</p>"
    "<p>Nobody was hurt, the port authority said, but three ships have to wait until the wreck is cleared.</p>"
)


def read(beside: str, head: str = "", after: str = "", url: str = URL) -> Extracted:
    body = f"<h1>Harbour of Velm closed</h1>{beside}<article>{TEXT}</article>{after}"
    return extract(f"<!doctype html><html><head>{head}</head><body>{body}</body></html>".encode(), url, Hints(NOW))


@pytest.mark.parametrize(
    ("beside", "author"),
    [
        ("<p>By Ada Quill</p>", "Ada Quill"),
        ("<p>by: <!-- x -->Ada Quill<!-- -->, <!-- -->May 3, 2026</p>", "Ada Quill"),
        ("<p>By <a href='/a'>Ada Quill</a> and <a href='/b'>Ben van der Hook</a> | 3 May 2026</p>", None),
        ("<div><span>Written by</span><span>Ada Quill, MD, PhD</span></div>", "Ada Quill, MD, PhD"),
        ("<ul><li>Von Jörg Müller-Lüdenscheid</li></ul>", "Jörg Müller-Lüdenscheid"),
        ("<p class='post-author'>Kev</p>", "Kev"),
        ("<p>By Ada Quill • 8 min read</p>", "Ada Quill"),
        ("<p>By the way, this was no crane of ours.</p>", None),
        ("<form class='author'><label>Name</label></form>", None),
        ("<nav class='byline'>Ada Quill</nav>", None),
    ],
)
def test_names_behind_a_by(beside: str, author: str | None) -> None:
    expected = "Ada Quill, Ben van der Hook" if " and <a" in beside else author
    assert read(beside).author == expected


def test_a_teaser_far_below_names_nobody() -> None:
    after = "".join(f"<div><p>Other news {each}</p></div>" for each in range(60)) + "<p>By Zed Other</p>"
    assert read("", after=after).author is None


def test_the_outlet_is_the_author_only_if_no_person_is_shown() -> None:
    head = '<meta name="author" content="Velm Post"><meta property="og:site_name" content="Velm Post">'
    assert read("", head).author == "Velm Post"
    assert read("<p>By Ada Quill</p>", head).author == "Ada Quill"


def test_every_author_of_a_paper_is_named() -> None:
    head = '<meta name="citation_author" content="Quill, Ada"><meta name="citation_author" content="Ben Hook">'
    assert read("", head).author == "Ada Quill, Ben Hook"


def test_a_label_beside_a_name() -> None:
    assert read("", '<meta name="twitter:label1" content="Written by"><meta name="twitter:data1" content="Ada Quill">')
    head = '<meta name="twitter:label2" content="Written by"><meta name="twitter:data2" content="Ada Quill">'
    assert read("", head).author == "Ada Quill"


def test_an_author_who_is_only_pointed_at_is_found() -> None:
    ld = """<script type="application/ld+json">{"@graph": [{"@type": "Article", "author": {"@id": "#ada"}},
     {"@type": "Person", "@id": "#ada", "name": "Ada Quill"}]}</script>"""
    assert read("", ld).author == "Ada Quill"


def test_who_asked_in_a_forum() -> None:
    ld = """<script type="application/ld+json">{"@type": "QAPage", "mainEntity": {"@type": "Question",
     "dateCreated": "2026-04-17T10:58:44Z", "author": {"@type": "Person", "name": "jonb"}}}</script>"""
    found = read("", ld)
    assert (found.author, found.published_at) == ("jonb", datetime(2026, 4, 17, 10, 58, 44, tzinfo=UTC))


@pytest.mark.parametrize("software", ["admin", "undefined", "262588213843476", "https://example.org/ada"])
def test_what_software_fills_in_is_nobody(software: str) -> None:
    assert read("", f'<meta name="author" content="{software}">').author is None


@pytest.mark.parametrize(
    ("beside", "day"),
    [
        ("<span>May 3rd, 2026</span>", "2026-05-03"),
        ("<span>Published on 3 May 2026</span>", "2026-05-03"),
        ("<p>3. Mai 2026</p>", "2026-05-03"),
        ("<p>Updated: May 9, 2026</p><p>Posted May 3, 2026</p>", "2026-05-03"),
        ("<p>Last updated May 9, 2026</p>", "2026-05-09"),
        ("<time datetime='2026-05-03'>three weeks ago</time>", "2026-05-03"),
        ("<p itemprop='datePublished'>2026-05-03 10:00:00Z</p>", "2026-05-03"),
        ("<p>May 3, 2027</p>", None),
        ("<p>On May 3, 2026 a ship came in, and everybody who saw it went to the quay to look.</p>", None),
    ],
)
def test_days_beside_the_headline(beside: str, day: str | None) -> None:
    found = read(beside).published_at
    assert (found.date().isoformat() if found else None) == day


def test_nothing_is_guessed_of_a_page_that_is_no_article() -> None:
    after = "<footer>Copyright 2024-02-03 Example</footer>"
    assert read("", after=after).published_at is None
    guessed = read("", '<meta property="og:type" content="article">', after, URL)
    assert guessed.published_at is None or guessed.origins["published"]["origin"] == "guess"


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("July 17, 2025", "2025-07-17"),
        ("17 de julio de 2025", "2025-07-17"),
        ("17. März 2025", "2025-03-17"),
        ("1er août 2025", "2025-08-01"),
        ("04-ago-2021 5:11:10", "2021-08-04"),
        ("Tuesday, Feb. 3, 2026", "2026-02-03"),
        ("17.07.2025", "2025-07-17"),
        ("7/17/2025", "2025-07-17"),
        ("17/7/2025", "2025-07-17"),
        ("3/4/2025", None),
        ("Febtober 3, 2025", None),
        ("31 June 2025", None),
    ],
)
def test_days_as_people_write_them(written: str, day: str | None) -> None:
    found = dates.parse(written, NOW)
    assert (found.at.date().isoformat() if found else None) == day
