"""Any number of different articles out of a few hundred real pages.

A page lends its markup: whatever it says in runs of six words or more is taken out, and sentences of three or more
other pages in its language are put in, about as many words in each place. So each article has a text and a title of its
own, is as long and as hard to read as a real one, and shares a part of its subject with some sixty others, but hardly
ever enough to be a copy. Dates become those of the last days, as of news. The same number always makes the same
article.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from html import escape
from itertools import accumulate, islice
from typing import Any

from lxml import html

from stonehand.articles import charsets
from stonehand.nlp import language, sentences

SHORTEST = 6  # words of a text that is replaced
DONORS = 3
PLENTY = 4  # times as many words are lent as are needed, so that two articles of the same lenders differ
MOST_DONORS = 40
FEWEST = 20  # sentences of a page that lends its words
TITLE_WORDS = 11
DAYS = 10.0  # over which the articles are spread
SILENT = {"script", "style", "noscript", "template", "svg"}
MARK, TITLE, DATE = "\ue000{}\ue001", "\ue000t\ue001", "\ue000d\ue001"  # no page has these characters
MARKED = re.compile("\ue000(t|d|\\d+)\ue001")
ISO_DATE = re.compile(r"\b(?:19|20)\d\d-[01]\d-[0-3]\d(?!\d)")
HEADLINE = re.compile(r'("headline"\s*:\s*)"(?:[^"\\]|\\.)*"')
PLAIN = re.compile(r"[^\w ,.’-]+")


@dataclass(frozen=True)
class Template:
    """A page without its words: HTML, and between its pieces a number of words, `t` for the title or `d` for a date."""

    pieces: Sequence[bytes]
    places: Sequence[str]
    said: Sequence[tuple[int, bytes]]
    """Its own sentences, as HTML, with how many words each has."""
    length: int
    """Words that are needed to fill it."""
    titles: Sequence[str]
    spoken: str

    @cached_property
    def lends(self) -> int:
        """Words of its sentences."""
        return sum(words for words, _ in self.said)


@dataclass(frozen=True)
class Made:
    """An article that nobody wrote."""

    title: str
    published_at: datetime
    body: bytes


class Mixer:
    """Makes articles of the pages that it is given, by number."""

    def __init__(self, pages: Mapping[str, bytes], newest: datetime) -> None:
        self._newest = newest
        self._templates = [template for body in pages.values() if (template := _template(body))]
        self._donors: dict[str, list[Template]] = {}
        for each in self._templates:
            if len(each.said) >= FEWEST:
                self._donors.setdefault(each.spoken, []).append(each)

    def head(self, number: int) -> tuple[str, datetime]:
        """Title and date, as a feed names them."""
        chance = random.Random(number)
        title = chance.choice(self._lent(number, chance)[0].titles)
        return f"{title} {number}", self._newest - timedelta(days=chance.uniform(0.01, DAYS))

    def page(self, number: int) -> bytes:
        """Its page, in UTF-8."""
        template, chance = self._template_of(number), random.Random(number)
        said = [sentence for lent in self._lent(number, chance) for sentence in lent.said]
        chance.shuffle(said)
        title, published_at = self.head(number)
        heard = _endless(said)
        fixed = {"t": escape(title).encode(), "d": f"{published_at:%Y-%m-%d}".encode()}
        filled = (fixed.get(place) or _words(heard, int(place)) for place in template.places)
        return b"".join(part for pair in zip(template.pieces, [*filled, b""], strict=True) for part in pair)

    def _template_of(self, number: int) -> Template:
        return self._templates[number % len(self._templates)]

    def _lent(self, number: int, chance: random.Random) -> list[Template]:
        spoken = self._template_of(number).spoken
        donors = self._donors.get(spoken, [])
        if len(donors) < 2 * DONORS:
            donors = max(self._donors.values(), key=len)
        ordered = chance.sample(donors, min(MOST_DONORS, len(donors)))
        lent = accumulate(each.lends for each in ordered)
        wanted = PLENTY * self._template_of(number).length
        return ordered[: max(DONORS, 1 + sum(words < wanted for words in lent))]


def _endless(said: Sequence[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    while True:
        yield from said


def _words(heard: Iterator[tuple[int, bytes]], wanted: int) -> bytes:
    found, count = list[bytes](), 0
    for words, sentence in heard:
        found.append(sentence)
        count += words
        if count + words / 2 >= wanted:
            break
    return b" ".join(found)


def _template(body: bytes) -> Template | None:
    text = charsets.decode(body, None)
    tree = html.document_fromstring(text.encode("utf-8", "replace"), parser=html.HTMLParser(encoding="utf-8"))
    words = list[str]()
    _mark_titles(tree)
    for element, name, found in list(_texts(tree)):
        words.append(found)
        setattr(element, name, f" {MARK.format(len(found.split()))} ")
    if not words:
        return None
    whole = html.tostring(tree, encoding="unicode", doctype="<!DOCTYPE html>")
    whole = HEADLINE.sub(lambda match: match[1] + json.dumps(TITLE, ensure_ascii=False), ISO_DATE.sub(DATE, whole))
    pieces = MARKED.split(whole)
    spoken = language.detect("\n".join(words)[:4000]).code
    said = list(_sentences(words, spoken))
    return Template(
        [piece.encode("utf-8", "replace") for piece in pieces[::2]],
        pieces[1::2],
        [(len(each.split()), escape(each, quote=False).encode("utf-8", "replace")) for each in said],
        sum(int(place) for place in pieces[1::2] if place.isdigit()),
        [_titled(each) for each in said] or ["Untitled"],
        spoken,
    )


def _sentences(words: Sequence[str], spoken: str) -> Iterator[str]:
    for each in words:
        for sentence in sentences.split(" ".join(each.split()), spoken):
            if len(sentence.text.split()) >= SHORTEST:
                yield sentence.text


def _titled(sentence: str) -> str:
    return " ".join(islice(PLAIN.sub(" ", sentence).split(), TITLE_WORDS)).strip(" ,.-’")


def _mark_titles(tree: Any) -> None:
    for each in tree.iter("title", "h1"):
        for child in list(each):
            each.remove(child)
        each.text = TITLE
    for each in tree.iter("meta"):
        if str(each.get("property") or each.get("name")).lower() in ("og:title", "twitter:title"):
            each.set("content", TITLE)


def _texts(tree: Any) -> Iterator[tuple[Any, str, str]]:
    """Where there is text of some length, as (element, `text` or `tail`, the text)."""
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag not in SILENT and _is_long(element.text):
            yield element, "text", element.text
        if element.getparent() is not None and element.getparent().tag not in SILENT and _is_long(element.tail):
            yield element, "tail", element.tail


def _is_long(text: str | None) -> bool:
    return bool(text) and len(str(text).split()) >= SHORTEST


def newest() -> datetime:
    """Now, to the hour, so that the pages of one run agree with each other."""
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
