"""What a text is about, in its own words: a statistical scorer of word sequences, with where they first stand."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stonehand.nlp import lexical
from stonehand.nlp.lexical import stem
from stonehand.nlp.stopwords import stopwords

WORDS = 1500  # the rest of a very long text does not change what it is about
LONGEST = 3
BREAK = re.compile(r"[^\s\-'’]")  # anything but blanks between two words ends a phrase


@dataclass(frozen=True)
class KeyPhrase:
    """A phrase as it is written first, its score (higher is better), and its place: `text == whole[start:end]`."""

    text: str
    score: float
    start: int
    end: int


@dataclass(frozen=True)
class _Words:
    """The words of a text: in each array one number a word. There are many, so nothing is done for each in Python."""

    stems: NDArray[np.int64]
    edges: NDArray[np.bool_]
    """May begin or end a phrase."""
    joined: NDArray[np.bool_]
    """Nothing but blanks stands between it and the word before."""
    fits: NDArray[np.bool_]
    """Stands in names: capitalised inside a sentence, an acronym, or a small word."""


@dataclass(frozen=True)
class _Runs:
    """Different runs of words that may be phrases: where each begins first, how many words it has, its score."""

    first: NDArray[np.int64]
    length: NDArray[np.int64]
    score: NDArray[np.float64]


@dataclass(frozen=True)
class _Places:
    """Where runs of words stand: the first word, how many, which run it is, and whether it looks like a name there."""

    start: NDArray[np.int64]
    length: NDArray[np.int64]
    key: NDArray[np.int64]
    fits: NDArray[np.bool_]


def _read(parts: list[str], language: str) -> _Words:
    """`parts` are gap, word, gap, word, and so on, and one gap more."""
    words = parts[1::2]
    different = dict(zip(dict.fromkeys(words), range(len(words)), strict=False))
    at = np.fromiter(map(different.__getitem__, words), dtype=np.int64, count=len(words))
    stems, edges, capitals, acronyms = (each[at] for each in _traits(different, language))
    joined = _joined(parts[:-1:2])
    return _Words(stems, edges, joined, acronyms | (capitals & joined) | ~edges)


def _traits(words: Iterable[str], language: str) -> tuple[NDArray[Any], ...]:
    """Of different words: a number for the stem, whether it may begin or end a phrase, is capitalised, an acronym."""
    small, numbers = stopwords(language), dict[str, int]()
    pairs = [(word, word.lower()) for word in words]
    stems = (stem(word) if low[-1] == "s" else low for word, low in pairs)
    edges = [len(word) > 2 and low not in small and not word[0].isdigit() for word, low in pairs]
    return (
        np.array([numbers.setdefault(each, len(numbers)) for each in stems], dtype=np.int64),
        np.array(edges, dtype=np.bool_),
        np.array([word[0].isupper() for word, _ in pairs], dtype=np.bool_),
        np.array([word.isupper() and len(word) > 1 for word, _ in pairs], dtype=np.bool_),
    )


def _joined(gaps: list[str]) -> NDArray[np.bool_]:
    """Whether nothing but blanks stands between each word and the one before it; before the first there is none."""
    kinds = {gap: _is_blank(gap) for gap in set(gaps)}
    joined = np.fromiter(map(kinds.__getitem__, gaps), dtype=np.bool_, count=len(gaps))
    joined[:1] = False
    return joined


def _is_blank(gap: str) -> bool:
    return not BREAK.search(gap) and "\n" not in gap


def _runs(words: _Words, german: bool) -> _Runs:
    """Different runs of one to three words. One of several stands there more than once, or as a name."""
    some = [_places(words, length) for length in range(1, LONGEST + 1)]
    start, length, key, fits = (
        np.concatenate([getattr(each, name) for each in some]) for name in _Places.__annotations__
    )
    _, places, which, count = np.unique(key, return_index=True, return_inverse=True, return_counts=True)
    named = np.bincount(which, fits, len(count))
    kept = (count > 1) | (named > 0) | (length[places] == 1)
    first, long, often = start[places][kept], length[places][kept], count[kept]
    names = 0.0 if german else named[kept] / often
    return _Runs(first, long, _score(often, first / max(len(words.stems), 1), long, names))


def _places(words: _Words, length: int) -> _Places:
    """Where runs of so many words stand; no two different runs have the same key, whatever their lengths."""
    last = max(len(words.stems) - length + 1, 0)
    may = words.edges[:last] & words.edges[length - 1 :][:last]
    for step in range(1, length):
        may &= words.joined[step : last + step]
    start = np.flatnonzero(may)
    key, fits = np.full(len(start), length), np.full(len(start), True)
    for step in range(length):
        key = key * WORDS + words.stems[start + step]
        fits &= words.fits[start + step]
    return _Places(start, np.full(len(start), length), key, fits)


def _score(count: NDArray[Any], place: NDArray[Any], length: NDArray[Any], named: NDArray[Any] | float) -> NDArray[Any]:
    """ln(1 + tf) x earliness x length, and more for names, whose capitals tell nothing in German."""
    found: NDArray[Any] = np.log1p(count) / (1 + np.log1p(10 * place)) * np.sqrt(length) * (1 + named)
    return found


def extract(text: str, language: str = "en", top: int = 8) -> list[KeyPhrase]:
    """At most `top` phrases of one to three words, best first, none holding another. Linear in the text."""
    return of_parts(lexical.parts(text), language, top)


def of_parts(parts: list[str], language: str = "en", top: int = 8) -> list[KeyPhrase]:
    """The same of a text that is in its `lexical.parts` already."""
    parts = parts[: 2 * WORDS + 1]
    words = _read(parts, language)
    runs = _runs(words, language == "de")
    chosen: list[tuple[set[int], KeyPhrase]] = []
    for best in np.lexsort((runs.first, -runs.score)):
        if len(chosen) == top:
            break
        start, end = int(runs.first[best]), int(runs.first[best] + runs.length[best])
        stems = set(words.stems[start:end].tolist())
        if not any(stems <= others or others <= stems for others, _ in chosen):
            chosen.append((stems, _phrase(parts, start, end, float(runs.score[best]))))
    return [phrase for _, phrase in chosen]


def _phrase(parts: list[str], first: int, end: int, score: float) -> KeyPhrase:
    text, start = "".join(parts[2 * first + 1 : 2 * end]), len("".join(parts[: 2 * first + 1]))
    return KeyPhrase(text, round(score, 4), start, start + len(text))
