"""What changed between two templates, line by line."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Literal

Change = Literal["same", "added", "removed"]
_KINDS: dict[str, Change] = {"  ": "same", "+ ": "added", "- ": "removed"}


@dataclass(frozen=True)
class Line:
    """A line of either template."""

    kind: Change
    text: str


def compare(old: str, new: str) -> list[Line]:
    """Every line of both, in order."""
    told = difflib.ndiff(old.splitlines(), new.splitlines())
    return [Line(_KINDS[each[:2]], each[2:]) for each in told if each[:2] in _KINDS]
