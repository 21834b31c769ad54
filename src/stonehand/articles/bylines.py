"""Who wrote a page and when, as readers see it beside the headline. Pure.

Only what stands near the headline is believed: further down are teasers of other articles, and comments.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from lxml.etree import XPath, iterwalk
from lxml.html import HtmlElement

from stonehand.articles import dates
from stonehand.articles.dates import Moment
from stonehand.articles.declared import plain
from stonehand.articles.words import words

BEFORE, AFTER = 12, 40  # pieces of text around the headline
ALIKE = 0.3  # of the words of title and heading that both have
UNSEEN = {"script", "style", "noscript", "template", "svg", "option", "select", "nav", "footer", "aside"}
WORD = r"[^\W\d_a-zß-öø-ÿ][\w.'’-]*"
PARTICLE = r"(?:(?:van|von|der|den|de|del|della|da|di|la|le|el|al|bin|ibn|ter|ten|y|zu|du|dos|das)\s)"
TITLES = r"(?:,?\s(?=[\w.-]*[A-Z.][\w.-]*[A-Z.])[A-Z][\w.-]{1,9}(?:\s\d{2,3})?)"  # MD, Ph.D., E-RYT 200
NAME = re.compile(rf"{WORD}(?:\s{PARTICLE}{{0,2}}{WORD}){{1,3}}{TITLES}{{0,4}}")
NICK = re.compile(rf"{NAME.pattern}|\w[\w.-]{{1,30}}")
NO_NAME = re.compile(
    r"\b(?:follow|subscribe|share|read|sign|log ?in|comments?|views?|posts?|minutes?|mins?|ago|contributing|contributor"
    r"|updated|published|about|contact|privacy|terms|reviewed|closed|the author|author|name|email|shop|all)\b",
    re.IGNORECASE,
)
BY = re.compile(
    r"^(?:(?:article|words?|text|story|post|posted|written|authored|started|asked|created|published|interview)\s+by"
    r"|by|authors?|von|par|por)(?:\s*:\s*|\s+|$)",
    re.IGNORECASE,
)
AND = re.compile(r"^(?:and|und|et|y|with|&|,)$", re.IGNORECASE)
END = re.compile(
    r"\s+[|–—-]\s+|\s*[•·⋅|]\s*|,?\s+on\s+(?=\w+\.? \d)|\s+in\s+|\s*\(|,\s+(?=\w+\.? \d{1,2},|\d)|,\s+(?=[A-Z]?[a-z]+ )"
)
DATED = re.compile(
    r"^(?P<what>(?:(?:originally |first |last )?(?:published|posted|created|written|released|date|updated?|modified|"
    r"revised|reviewed|edited)(?: on| at)?\s*:?|on)\s+)?(?P<when>\S.{5,60})$",
    re.IGNORECASE,
)
LATER = re.compile(r"updat|modif|revis|review|edit", re.IGNORECASE)
NAMED: Any = XPath(
    "//body//*[@rel='author' or @itemprop='author' or contains(@class, 'byline') or contains(@class, 'author')"
    " or contains(@class, 'username')][not(ancestor-or-self::*[self::form or self::nav or self::footer])]"
)


@dataclass(frozen=True)
class Piece:
    """A text that stands by itself, and the element it is in."""

    text: str
    element: HtmlElement


def around(tree: HtmlElement, title: str | None) -> list[Piece]:
    """The texts around the headline: it and what follows in their order, then what precedes it, the nearest first."""
    heading = _headline(tree, title)
    if heading is None:
        return []
    before: deque[Piece] = deque(maxlen=BEFORE)
    found: list[Piece] = []
    for element, text, within in _pieces(tree, heading):
        if within or found:
            found.append(Piece(text, element))
        else:
            before.append(Piece(text, element))
        if len(found) > AFTER:
            break
    return [*found, *reversed(before)]


def _headline(tree: HtmlElement, title: str | None) -> HtmlElement | None:
    """The heading that says what the title says, else the longest of the first rank."""
    wanted = set(words(title or ""))
    best, most = None, 0.0
    headings = list(islice(tree.iter("h1"), 6)) or list(islice(tree.iter("h2"), 6))
    for heading in headings:
        said = set(words(heading.text_content()[:300]))
        share = len(said & wanted) / max(len(said | wanted), 1)
        if share > most:
            best, most = heading, share
    if most >= ALIKE or not headings or headings[0].tag != "h1":
        return best if most >= ALIKE else None
    return max(headings, key=lambda heading: len(heading.text_content()[:300].strip()))


def _pieces(tree: HtmlElement, heading: HtmlElement) -> Iterator[tuple[HtmlElement, str, bool]]:
    body = tree.find(".//body")
    walk = iterwalk(body if body is not None else tree, events=("start", "end"))
    within = False
    for event, element in walk:
        if event == "start":
            if element.tag in UNSEEN or not isinstance(element.tag, str):
                walk.skip_subtree()
                continue
            within = within or element is heading
            said, where = element.text, element
        else:
            said, where = element.tail, element.getparent()
            if element is heading:
                within = False
        if said and (text := plain(said)):
            yield where, text, within


def author(pieces: Sequence[Piece]) -> str | None:
    """The names that stand behind a "by", or alone in an element that calls itself an author's."""
    for at, piece in enumerate(pieces):
        begun = BY.match(piece.text)
        if begun and (names := _names([piece.text[begun.end() :], *(each.text for each in pieces[at + 1 : at + 6])])):
            return names
    return None


