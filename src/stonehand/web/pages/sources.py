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


@dataclass(frozen=True)
class PreviewEntry:
    """An entry that a source would bring."""

    title: str
    url: str
    published_at: datetime | None
    is_new: bool = True


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


@dataclass(frozen=True)
class SourcesView:
    """A part of the sources, the forms that add some, and what a look at an address found."""

    sources: tuple[SourceRow, ...]
    tabs: tuple[Tab, ...]
    pager: Pager = ONE_PAGE
    url: Field = BLANK
    file: Field = BLANK
    preview: SourcePreview | None = None
    can_edit: bool = False
    can_admin: bool = False
    sample: bool = False
