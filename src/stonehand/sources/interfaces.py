"""What a plugin provides to be a kind of source, and what it may use to do so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from stonehand.http_client import Reply, Request
from stonehand.sources.errors import NothingToPoll, Unreadable
from stonehand.sources.feeds import ACCEPT
from stonehand.sources.feeds import read as read_feed
from stonehand.sources.readings import FeedEntry, Reading, distinct, entry
from stonehand.sources.sitemaps import read as read_sitemap

Fetch = Callable[[Request], Reply]
"""Asks politely: waits for the host's turn, then for its answer. Raises the errors of `http_client`."""


@dataclass(frozen=True)
class Asked:
    """What a source is asked: everything at `url` that is newer than what it said last."""

    url: str
    etag: str | None = None
    modified: str | None = None


@dataclass(frozen=True)
class Collected:
    """What a source said. `unchanged` means that it said: nothing new; then the rest is empty."""

    reading: Reading
    unchanged: bool = False
    etag: str | None = None
    modified: str | None = None
    url: str | None = None
    """Where the answer came from, after redirects."""


class SourceKind(Protocol):
    """A kind of source. One object serves every source of its kind, from many threads: it keeps no state."""

    kind: str
    title: str
    """What people call one of these, such as `feed`."""
    polled: bool
    """Whether such a source is looked at again and again."""

    def collect(self, asked: Asked, fetch: Fetch) -> Collected:
        """Ask the source, with `fetch` only. Raises `Rejected` or `Unavailable`, in words for a person."""


__all__ = [
    "ACCEPT",
    "Asked",
    "Collected",
    "FeedEntry",
    "Fetch",
    "NothingToPoll",
    "Reading",
    "Reply",
    "Request",
    "SourceKind",
    "Unreadable",
    "distinct",
    "entry",
    "read_feed",
    "read_sitemap",
]
