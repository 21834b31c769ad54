"""A letter's text as blocks: headings and paragraphs with their links, in the order in which they are read. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from stonehand.sources import tag_guard
from stonehand.sources.cleaning import storable
from stonehand.sources.letters.errors import LetterBooby

MOST_ELEMENTS = 60_000
MOST_BLOCKS = 5_000
MOST_LINKS = 2_000
LONGEST_HEADING = 25  # words
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
BREAKS = HEADINGS | {"p", "div", "td", "th", "tr", "table", "tbody", "li", "ul", "ol", "blockquote", "hr", "pre"} | {
    "dt", "dd", "dl",
    "section", "article", "header", "footer", "center", "body", "figure", "figcaption", "main", "aside",
}  # fmt: skip
UNSEEN = {"script", "style", "head", "title", "template", "object", "noscript", "svg", "select", "textarea", "button"}
CLOAK = re.compile(r"display:none|visibility:hidden|max-height:0(?:px)?(?:;|$)|font-size:0(?:px)?(?:;|$)|mso-hide:all")
BOLD = re.compile(r"font-weight:(?:bold|[6-9]00)|font-size:(?:1[89]|[2-4]\d)px")
URL = re.compile(r"https?://[^\s<>\"'\[\]|\\^`{}]+", re.IGNORECASE)


@dataclass(frozen=True)
class Link:
    """Where a link leads, and what it says."""

    url: str
    text: str = ""


@dataclass(frozen=True)
class Block:
    """A heading or a paragraph; white space is single."""

    text: str
    links: tuple[Link, ...] = ()
    is_heading: bool = False

    @property
    def words(self) -> int:
        """How many there are."""
        return len(self.text.split())


@dataclass
class _Open:
    """The block that is being read."""

    pieces: list[str] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    strong: int = 0
    """Letters of its text that are bold, large, or part of a link."""

    def closed(self, in_heading: bool) -> Block | None:
        text = " ".join("".join(self.pieces).split())
        if not text and not self.links:
            return None
        letters = len("".join(text.split()))
        stands_out = 0 < letters <= self.strong and len(text.split()) <= LONGEST_HEADING
        return Block(text, tuple(self.links), bool(text) and (in_heading or stands_out))


class _Reader:
    """Walks over a tree once, without recursion."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.block = _Open()
        self.headings = self.strong = self.links = 0
        self.anchors: list[tuple[str, list[str]]] = []

    def end_block(self, in_heading: bool | None = None) -> None:
        made = self.block.closed(self.headings > 0 if in_heading is None else in_heading)
        if made and len(self.blocks) < MOST_BLOCKS:
            self.blocks.append(made)
        self.block = _Open()

    def say(self, text: str | None) -> None:
        if not text:
            return
        self.block.pieces.append(text)
        if self.strong or self.anchors:
            self.block.strong += len("".join(text.split()))
        for _, said in self.anchors:
            said.append(text)

    def open(self, element: Any) -> None:
        name = element.tag
        if name in BREAKS:
            self.end_block()
        self.headings += name in HEADINGS
        self.strong += is_strong(element)
        if name == "a":
            self.anchors.append((element.get("href") or "", []))
        elif name == "br":
            self.say("\n")
        elif name == "img" and self.anchors:
            self.anchors[-1][1].append(f" {(element.get('alt') or '')[:200]} ")
        self.say(element.text)

    def close(self, element: Any) -> None:
        name = element.tag
        if name == "a" and self.anchors:
            url, said = self.anchors.pop()
            self.links += 1
            if self.links <= MOST_LINKS:
                self.block.links.append(Link(url.strip(), " ".join("".join(said).split())[:500]))
        if name in BREAKS:
            self.end_block()
        self.headings -= name in HEADINGS
        self.strong -= is_strong(element)
        self.say(element.tail)


def is_strong(element: Any) -> bool:
    """Whether its text stands out by its form alone."""
    return element.tag in ("b", "strong") or bool(BOLD.search(_style(element)))


def _style(element: Any) -> str:
    return (element.get("style") or "").replace(" ", "").lower()


def _is_unseen(element: Any) -> bool:
    if not isinstance(element.tag, str) or element.tag in UNSEEN:
        return True
    return element.get("hidden") is not None or bool(CLOAK.search(_style(element)))


def of_html(html: str) -> list[Block]:
    """The blocks of a letter in HTML; what no reader sees is left out. Raises `LetterBooby`."""
    if tag_guard.overloaded(html):
        raise LetterBooby("one of its tags has so many attributes that it would take minutes to read")
    root = etree.fromstring(
        storable(html).encode("utf-8") or b" ", etree.HTMLParser(encoding="utf-8", remove_comments=True)
    )
    if root is None:
        return []
    reader, skipping, seen = _Reader(), None, 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "start":
            seen += 1
            if seen > MOST_ELEMENTS:
                raise LetterBooby(f"the letter has more than {MOST_ELEMENTS:,} elements")
            if skipping is None and _is_unseen(element):
                skipping = element
            elif skipping is None:
                reader.open(element)
        elif skipping is None:
            reader.close(element)
        elif element is skipping:
            skipping = None
            reader.say(element.tail)
    reader.end_block()
    return reader.blocks


def of_plain(text: str) -> list[Block]:
    """The blocks of a letter in plain text: its paragraphs; a short line without an end is a heading."""
    shown = re.split(r"^-- ?$", storable(text).replace("\r\n", "\n"), maxsplit=1, flags=re.MULTILINE)[0]
    paragraphs = [part for part in re.split(r"\n[ \t>]*\n", shown) if part.strip(" \t\n>-=_*#")]
    return [block for part in paragraphs[:MOST_BLOCKS] for block in _paragraph(part)]


def _paragraph(part: str) -> Iterator[Block]:
    lines = [line.strip(" \t>*#•") for line in part.split("\n")]
    lines = [line for line in lines if line.strip("-=_~ ")]
    if lines and _is_title(lines):
        yield Block(lines.pop(0), is_heading=True)
    whole = " ".join(lines)
    links = tuple(Link(_trimmed(url)) for url in URL.findall(whole))
    text = " ".join(re.sub(r"[<(\[]\s*[>)\]]", " ", URL.sub(" ", whole)).split())
    if text or links:
        yield Block(text, links)


def _is_title(lines: list[str]) -> bool:
    """A short line alone; or before an address; or above a text that begins anew and has an address."""
    line, rest = lines[0], lines[1:]
    if URL.search(line) or not 2 <= len(line.split()) <= 20 or line.endswith((".", ",", ";", "!")):
        return False
    begins_anew = bool(rest) and (rest[0].lower().startswith("http") or not rest[0][:1].islower())
    return not rest or (begins_anew and any(URL.search(each) for each in rest) and len(line.split()) <= 14)


def _trimmed(url: str) -> str:
    trimmed = url.rstrip(".,;:!?*_")
    return trimmed[:-1] if trimmed.endswith(")") and "(" not in trimmed else trimmed
