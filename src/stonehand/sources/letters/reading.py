"""A whole letter into what it names, each ready to become an entry. Pure, but for the process that reads PDFs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from stonehand.sources.letters import attachments, blocks, mime, splitting
from stonehand.sources.letters.blocks import Block
from stonehand.sources.letters.errors import AttachmentUnreadable, LetterBooby
from stonehand.sources.letters.mime import Attachment, Mail
from stonehand.sources.letters.models import ItemKind
from stonehand.sources.letters.splitting import Split
from stonehand.sources.readings import FeedEntry, entry

ASIDE = "it only stands in the flow of the letter's own text"


@dataclass(frozen=True)
class Item:
    """One thing that a letter names: as an entry, or why it is none."""

    kind: ItemKind
    title: str
    url: str | None = None
    entry: FeedEntry | None = None
    error: str | None = None


@dataclass(frozen=True)
class Contents:
    """A letter that was read."""

    mail: Mail
    items: tuple[Item, ...] = ()
    notes: tuple[str, ...] = ()


def read(raw: bytes, identity: str) -> Contents:
    """What is in a letter. Raises `LetterUnreadable` if it cannot be opened; of a part it is said there."""
    mail = mime.read(raw)
    notes = list(mail.notes)
    found = splitting.split(_blocks(mail, notes), mail.unsubscribe)
    if found.more:
        notes.append(f"it names {found.more} more pages, which were left out")
    items = [*_own_text(mail, found, identity), *_pages(mail, found), *_attached(mail, notes)]
    if not items:
        notes.append("it names no page and has hardly any text of its own")
    return Contents(mail, tuple(items), tuple(notes))


def _blocks(mail: Mail, notes: list[str]) -> list[Block]:
    """Those of its HTML, if it says more than nothing; else of its plain text."""
    found: list[Block] = []
    if mail.html:
        try:
            found = blocks.of_html(mail.html)
        except (LetterBooby, ValueError) as error:
            notes.append(f"its HTML was left out: {error}")
    plain = blocks.of_plain(mail.plain) if mail.plain else []
    says_nothing = sum(block.words for block in found) < 5 and not any(block.links for block in found)
    return plain if says_nothing else found


def _own_text(mail: Mail, found: Split, identity: str) -> Iterator[Item]:
    if found.html:
        made = _entry(f"letter:{identity}", None, mail.subject or "A letter", mail, content_html=found.html)
        yield Item(ItemKind.TEXT, mail.subject or "A letter", entry=made)


def _pages(mail: Mail, found: Split) -> Iterator[Item]:
    for each in found.named:
        title = each.title or _spoken(each.url)
        if each.is_aside:
            yield Item(ItemKind.LINK, title, each.url, error=ASIDE)
            continue
        made = _entry(None, each.url, title, mail, summary=each.summary)
        # The page knows its own author and date better than the letter that names it.
        yield Item(ItemKind.LINK, title, each.url, made and replace(made, author=None, published=None))


def _spoken(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}{parts.path}".rstrip("/")[:200]


def _attached(mail: Mail, notes: list[str]) -> Iterator[Item]:
    for each in mail.attachments:
        try:
            text = attachments.read(each)
        except AttachmentUnreadable as error:
            yield Item(ItemKind.ATTACHMENT, each.name, error=str(error))
            continue
        if text.note:
            notes.append(f"{each.name}: {text.note}")
        made = _entry(_key(each), None, text.title, mail, content_html=text.html)
        yield Item(ItemKind.ATTACHMENT, each.name, entry=made)


def _key(attached: Attachment) -> str:
    """The same file attached to two letters is one."""
    return f"attachment:{hashlib.sha256(attached.body).hexdigest()}"


def _entry(key: str | None, url: str | None, title: str, mail: Mail, **texts: str) -> FeedEntry | None:
    return entry(key, url, title=title, author=mail.sender, published=mail.sent_at, **texts)
