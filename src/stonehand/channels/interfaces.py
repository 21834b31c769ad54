"""What a channel plugin gets and what it provides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from stonehand.errors import Rejected

Config = Mapping[str, Any]


class ConfigUnfit(Rejected):
    """A channel cannot work with this configuration."""


@dataclass(frozen=True)
class Reference:
    """A source that a piece rests on. `quotes` are its words, verbatim; `number` counts from 1."""

    number: int
    title: str
    url: str
    outlet: str = ""
    quotes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Piece:
    """An approved text as it goes out. `markdown` ends with its list of sources; it is untrusted and may say anything.

    `label` tells readers how the text was written and must be visible; `generator` says it to machines (`offline`,
    `model`, `person`, perhaps with a name behind a colon). `at` is the time of publication, aware.
    """

    id: str
    title: str
    slug: str
    excerpt: str
    markdown: str
    language: str
    label: str
    generator: str
    at: datetime
    references: tuple[Reference, ...] = ()
    is_sample: bool = False


@dataclass(frozen=True)
class Target:
    """One channel. `home` is a folder of its own, `<data>/published/<slug>`, which may not exist yet."""

    name: str
    home: Path
    config: Config


@dataclass(frozen=True)
class Delivery:
    """Where a delivered piece can be seen, and what the target calls it."""

    url: str
    remote_id: str


class ChannelKind(Protocol):
    """A kind of channel, without state. Its methods may wait for the world; nobody calls them in a transaction.

    They raise `Unavailable` for what may pass (it is tried again) and `Rejected` for what will not.
    """

    @property
    def kind(self) -> str:
        """Its name: `folder`."""

    def validate(self, target: Target) -> dict[str, Any]:
        """The configuration as it should be kept, without secrets. Raises `ConfigUnfit`, saying how to mend it."""

    def deliver(self, piece: Piece, key: str, target: Target) -> Delivery:
        """Make the piece visible once for this `key`, however often it is called, also after a crash half-way."""

    def verify(self, key: str, target: Target) -> Delivery | None:
        """Look at the target itself for what was delivered under `key`; None if it is not there in full."""
