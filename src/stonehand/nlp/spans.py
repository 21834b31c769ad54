"""A place in a text: the evidence of whatever is said about it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Span:
    """`text == whole[start:end]`."""

    start: int
    end: int
    text: str


def span(whole: str, start: int, end: int) -> Span:
    """The span of these offsets."""
    return Span(start, end, whole[start:end])
