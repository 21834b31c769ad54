"""What a plugin provides to be a kind of source, and what it may use to do so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol, runtime_checkable

from pydantic import BaseModel

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
    options: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """What its kind has to know beside the address, found fit by the model that the kind declares."""
    secret: str | None = field(default=None, repr=False)
    """The opened secret of a kind that needs one."""


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


@runtime_checkable
class TakesOptions(Protocol):
    """A kind that has to know more than an address. What a person gives is checked by its model, and shown with it."""

    @property
    def options(self) -> type[BaseModel]:
        """Names, types, defaults and descriptions of its options. They hold no secret."""


@runtime_checkable
class NeedsSecret(Protocol):
    """A kind whose sources have a secret, which is sealed in the vault and never shown."""

    @property
    def secret_name(self) -> str:
        """What people call it: `password`."""

    def secret_address(self, url: str, options: Mapping[str, Any]) -> str:
        """Where the secret may be sent. It is sealed for it: pointed elsewhere, a source needs it again."""


__all__ = [
    "ACCEPT",
    "Asked",
    "Collected",
    "FeedEntry",
    "Fetch",
    "NeedsSecret",
    "NothingToPoll",
    "Reading",
    "Reply",
    "Request",
    "SourceKind",
    "TakesOptions",
    "Unreadable",
    "distinct",
    "entry",
    "read_feed",
    "read_sitemap",
]
