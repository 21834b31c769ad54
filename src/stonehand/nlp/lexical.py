"""Words as vectors: terms, their weights, and hashed vectors of a fixed width."""

from __future__ import annotations

import math
import re
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from stonehand.nlp.stopwords import stopwords
from stonehand.nlp.vectors import unit

WIDTH = 384
WORD = re.compile(r"[^\W_]+(?:[-'’.,][^\W_]+)*")
_PARTS = re.compile(f"({WORD.pattern})")
START = re.compile(r"[.!?:\"“”„\n]")  # between two words: the second begins a sentence
Weights = dict[str, float]


def words(text: str) -> list[str]:
    """The words and numbers of a text as written; `3.5`, `U.S` and `two-day` are one each."""
    return WORD.findall(text)


def parts(text: str) -> list[str]:
    """The whole text as what stands before the first word, the word, what stands before the next, and so on."""
    return _PARTS.split(text)


@lru_cache(maxsize=16_384)  # most words of a text are common ones
def stem(word: str) -> str:
    """A crude common form of a word: lower case, without possessive and plural endings."""
    low = word.lower().removesuffix("'s").removesuffix("’s")
    if len(low) > 4 and low.endswith("s") and not low.endswith(("ss", "us", "is")):
        return low[:-1]
    return low


def terms(text: str, language: str = "en") -> list[str]:
    """The words of a text that mean something, in a common form."""
    return [term for word in words(text) if (term := _term(word, language))]


@lru_cache(maxsize=16_384)
def _term(word: str, language: str) -> str:
    """The common form of a word that means something, of others nothing."""
    means = word.lower() not in stopwords(language) and (len(word) > 1 or word.isdigit())
    return stem(word) if means else ""


def counts(text: str, language: str = "en") -> dict[str, int]:
    """How often each term occurs."""
    return _counted(words(text), language)


def counts_and_names(text: str, language: str = "en") -> tuple[dict[str, int], dict[str, int]]:
    """`counts` and `names` of a text that is read once."""
    pieces = parts(text)
    return _counted(pieces[1::2], language), _named(pieces, language)


def _counted(found: Sequence[str], language: str) -> dict[str, int]:
    counted: dict[str, int] = {}
    for word, count in Counter(found).items():
        if term := _term(word, language):
            counted[term] = counted.get(term, 0) + count
    return counted


def weigh(counted: Mapping[str, float], rarity: Mapping[str, float], unseen: float) -> Weights:
    """Term weights (1 + ln tf) x rarity, scaled to length 1; a term without a rarity has `unseen`. Salton 1988."""
    raw = {term: (1 + math.log(count)) * rarity.get(term, unseen) for term, count in counted.items() if count >= 1}
    length = math.sqrt(sum(weight * weight for weight in raw.values()))
    return {term: weight / length for term, weight in raw.items()} if length else {}


def rarities(documents: Mapping[str, int], total: int) -> Weights:
    """Smoothed inverse document frequency of each term: ln((total + 1) / (documents + 1)) + 1."""
    return {term: math.log((total + 1) / (count + 1)) + 1 for term, count in documents.items()}


def hashed(texts: Sequence[str]) -> NDArray[np.float32]:
    """float32 [len(texts), 384], rows of length 1: signed feature hashing of the terms (Weinberger et al. 2009)."""
    result = np.zeros((len(texts), WIDTH), dtype=np.float32)
    for row, text in enumerate(texts):
        for term, count in counts(text).items():
            code = zlib.crc32(term.encode())
            result[row, code % WIDTH] += (1 + math.log(count)) * (1 if code & 0x80000000 else -1)
    return unit(result)


def names(text: str, language: str = "en") -> dict[str, int]:
    """How often each name-like term occurs: capitalised inside a sentence, an acronym, or a number.

    They tell apart two events of one kind: another place, other people, other numbers.
    """
    return _named(parts(text), language)


def _named(pieces: list[str], language: str) -> dict[str, int]:
    """`pieces` are a text's `parts`. The first word begins a sentence."""
    found, words = dict[str, int](), pieces[1::2]
    known = {word: _name(word, language) for word in set(words)}
    for gap, word in zip([".", *pieces[2::2]], words, strict=False):
        name, inside_only = known[word]
        if name and not (inside_only and START.search(gap)):
            found[name] = found.get(name, 0) + 1
    return found


@lru_cache(maxsize=16_384)
def _name(word: str, language: str) -> tuple[str, bool]:
    """What a word is called as a name, if it may be one, and whether it is none where it begins a sentence."""
    if word[0].isdigit():
        return word, False
    if word[0].isupper() and word.lower() not in stopwords(language):
        return stem(word), not word.isupper()
    return "", False
