"""Publications: what went out, and one of them with its tries, corrections and the pages it cites."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from stonehand.articles.differences import Part
from stonehand.web.pages.parts import ONE_PAGE, Badge, Link, Pager, Tab


@dataclass(frozen=True)
class PublicationRow:
    """A piece on its way to a channel, or there. `alarm` says that a source of it has changed or is gone."""

    id: str
    title: str
    channel: str
    badge: Badge
    at: datetime
    href: str = ""
    note: str = ""
    alarm: str = ""
    is_sample: bool = False


@dataclass(frozen=True)
class PublicationsView:
    """Publications, newest first, and how many cited pages are watched."""

    rows: tuple[PublicationRow, ...]
    tabs: tuple[Tab, ...]
    watched: int = 0
    in_trouble: int = 0
    pager: Pager = ONE_PAGE


@dataclass(frozen=True)
class Change:
    """A correction or a retraction on its way. The `can_…` say what this visitor may do about it."""

    id: str
    words: str
    badge: Badge
    by: str
    at: datetime
    reason: str
    error: str = ""
    can_retry: bool = False
    can_settle: bool = False
    can_repeat: bool = False


@dataclass(frozen=True)
class CitedSource:
    """A page that the piece cites. `vanished` are words that no longer stand there."""

    article: Link
    changes: Link
    badge: Badge
    next_look: datetime | None
    vanished: tuple[str, ...] = ()
    settle_id: str = ""
    parts: tuple[Part, ...] = ()
    """What has changed in it since the piece was written."""


@dataclass(frozen=True)
class PublicationView:
    """One publication. `markdown` is the text that can be seen, to correct it."""

    id: str
    title: str
    channel: str
    badge: Badge
    label: str
    href: str
    path: str
    review: Link
    post: Link
    due_at: datetime
    published_at: datetime | None
    corrected_at: datetime | None
    retraction: str
    attempts: int
    error: str = ""
    waits_for: str = ""
    job: Link | None = None
    changes: tuple[Change, ...] = ()
    sources: tuple[CitedSource, ...] = ()
    markdown: str = ""
    can_correct: bool = False
    can_retract: bool = False
    is_sample: bool = False
