"""Sources: where content comes from, how each is doing, and adding one after a look at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from stonehand.web.pages.parts import BLANK, ONE_PAGE, Badge, Field, Link, Pager, Tab


@dataclass(frozen=True)
class SourceRow:
    """A source. `days`: entries found a day, oldest first. `health` says how it does; `in_trouble`, that it does badly.

    `url` is empty for what has no address of its own.
    """

    id: str
    title: str
    url: str
    kind: str
    badge: Badge
    days: tuple[int, ...]
    entries: int
    health: str
    in_trouble: bool = False
    next_look_at: datetime | None = None
    paused: bool = False
    polled: bool = True
    is_sample: bool = False
    tags: tuple[str, ...] = ()
    proposal: str = ""
    """What would mend it, in a sentence."""


@dataclass(frozen=True)
class PreviewEntry:
    """An entry that a source would bring."""

    title: str
    url: str
    published_at: datetime | None
    is_new: bool = True
    note: str = "known"
    """Why it is not new."""


@dataclass(frozen=True)
class SourcePreview:
    """What was found at an address, and what adding it would bring. `urls` are other things to add there."""

    url: str
    found: str
    title: str = ""
    outcome: str = ""
    entries: tuple[PreviewEntry, ...] = ()
    more: int = 0
    urls: tuple[Link, ...] = ()
    warnings: tuple[str, ...] = ()
    error: str = ""
    options: str = ""
    """One a line, if its kind has some."""
    ways: tuple[WayRow, ...] = ()


@dataclass(frozen=True)
class WayRow:
    """Other options that would read a document: what they read, and how they are written."""

    words: str
    options: str


@dataclass(frozen=True)
class KindChoice:
    """A kind that somebody can choose. `options` names what it has to know."""

    kind: str
    words: str
    options: str
    chosen: bool = False
    secret: str = ""
    """What its secret is called, if it needs one."""


@dataclass(frozen=True)
class SourcesView:
    """A part of the sources, the forms that add some, and what a look at an address found."""

    sources: tuple[SourceRow, ...]
    tabs: tuple[Tab, ...]
    pager: Pager = ONE_PAGE
    url: Field = BLANK
    file: Field = BLANK
    preview: SourcePreview | None = None
    kinds: tuple[KindChoice, ...] = ()
    kind_url: Field = BLANK
    options: Field = BLANK
    secret: Field = BLANK
    """Never what was typed; only what is wrong with it."""
    can_edit: bool = False
    can_admin: bool = False
    sample: bool = False


@dataclass(frozen=True)
class SourceEntry:
    """Something that a source named, and what became of it."""

    title: str
    href: str
    seen_at: datetime
    badge: Badge
    note: str = ""


@dataclass(frozen=True)
class Look:
    """What a look at a source would bring now. Nothing of it is kept."""

    words: str
    rows: tuple[ReplayRow, ...] = ()
    warnings: tuple[str, ...] = ()
    error: str = ""


@dataclass(frozen=True)
class ReplayRow:
    """An entry that new rules would treat otherwise."""

    title: str
    verdict: Badge
    reason: str


@dataclass(frozen=True)
class Replay:
    """What rules would have done in the last days."""

    words: str
    rows: tuple[ReplayRow, ...] = ()
    error: str = ""


@dataclass(frozen=True)
class Tried:
    """What options read of the document that was kept."""

    words: str
    titles: tuple[str, ...] = ()
    error: str = ""


@dataclass(frozen=True)
class SourceForms:
    """What can be changed of a source, as it is or as it was typed."""

    title: Field
    minutes: Field
    tags: Field
    rules: Field
    options: Field = BLANK
    adaptive: bool = True
    option_words: tuple[tuple[str, str], ...] = ()
    """Its kind's options, each with what it means."""
    ways: tuple[WayRow, ...] = ()
    reads_documents: bool = False
    secret: Field = BLANK
    secret_name: str = ""
    """What its secret is called; empty for a kind without one. The secret itself is never shown."""
    has_secret: bool = False


@dataclass(frozen=True)
class SourceView:
    """One source: how it does, what it named, and how it is kept."""

    row: SourceRow
    facts: tuple[tuple[str, str], ...]
    entries: tuple[SourceEntry, ...]
    forms: SourceForms
    proposal: str = ""
    accept: str = ""
    """What the button says that accepts the proposal."""
    pager: Pager = ONE_PAGE
    replay: Replay | None = None
    tried: Tried | None = None
    look: Look | None = None
    can_edit: bool = False
    can_admin: bool = False
    overruled: str = ""
    """Who wants its pages although their robots.txt forbids it, and why."""
    reason: Field = BLANK
