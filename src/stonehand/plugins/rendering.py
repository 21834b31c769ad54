"""What a kind would show, as text for people: for a rehearsal, where nothing is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from stonehand.channels.interfaces import Piece, Target


class _Shows(Protocol):
    def shown(self, piece: Piece, target: Target) -> Mapping[str, str]: ...


class Rendered:
    """A kind whose parts, put together, are all that it would show."""

    def render(self: _Shows, piece: Piece, key: str, target: Target) -> str:
        """The parts with their names. Asks nobody and needs no secrets."""
        return "\n\n".join(f"{name}:\n{text}" for name, text in self.shown(piece, target).items())
