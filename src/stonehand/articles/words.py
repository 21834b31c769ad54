"""The words of a text, told apart the same way everywhere."""

from __future__ import annotations

from stonehand.search.folding import WORD


def words(text: str) -> list[str]:
    """Every word in lower case, without punctuation."""
    return WORD.findall(text.casefold())
