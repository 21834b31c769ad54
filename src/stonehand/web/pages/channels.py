"""Channels: where pieces go, and what went there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from stonehand.web.pages.parts import BLANK, Badge, Field, Link

WORDPRESS = ("wp_name", "url", "username", "password")


@dataclass(frozen=True)
class ChannelRow:
    """A place for pieces. `where` is a path or an address; `mode` says in words who decides.

    `last.href` and `feed` are addresses that a browser can open, or paths on the machine Stonehand runs on.
    """

    id: str
    name: str
    kind: str
    where: str
    badge: Badge
    mode: str
    published: int
    last: Link | None = None
    last_at: datetime | None = None
    feed: str = ""
    failure: str = ""
    is_enabled: bool = True
    is_sample: bool = False


@dataclass(frozen=True)
class Piece:
    """Something that was sent, or is about to be. `href` can be opened; `path` is where the file is."""

    title: str
    channel: str
    badge: Badge
    at: datetime
    href: str = ""
    note: str = ""
    path: str = ""
    retry_id: str = ""
    doubt_id: str = ""
    """Set if this visitor may say whether it arrived."""
    is_sample: bool = False


@dataclass(frozen=True)
class ChannelsView:
    """Every channel, the forms that add one, and the latest pieces. The fields of WordPress are by name."""

    channels: tuple[ChannelRow, ...]
    pieces: tuple[Piece, ...]
    name: Field = BLANK
    where: Field = BLANK
    wordpress: Mapping[str, Field] = field(default_factory=lambda: dict.fromkeys(WORDPRESS, BLANK))
    can_edit: bool = False
    others: tuple[Link, ...] = ()
    """The forms of the other kinds."""
