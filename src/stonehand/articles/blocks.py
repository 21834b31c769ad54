"""The blocks of a page: what stands between the edges of its block elements, and where. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from lxml.html import HtmlElement

from stonehand.articles.words import words

UNREAD = {
    *("script", "style", "noscript", "template", "svg", "head", "iframe", "object", "canvas", "math", "textarea"),
    *("select", "option", "video", "audio", "map", "picture", "embed", "datalist"),
}
INLINE = {
    *("a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em", "font", "i", "img", "ins", "kbd"),
    *("label", "mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u"),
    *("var", "wbr"),
}
# They say little about themselves; what their parents are called counts.
LIGHT = {"p", "li", "td", "span", "a", "h2", "h3"}
ANCESTORS = ("article", "main", "nav", "footer", "header", "aside", "form", "ul")
ROLES = {"main": "main", "navigation": "nav", "contentinfo": "footer", "banner": "header", "complementary": "aside"}
INSIDE = {name: 1 << place for place, name in enumerate(ANCESTORS)} | {"ol": 1 << ANCESTORS.index("ul")}
# What authors of pages call the parts of a page in `class` and `id`, by stems of those words.
CALLED = {
    "nav": r"nav|menu|crumb|paginat|pager|toolbar|skip",
    "foot": r"foot|copyright|legal|disclaim|imprint",
    "related": r"relat|recommend|popular|trending|similar|teaser|promo|carousel|slider|latest",
    "cookie": r"cookie|consent|gdpr|popup|modal|overlay|banner|alert|notice",
    "comment": r"comment|disqus|reply|respon",
    "meta": r"meta$|byline|author|^bio|^date|^tags?$|categor|caption|credit|avatar",
    "sign": r"newsletter|subscri|signup|login|regist|form$|search",
    "buy": r"^cta$|btn|button|price|cart|shop|^buy|product",
    "body": r"content|article|post|entry|story|body|text|main|prose|rich",
    "detail": r"review|rating|testimonial|spec|feature|descri|detail",
}
CALLED_AS = [(1 << place, re.compile(stems)) for place, stems in enumerate(CALLED.values())]
NAME_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]{2,}")
LONGEST_NAME = 300  # characters of a `class` that are looked at


class Place(NamedTuple):
    """Where a block stands.

    `inside` holds bits of `INSIDE`; `called` those of `CALLED` for all ancestors, `near` for the nearest that say
    anything. Blocks of one `kind` have the same tags and first classes up to the root. `own` numbers the element.
    """

    tag: str
    inside: int
    called: int
    near: int
    kind: int
    own: int
    parent: int


class Block(NamedTuple):
    """A run of text without a block edge in it. `linked` is the share of its characters in links, 0 to 1."""

    text: str
    words: list[str]
    linked: float
    place: Place


def blocks(tree: HtmlElement) -> list[Block]:
    """Every block that has a word in it, as the page has them. Nesting is bounded by the parser of the tree."""
    body = tree.find("body")
    walk = _Walk()
    walk.element(tree if body is None else body, Place("body", 0, 0, 0, 0, 0, 0), linked=False)
    return walk.found


class _Walk:
    """The walk over a tree, with the text collected since the last edge."""

    def __init__(self) -> None:
        self.found: list[Block] = []
        self.pieces: list[str] = []
        self.linked = 0
        self.broken = False
        self.count = 0
        self.alike: dict[tuple[Any, ...], tuple[int, int, int, int]] = {}

    def element(self, element: HtmlElement, place: Place, linked: bool) -> None:
        self._run(element, place, linked)
        self._edge(place)

    def _run(self, element: HtmlElement, place: Place, linked: bool) -> None:
        if text := element.text:
            self._text(text, linked)
        for child in element:
            tag = child.tag
            if tag in INLINE and not (len(child) and _holds_blocks(child)):
                self._run(child, place, linked or tag == "a")
            elif tag == "br":
                self._line(place)
            elif tag not in UNREAD and isinstance(tag, str):
                if self.pieces:
                    self._edge(place)
                if child.text or len(child):
                    self.element(child, self._within(child, tag, place), linked or tag == "a")
            if text := child.tail:
                self._text(text, linked)

    def _text(self, text: str, linked: bool) -> None:
        if self.pieces or not text.isspace():
            self.pieces.append(text)
            self.broken = self.broken and text.isspace()
            if linked:
                self.linked += len(text)

    def _line(self, place: Place) -> None:
        """A line ends; two ends together are an edge."""
        if self.broken and place.tag != "pre":
            self._edge(place)
        elif self.pieces:
            self.pieces.append("\n")
            self.broken = True

    def _edge(self, place: Place) -> None:
        if not self.pieces:
            return
        written = "".join(self.pieces)
        text = written.strip("\n") if place.tag == "pre" else " ".join(written.split())
        if found := words(text):
            self.found.append(Block(text, found, min(1.0, self.linked / len(text)), place))
        self.pieces, self.linked, self.broken = [], 0, False

    def _within(self, child: HtmlElement, tag: str, place: Place) -> Place:
        self.count += 1
        names = (tag, child.get("class", ""), child.get("id", ""), child.get("role"))
        key = (place.kind, place.near, place.inside, place.called, *names)
        alike = self.alike.get(key)
        if alike is None:
            alike = self.alike[key] = _inherited(place, *names)
        return Place(tag, *alike, self.count, place.own)


def _inherited(place: Place, tag: str, style: str, identity: str, role: str | None) -> tuple[int, int, int, int]:
    """What a child of `place` is inside of, called and near to, and its kind. Most children share theirs."""
    called = _called(style, identity) if style or identity else 0
    near = (called | place.near if tag in LIGHT else called) or place.near
    inside = place.inside | INSIDE.get(tag, 0) | (INSIDE.get(ROLES.get(role, ""), 0) if role else 0)
    return inside, place.called | called, near, hash((place.kind, tag, style.partition(" ")[0]))


def _holds_blocks(element: HtmlElement) -> bool:
    return any(isinstance(child.tag, str) and child.tag not in INLINE and child.tag != "br" for child in element)


@lru_cache(20_000)
def _called(style: str, identity: str) -> int:
    called = 0
    for word in NAME_WORD.findall(f"{style} {identity}"[:LONGEST_NAME]):
        called |= _word(word.lower())
    return called


@lru_cache(20_000)
def _word(word: str) -> int:
    return sum(bit for bit, stems in CALLED_AS if stems.search(word))


def lines(chosen: list[Block]) -> Iterator[str]:
    """Blocks as lines: items of lists begin with a dash, cells of one row share a line."""
    row: int | None = None
    cells: list[str] = []
    for block in chosen:
        place = block.place
        is_cell = place.tag in {"td", "th"}
        if cells and not (is_cell and place.parent == row):
            yield f"| {' | '.join(cells)} |"
            cells = []
        if is_cell:
            row = place.parent
            cells.append(block.text)
        else:
            yield f"- {block.text}" if place.tag == "li" else block.text
    if cells:
        yield f"| {' | '.join(cells)} |"
