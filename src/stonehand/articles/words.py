"""The words of a text, told apart the same way everywhere."""

from __future__ import annotations

from functools import lru_cache

from stonehand.search.folding import WORD


def words(text: str) -> list[str]:
    """Every word in lower case, without punctuation."""
    return WORD.findall(text.casefold())


@lru_cache(maxsize=1)
def words_of_article(text: str) -> tuple[str, ...]:
    """The same of a whole text, kept until the next one: several steps want them, one right after the other."""
    return tuple(words(text))
