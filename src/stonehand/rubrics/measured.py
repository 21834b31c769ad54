"""What a measure says of a text. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from stonehand.nlp.spans import Span

NEUTRAL = 50.0  # where nobody can tell


@dataclass(frozen=True)
class Measured:
    """0 to 100, why, and where."""

    value: float
    reason: str
    evidence: tuple[Span, ...] = ()


def clip(value: float) -> float:
    """Onto the scale from 0 to 100."""
    return min(100.0, max(0.0, value))