def named(tree: HtmlElement) -> str | None:
    """A name that stands in an element which calls itself a byline or an author; in forums it may be of one word."""
    for element in NAMED(tree)[:8]:
        kind = f"{element.get('class', '')} {element.get('itemprop', '')} {element.get('rel', '')}"
        form = NICK if re.search("username|rel=author|itemprop|author", kind) else NAME
        for text in islice(filter(None, map(plain, element.itertext())), 3):
            name = BY.sub("", text).strip(" ,|•·:")
            if form.fullmatch(name) and not NO_NAME.search(name):
                return name
    return None


def _names(texts: Sequence[str]) -> str | None:
    """`Ann Lee and Bo Day` of ["Ann Lee", "and", "Bo Day", "|", "3 May 2025"]."""
    names: list[str] = []
    joined = True
    for text in filter(None, map(str.strip, texts)):
        if AND.match(text):
            joined = True
            continue
        if not joined:
            break
        part = END.split(text.strip(" ,|•·"), maxsplit=1)[0].strip(" ,;:")
        found = re.split(r"\s+(?:and|und|et|&)\s+|,\s+(?=\w+\s\w)", part)
        if not all(NAME.fullmatch(each) and not NO_NAME.search(each) for each in found):
            break
        names += found
        joined = text.endswith((",", " and", "&"))
    return ", ".join(dict.fromkeys(names))[:300] or None


def published(pieces: Sequence[Piece], latest: datetime) -> Moment | None:
    """The first day that stands by itself near the headline; one of a later change only if there is no other."""
    changed: Moment | None = None
    for piece in pieces:
        moment, is_later = _day(piece, latest)
        if moment and not is_later:
            return moment
        changed = changed or moment
    return changed


def _day(piece: Piece, latest: datetime) -> tuple[Moment | None, bool]:
    """The day that a piece names, and whether it says that this is one of a change."""
    match = DATED.match(piece.text)
    written = piece.element.get("datetime") if piece.element.tag == "time" else None
    if written and (moment := dates.parse(written, latest)):
        return moment, bool(LATER.search(f"{piece.text} {piece.element.get('class', '')}"))
    if not match:
        return None, False
    return dates.parse(match["when"], latest), bool(LATER.search(match["what"] or ""))
