"""Facts about reading."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DigestChosen:
    """The stories of a digest were chosen, and wait to be written about."""

    digest_id: str
