"""Facts about publications."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PublicationDue:
    """An approved piece is to go out through a channel, now or at its time."""

    publication_id: str


@dataclass(frozen=True)
class ChangeDue:
    """A correction or a retraction is to reach a channel."""

    change_id: str


@dataclass(frozen=True)
class PieceChanged:
    """A piece was corrected or taken back where it can be seen."""

    publication_id: str


@dataclass(frozen=True)
class PiecePublished:
    """A piece can be seen."""

    publication_id: str
