"""What happened to sources."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SourceAdded:
    """Somebody added a source that can be polled."""

    source_id: str


@dataclass(frozen=True)
class EntryFound:
    """A source named something that no source had named before."""

    entry_id: str


@dataclass(frozen=True)
class EntryChanged:
    """A source says that an entry which it had named before has changed since its page was fetched."""

    entry_id: str
