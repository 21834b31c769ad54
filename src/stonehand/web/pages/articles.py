"""The page of one article: its text, where it came from, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from stonehand.articles.differences import Part
from stonehand.web.pages.for_you import NO_READER, ReaderBox
from stonehand.web.pages.insight import NOTHING, Insight
from stonehand.web.pages.parts import Badge, Link


@dataclass(frozen=True)
class Copy:
    """Another article with the same or nearly the same text, and what shows it, in short and layer by layer.

    `address` is where to POST to say the opposite: that it is no copy, or for similar ones that it is.
    """

    link: Link
    outlet: str
    evidence: str
    layers: tuple[str, ...] = ()
    address: str = ""


@dataclass(frozen=True)
class Passage:
    """A paragraph. `anchor` is the character offset at which it starts, and its id on the page."""

    text: str
    anchor: int


@dataclass(frozen=True)
class Known:
    """A datum of the article: what it is called, what is known, where that comes from, and how sure it is."""

    name: str
    value: str
    origin: str
    confidence: float


@dataclass(frozen=True)
class VersionLine:
    """One text that the article has or had. `changes` leads to what it changed."""

    link: Link
    since: datetime
    length: str
    changes: Link | None
    is_shown: bool


@dataclass(frozen=True)
class Step:
    """Something that was done with an article: when, where it led, and the job that did it, if its record is kept."""

    at: datetime
    words: str
    href: str = ""
    job: str = ""


@dataclass(frozen=True)
class ArticleView:
    """`preview` is sanitised HTML, shown only in a sandboxed frame; `trip` says what was done with it, oldest first;
    `error` says why it has no text; `past` that this is not the text which it has now.
    """

    id: str
    title: str
    outlet: str
    url: str
    passages: tuple[Passage, ...]
    badge: Badge
    fetched_at: datetime
    author: str = ""
    published_at: datetime | None = None
    language: str = ""
    words: int = 0
    phrases: tuple[str, ...] = ()
    story: Link | None = None
    copies: tuple[Copy, ...] = ()
    cited_in: tuple[Link, ...] = ()
    trip: tuple[Step, ...] = ()
    preview: str = ""
    is_sample: bool = False
    error: str = ""
    tags: tuple[str, ...] = ()
    is_bookmarked: bool = False
    is_forgotten: bool = False
    data: tuple[Known, ...] = ()
    versions: tuple[VersionLine, ...] = ()
    past: str = ""
    can_edit: bool = False
    leave: str = ""
    """What the robots.txt of its site said, in words."""
    similar: tuple[Copy, ...] = ()
    insight: Insight = NOTHING
    reader: ReaderBox = NO_READER


@dataclass(frozen=True)
class Changes:
    """What changed between two versions of an article."""

    article: Link
    older: str
    newer: str
    parts: tuple[Part, ...]
