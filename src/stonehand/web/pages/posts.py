"""Posts: the list, the editor, the versions, and the form that begins one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from stonehand.articles.differences import Part
from stonehand.posts.proposals import Proposal
from stonehand.web.pages.parts import ONE_PAGE, Badge, Link, Pager, Tab


@dataclass(frozen=True)
class PostLine:
    """A post in the list."""

    id: str
    title: str
    lead: str
    badge: Badge
    facts: tuple[str, ...]
    at: datetime
    schedule: str = ""
    is_sample: bool = False


@dataclass(frozen=True)
class PostsView:
    """The list."""

    items: tuple[PostLine, ...]
    tabs: tuple[Tab, ...]
    text: str = ""
    status: str = ""
    agent: str = ""
    pager: Pager = ONE_PAGE
    can_edit: bool = False


@dataclass(frozen=True)
class Typed:
    """What stands in the editor's form. `expected` is the revision it was made from, `number` that of the copy."""

    title: str = ""
    markdown: str = ""
    slug: str = ""
    excerpt: str = ""
    meta_title: str = ""
    meta_description: str = ""
    keywords: str = ""
    sources: tuple[str, ...] = ()
    expected: str = ""
    number: int = 0
    find: str = ""
    note: str = ""
    image_url: str = ""
    image_alt: str = ""
    categories: str = ""


@dataclass(frozen=True)
class PanelQuote:
    """What the text takes from a source. Offsets count characters of the Markdown; `href` shows it in the article."""

    words: str
    start: int
    end: int
    badge: Badge
    href: str


@dataclass(frozen=True)
class PanelSource:
    """A source by its number. `marker` is the citation as it is typed."""

    number: int
    title: str
    outlet: str
    href: str
    marker: str
    quotes: tuple[PanelQuote, ...] = ()
    at: datetime | None = None


@dataclass(frozen=True)
class Candidate:
    """An article that could be a source, too."""

    id: str
    title: str
    outlet: str
    href: str


@dataclass(frozen=True)
class Panel:
    """The sources of the text, and what else could be one."""

    sources: tuple[PanelSource, ...] = ()
    more: tuple[Candidate, ...] = ()
    found: tuple[Candidate, ...] = ()
    trouble: str = ""


@dataclass(frozen=True)
class ScorePart:
    """One part of the score for search engines."""

    name: str
    points: float
    most: float
    reason: str
    advice: str

    @property
    def is_full(self) -> bool:
        """Whether there is nothing to gain."""
        return self.points >= self.most


@dataclass(frozen=True)
class Line:
    """A place in the text that somebody should look at."""

    words: str
    badge: Badge
    start: int
    end: int
    href: str = ""


@dataclass(frozen=True)
class Figure:
    """A number with its name, and what it means."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class MetricsView:
    """What was measured of the text as it stands in the form."""

    score: float
    verdict: Badge
    parts: tuple[ScorePart, ...]
    figures: tuple[Figure, ...]
    sentences: tuple[Line, ...] = ()
    quotations: tuple[Line, ...] = ()
    hard: tuple[Line, ...] = ()
    headings: tuple[Line, ...] = ()
    links: tuple[tuple[str, Badge], ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Conflict:
    """What somebody saved meanwhile: their text, and what `Typed` changes of it."""

    words: str
    theirs: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Choice:
    """A channel that a post can be looked at as."""

    id: str
    name: str
    chosen: bool = False


@dataclass(frozen=True)
class SentTo:
    """A publication of the post. `correct` and `retract` are where that is done; empty if it cannot be."""

    page: Link
    badge: Badge
    at: datetime
    href: str = ""
    correct: str = ""
    retract: str = ""


@dataclass(frozen=True)
class EditorView:
    """One post in the editor. Without `can_save` it is only shown."""

    id: str
    badge: Badge
    facts: tuple[str, ...]
    typed: Typed
    panel: Panel
    metrics: MetricsView
    version: int
    label: str
    slug: str
    excerpt: str
    can_save: bool
    can_keep: bool = False
    can_regenerate: bool = False
    can_withdraw: bool = False
    error: str = ""
    conflict: Conflict | None = None
    kept_at: datetime | None = None
    others: tuple[str, ...] = ()
    places: tuple[Choice, ...] = ()
    links: tuple[Link, ...] = ()
    sent: tuple[SentTo, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    schedule: str = ""
    note: str = ""
    is_wish: bool = False
    """Whether the note says what should be different, and not what has happened."""
    refusal: str = ""
    is_sample: bool = False


@dataclass(frozen=True)
class VersionLine:
    """A version and where it comes from."""

    number: int
    title: str
    at: datetime
    by: str
    facts: tuple[str, ...]
    sources: tuple[Link, ...]
    is_present: bool
    note: str = ""


@dataclass(frozen=True)
class VersionsView:
    """All versions of a post, and what changed between two of them."""

    id: str
    title: str
    badge: Badge
    versions: tuple[VersionLine, ...]
    older: int = 0
    newer: int = 0
    parts: tuple[Part, ...] = ()
    beside: tuple[tuple[str, str, str], ...] = ()
    """What changed beside the text: its name, before, and after."""
    present: str = ""
    can_restore: bool = False


@dataclass(frozen=True)
class NewPostView:
    """The form that begins a post."""

    title: str = ""
    keyword: str = ""
    language: str = ""
    languages: tuple[tuple[str, str], ...] = ()
    find: str = ""
    chosen: tuple[Candidate, ...] = ()
    found: tuple[Candidate, ...] = ()
    error: str = ""
    trouble: str = ""
