"""How well a text is made for search engines: thirteen parts, 100 points, and what would gain the missing ones."""

from __future__ import annotations

import math
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
WORD_STEPS = ((2000, 15), (1500, 12), (1000, 8), (500, 5))
TITLE, META = (40, 70), (120, 160)  # characters
NO_KEYWORD = "Say which keyword the text is to be found by."


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
    """`score` is 0 to 100, the sum of its parts; `density` is the keyword's occurrences per hundred words."""

    score: float
    parts: tuple[Part, ...]
    density: float = 0.0


def score(page: Page) -> Seo:
    """All parts, in the order of `PARTS`."""
    words = lexical.words(page.markdown)
    per_hundred, places = density(page.keyword, page.markdown, len(words))
    found = (*_titles(page), *_metas(page), _words(len(words)), _density(page.keyword, per_hundred, places, len(words)))
    found += (_early(page.keyword, page.markdown, words), _readable(page.ease), *_structure(page.markdown))
    return Seo(round(sum(part.points for part in found), 1), found, per_hundred)


def density(keyword: str, text: str, words: int) -> tuple[float, list[Span]]:
    """Occurrences of the keyword per hundred words, to two decimals, also inside longer words; and where they are."""
    wanted = keyword.strip()
    if not wanted:
        return 0.0, []
    spans = [Span(m.start(), m.end(), m.group()) for m in re.finditer(re.escape(wanted), text, re.IGNORECASE)]
    return round(100 * len(spans) / max(words, 1), 2), spans


def _titles(page: Page) -> tuple[Part, ...]:
    keyword, title = page.keyword.strip().lower(), page.title.strip()
    with_it = f"Put “{keyword}” into the title." if keyword else NO_KEYWORD
    first = f"Let the title begin with “{keyword}”." if keyword else NO_KEYWORD
    return (
        _yes("keyword_in_title", bool(keyword) and keyword in title.lower(), f"the title holds “{keyword}”", with_it),
        _length("title_length", "title", len(title), TITLE),
        _yes(
            "title_starts", bool(keyword) and title.lower().startswith(keyword[:10]), "the title starts with it", first
        ),
    )


def _metas(page: Page) -> tuple[Part, ...]:
    keyword, meta = page.keyword.strip().lower(), page.meta.strip()
    with_it = f"Put “{keyword}” into the description." if keyword else NO_KEYWORD
    holds = bool(keyword) and keyword in meta.lower()
    return (
        _yes("keyword_in_meta", holds, f"the description holds “{keyword}”", with_it),
        _length("meta_length", "description", len(meta), META),
    )


def _length(name: str, what: str, length: int, best: tuple[int, int]) -> Part:
    least, most = best
    missing, over = least - length, length - most
    advice = f"Make the {what} {missing} characters longer." if missing > 0 else f"Cut {over} characters of the {what}."
    reason = f"the {what} has {length} characters; {least} to {most} are best"
    return _yes(name, least <= length <= most, reason, advice)


def _yes(name: str, fits: bool, reason: str, advice: str, evidence: tuple[Span, ...] = ()) -> Part:
    if fits:
        return Part(name, PARTS[name], PARTS[name], reason, evidence)
    return Part(name, 0.0, PARTS[name], f"not so: {reason}", evidence, advice)


def _words(count: int) -> Part:
    points = next((points for least, points in WORD_STEPS if count >= least), 0)
    step = next(((least, gained) for least, gained in reversed(WORD_STEPS) if count < least), None)
    advice = f"Write {step[0] - count:,} more words for {step[1] - points} points." if step else ""
    return Part("words", float(points), PARTS["words"], f"{count:,} words; 2,000 are best", (), advice)


def _density(keyword: str, percent: float, spans: list[Span], words: int) -> Part:
    points = 15 if 1 <= percent <= 2.5 else 10 if 0.5 <= percent <= 3 else 5 if percent > 0 else 0
    reason = f"“{keyword.strip()}” stands there {len(spans)} times, {percent:g}%; 1 to 2.5% is best"
    reason = reason if keyword.strip() else "no keyword is named"
    advice = _denser(keyword.strip(), len(spans), words) if points < 15 else ""
    return Part("keyword_density", float(points), PARTS["keyword_density"], reason, tuple(spans[:5]), advice)


def _denser(keyword: str, times: int, words: int) -> str:
    """How often more or less the keyword should stand there."""
    least, most = math.ceil(words / 100), math.floor(words / 40)
    if not keyword:
        return NO_KEYWORD
    if times < least:
        return f"Use “{keyword}” {least - times} more {'time' if least - times == 1 else 'times'}."
    if times > most:
        return f"Use “{keyword}” {times - most} {'time' if times - most == 1 else 'times'} less."
    return f"Write more text around “{keyword}”."


def _early(keyword: str, text: str, words: list[str]) -> Part:
    _, spans = density(keyword, text, len(words))
    before = len(lexical.words(text[: spans[0].start])) if spans else len(words)
    advice = f"Say “{keyword.strip()}” within the first hundred words." if keyword.strip() else NO_KEYWORD
    fits = bool(spans) and before < 100
    return _yes("keyword_early", fits, "it stands in the first hundred words", advice, tuple(spans[:1]))


def _readable(ease: float) -> Part:
    points = 15 if 50 <= ease <= 70 else 10 if 40 <= ease <= 80 else 5 if ease > 30 else 0
    harder = "Longer sentences would do; it is very easy." if ease > 70 else "Shorten sentences and use shorter words."
    advice = "" if points == 15 else harder
    return Part(
        "readability", float(points), PARTS["readability"], f"reading ease {ease:.0f}; 50 to 70 is best", (), advice
    )


def _structure(markdown: str) -> tuple[Part, ...]:
    headings = [Span(found.start(), found.end(), found.group()) for found in H2.finditer(markdown)]
    more = 3 - len(headings)
    many = f"Give the text {more} more {'heading' if more == 1 else 'headings'} of the second level (##)."
    return (
        _yes(
            "second_heading",
            bool(headings),
            "a heading of the second level",
            "Divide the text by a heading of the second level (##).",
            tuple(headings[:1]),
        ),
        _yes(
            "third_heading",
            bool(H3.search(markdown)),
            "a heading of the third level",
            "Add a heading of the third level (###) under one of the second.",
        ),
        _yes("list", bool(LIST.search(markdown)), "a list", "Put what is counted up into a list (- …)."),
        _yes("three_headings", more <= 0, f"{len(headings)} headings of the second level; 3 are best", many),
    )
