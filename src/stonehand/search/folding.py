"""Words as they are looked up: without case, accents and plural endings. Pure, and the same on every database."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

VERSION = 2
"""Rises when words are folded another way: what was indexed before is then indexed again."""
LONGEST_WORD = 60  # characters
# Chinese and Japanese write no blanks: each character stands for a word there.
WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W_\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")
_ACCENTS = re.compile(r"[\u0300-\u036f]+")
_SIGNS = re.compile(r"[^\w\x00-\x7f\u0300-\u036f\u2e80-\u2fdf]")  # the last are parts of Chinese characters
_STRANGE = re.compile(r"[^\x00-\x7f]")


def plain(text: str) -> str:
    """The text in lower case and without accents. Signs that are no letters become blanks, not `tm` or `no`."""
    if text.isascii():
        return text.lower()
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", _SIGNS.sub(" ", text.casefold())))
    return unicodedata.normalize("NFC", bare.casefold())  # once more: letters in fancy styles have no case until now


def fold(text: str, known: Sequence[str] | None = None) -> list[str]:
    """The words of a text, in order, each in the form under which it is looked up.

    `known` are the words of its `casefold()`, if somebody has them: almost every text has those and no others.
    """
    if known is not None and all(map(_divides_alike, set(_STRANGE.findall(text)))):
        words = _without_accents(known)
    else:
        words = WORD.findall(plain(text))
    return [_stem(word) if word[-1] == "s" or len(word) > LONGEST_WORD else word for word in words]


@lru_cache(maxsize=2048)
def _divides_alike(character: str) -> bool:
    """Whether text around it falls into words as around what becomes of it: not so a half, which is `1` and `2`."""
    before, after = (WORD.findall(f"x{each}x") for each in (character.casefold(), plain(character)))
    return before == after if before == ["x", "x"] else len(before) == len(after)


def _without_accents(words: Sequence[str]) -> Sequence[str]:
    bare = {word: _bare(word) for word in set(words) if not word.isascii()}
    return [part for word in words for part in bare.get(word) or (word,)] if bare else words


@lru_cache(maxsize=8192)
def _bare(word: str) -> list[str]:
    """A word in lower case without accents; rarely it is more than one then, as a half is `1` and `2`."""
    return WORD.findall(plain(word))


@lru_cache(maxsize=8192)  # most words of a text are common ones
def forms(word: str) -> list[str]:
    """What a word, as it is written, is looked up as: mostly one word, rarely more."""
    return fold(word)


@lru_cache(maxsize=16_384)
def _stem(word: str) -> str:
    """A word without its plural ending, cut to a length that every index takes."""
    if len(word) > 4 and word[-1] == "s" and word[-2] not in "sui":
        return word[:-1][:LONGEST_WORD]
    return word[:LONGEST_WORD]
