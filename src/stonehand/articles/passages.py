"""An article's text as passages, each known by where it starts. Pure."""

from __future__ import annotations

from collections.abc import Iterator


def passages(text: str) -> Iterator[tuple[int, str]]:
    """Each line that is not blank, and the character offset at which it starts."""
    at = 0
    for line in text.split("\n"):
        if line.strip():
            yield at, line
        at += len(line) + 1


def start_of(text: str, offset: int) -> int:
    """The offset at which the passage around `offset` starts."""
    return text.rfind("\n", 0, offset) + 1
