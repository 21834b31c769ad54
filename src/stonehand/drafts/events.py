"""Facts about drafts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DraftCommissioned:
    """Somebody or the desk itself asked for a draft."""

    draft_id: str


@dataclass(frozen=True)
class DraftWritten:
    """A draft has a new revision."""

    draft_id: str
