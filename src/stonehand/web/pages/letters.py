"""Letters: what came by mail, and what each named."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from stonehand.web.pages.parts import BLANK, ONE_PAGE, Badge, Field, Link, Pager, Tab

INBOX = Field("INBOX")


@dataclass(frozen=True)
class LetterRow:
    """A letter in a list. `named` says how many things it named."""

    id: str
    subject: str
    sender: str
    badge: Badge
    received_at: datetime
    named: int = 0
    error: str = ""


@dataclass(frozen=True)
class LettersView:
    """A part of the letters, and the form that hands some in. `has_door` says whether mail services may, too."""

    letters: tuple[LetterRow, ...]
    tabs: tuple[Tab, ...] = ()
    pager: Pager = ONE_PAGE
    files: Field = BLANK
    host: Field = BLANK
    user: Field = BLANK
    folder: Field = INBOX
    security: str = "tls"
    mailboxes: tuple[Link, ...] = ()
    has_door: bool = False
    can_edit: bool = False


@dataclass(frozen=True)
class ItemRow:
    """One thing that a letter named, and what became of it. `href` leads to the article, if it is one."""

    title: str
    kind: str
    url: str
    badge: Badge
    href: str = ""
    why: str = ""
    is_new: bool = True


@dataclass(frozen=True)
class LetterView:
    """One letter."""

    letter: LetterRow
    way: str
    size: int
    items: tuple[ItemRow, ...] = ()
    notes: tuple[str, ...] = ()
    sent_at: datetime | None = None
    read_at: datetime | None = None
    can_edit: bool = False
    is_kept: bool = True
    """Whether the letter itself is still here."""
