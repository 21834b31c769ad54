"""Tags of sources: short words that people sort them by. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from stonehand.sources.cleaning import one_line

MOST, LONGEST = 20, 40


def tidy(given: Iterable[str]) -> list[str]:
    """Each tag once, in lower case and without commas, in order of the alphabet; at most 20 of 40 characters."""
    words = (one_line(each.replace(",", " "), LONGEST).lower() for each in given)
    return sorted({each for each in words if each})[:MOST]
