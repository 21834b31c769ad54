"""How well a text is made for search engines: thirteen parts, 100 points."""

from __future__ import annotations

import re
from dataclasses import dataclass

from stonehand.nlp import lexical
from stonehand.nlp.quality import Part
from stonehand.nlp.spans import Span

PARTS = {
    "keyword_in_title": 10.0,
    "title_length": 5.0,
    "title_starts": 5.0,
    "keyword_in_meta": 8.0,
    "meta_length": 7.0,
    "words": 15.0,
    "keyword_density": 15.0,
    "keyword_early": 5.0,
    "readability": 15.0,
    "second_heading": 5.0,
    "third_heading": 3.0,
    "list": 4.0,
    "three_headings": 3.0,
}
H2, H3 = re.compile(r"^##\s+\S.*$", re.MULTILINE), re.compile(r"^###\s+\S.*$", re.MULTILINE)
LIST = re.compile(r"^\s*(?:[-*+]|\d+\.)\s+\S.*$", re.MULTILINE)


@dataclass(frozen=True)
class Page:
    """What is scored. `markdown` is the body, `ease` its reading ease, 0 to 100."""

    title: str
    meta: str
    keyword: str
    markdown: str
    ease: float


@dataclass(frozen=True)
class Seo:
    """`score` is 0 to 100, the sum of its parts."""

    score: float
    parts: tuple[Part, ...]


def score(page: Page) -> Seo:
    """All parts, in the order of `PARTS`."""
    keyword, title, meta = page.keyword.strip().lower(), page.title.strip(), page.meta.strip()
    words = lexical.words(page.markdown)
    headings = [Span(found.start(), found.end(), found.group()) for found in H2.finditer(page.markdown)]
    found = (
        _yes("keyword_in_title", bool(keyword) and keyword in title.lower(), f"the title holds “{keyword}”"),
        _yes("title_length", 40 <= len(title) <= 70, f"the title has {len(title)} characters; 40 to 70 are best"),
        _yes("title_starts", bool(keyword) and title.lower().startswith(keyword[:10]), "the title starts with it"),
        _yes("keyword_in_meta", bool(keyword) and keyword in meta.lower(), f"the description holds “{keyword}”"),
        _yes(
            "meta_length", 120 <= len(meta) <= 160, f"the description has {len(meta)} characters; 120 to 160 are best"
        ),
        _words(len(words)),
        _density(keyword, page.markdown, len(words)),
        _early(keyword, page.markdown, words),
        _readable(page.ease),
        _yes("second_heading", bool(headings), "a heading of the second level", tuple(headings[:1])),
        _yes("third_heading", bool(H3.search(page.markdown)), "a heading of the third level"),
        _yes("list", bool(LIST.search(page.markdown)), "a list"),
        _yes("three_headings", len(headings) >= 3, f"{len(headings)} headings of the second level; 3 are best"),
    )
    return Seo(round(sum(part.points for part in found), 1), found)


def _yes(name: str, fits: bool, reason: str, evidence: tuple[Span, ...] = ()) -> Part:
    return Part(name, PARTS[name] if fits else 0.0, PARTS[name], reason if fits else f"not so: {reason}", evidence)


def _words(count: int) -> Part:
    points = next((points for least, points in ((2000, 15), (1500, 12), (1000, 8), (500, 5)) if count >= least), 0)
    return Part("words", float(points), PARTS["words"], f"{count:,} words; 2,000 are best")


def _places(keyword: str, text: str) -> list[Span]:
    if not keyword:
        return []
    return [Span(m.start(), m.end(), m.group()) for m in re.finditer(re.escape(keyword), text, re.IGNORECASE)]


def _density(keyword: str, text: str, words: int) -> Part:
    """Occurrences per hundred words."""
    spans = _places(keyword, text)
    percent = round(100 * len(spans) / max(words, 1), 2)
    points = 15 if 1 <= percent <= 2.5 else 10 if 0.5 <= percent <= 3 else 5 if percent > 0 else 0
    reason = f"“{keyword}” stands there {len(spans)} times, {percent:g}%; 1 to 2.5% is best"
    return Part("keyword_density", float(points), PARTS["keyword_density"], reason, tuple(spans[:5]))


def _early(keyword: str, text: str, words: list[str]) -> Part:
    spans = _places(keyword, text)
    before = len(lexical.words(text[: spans[0].start])) if spans else len(words)
    return _yes("keyword_early", bool(spans) and before < 100, "it stands in the first hundred words", tuple(spans[:1]))


def _readable(ease: float) -> Part:
    points = 15 if 50 <= ease <= 70 else 10 if 40 <= ease <= 80 else 5 if ease > 30 else 0
    return Part("readability", float(points), PARTS["readability"], f"reading ease {ease:.0f}; 50 to 70 is best")
