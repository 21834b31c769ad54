"""What a plugin provides to be a kind of source, and what it may use to do so."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Protocol, runtime_checkable

from pydantic import BaseModel

from stonehand.http_client import Reply, Request
from stonehand.sources.addresses import absolute
from stonehand.sources.dates import parse as parse_date
from stonehand.sources.decoding import decode
from stonehand.sources.errors import AddressMalformed, NothingToPoll, SelectorsBroken, Unreadable
from stonehand.sources.feeds import ACCEPT
from stonehand.sources.feeds import read as read_feed
from stonehand.sources.json_documents import at as json_at
from stonehand.sources.json_documents import read as read_json
from stonehand.sources.json_documents import text as json_text
from stonehand.sources.letters.guarding import LARGEST as LARGEST_LETTER
from stonehand.sources.letters.keeping import Packed
from stonehand.sources.letters.keeping import pack_anyway as pack_letter
from stonehand.sources.readings import FeedEntry, Reading, distinct, entry
from stonehand.sources.sitemaps import read as read_sitemap
from stonehand.sources.tag_guard import overloaded

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
    since: datetime | None = None
    """When it was last looked at with success: what is older was named then."""
    secret: str | None = field(default=None, repr=False)
    """The opened secret of a kind that needs one."""


@dataclass(frozen=True)
class Document:
    """What came from `url`, to be read again in another way."""

    url: str
    body: bytes
    charset: str | None = None


@dataclass(frozen=True)
class Collected:
    """What a source said. `unchanged` means that it said: nothing new; then the rest is empty."""

    reading: Reading
    unchanged: bool = False
    etag: str | None = None
    modified: str | None = None
    url: str | None = None
    """Where the answer came from, after redirects."""
    moved: str | None = None
    """Where the source is from now on, if its server says that it moved for good. Kinds leave it out."""
    dropped: Mapping[str, str] | None = None
    """What the rules of the source drop, by the entry's key, and why. Kinds leave it out."""
    document: Document | None = None
    """What was read, if a kind that `ReadsDocuments` wants it to be kept."""
    letters: Sequence[Packed] = ()
    """Letters, each made by `pack_letter`. They are kept and read; what they name becomes entries."""
    left: int = 0
    """How many more wait there. The source is looked at again at once."""


def unchanged(asked: Asked) -> Collected:
    """What a kind collects when the server says that nothing has changed."""
    return Collected(Reading(""), unchanged=True, etag=asked.etag, modified=asked.modified)


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
class HasUsualAddress(Protocol):
    """A kind whose sources are all at one service, so that nobody has to give an address."""

    @property
    def usual_url(self) -> str:
        """The address of a source that is added without one."""


@dataclass(frozen=True)
class Claim:
    """A source as its kind understands an address, such as `https://news.ycombinator.com/newest`."""

    url: str
    title: str
    options: Mapping[str, Any] = field(default_factory=dict)


@runtime_checkable
class KnowsAddresses(Protocol):
    """A kind that knows the addresses of its service better than a look at them would tell."""

    def claim(self, url: str) -> Claim | None:
        """The source that this address means; None if it is not of this service."""


@dataclass(frozen=True)
class Way:
    """A way to read a document: options of the kind, and what they read."""

    options: Mapping[str, Any]
    reading: Reading


@runtime_checkable
class ReadsDocuments(Protocol):
    """A kind whose options say how to read a document. They are tried on the one that was kept last."""

    def read(self, document: Document, options: Mapping[str, Any]) -> Reading:
        """What these options read. Raises `SelectorsBroken` if they match nothing."""

    def ways(self, document: Document) -> Sequence[Way]:
        """Options that would read this document, the best first. None if it has no order that can be seen."""


@runtime_checkable
class AsksOnce(Protocol):
    """A kind whose look is one question. Those of many sources are asked together, which costs much less."""

    def question(self, asked: Asked) -> Request:
        """The question; `collect` asks it first, and nothing else."""


@runtime_checkable
class IsPatient(Protocol):
    """A kind that may take long with every look: it is looked at where nothing else waits behind it."""

    @property
    def patient(self) -> bool:
        """Whether that is so."""


@runtime_checkable
class ReadsPages(Protocol):
    """A kind whose sources are web pages for readers: it asks only for what their robots.txt lets us fetch."""

    @property
    def reads_pages(self) -> bool:
        """Whether that is so."""


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
    "LARGEST_LETTER",
    "AddressMalformed",
    "Asked",
    "AsksOnce",
    "Claim",
    "Collected",
    "Document",
    "FeedEntry",
    "Fetch",
    "HasUsualAddress",
    "IsPatient",
    "KnowsAddresses",
    "NeedsSecret",
    "NothingToPoll",
    "Packed",
    "Reading",
    "ReadsDocuments",
    "ReadsPages",
    "Reply",
    "Request",
    "SelectorsBroken",
    "SourceKind",
    "TakesOptions",
    "Unreadable",
    "Way",
    "absolute",
    "decode",
    "distinct",
    "entry",
    "json_at",
    "json_text",
    "overloaded",
    "pack_letter",
    "parse_date",
    "read_feed",
    "read_json",
    "read_sitemap",
    "unchanged",
]
