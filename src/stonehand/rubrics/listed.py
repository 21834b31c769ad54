"""Lists of words that measures and features go by, from a file of their own."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def listed(kind: str) -> frozenset[str]:
    """The words of this kind. Raises `KeyError`."""
    for line in files(__package__).joinpath("words.txt").read_text(encoding="utf-8").splitlines():
        name, colon, words = line.partition(":")
        if colon and name == kind:
            return frozenset(words.split())
    raise KeyError(kind)
