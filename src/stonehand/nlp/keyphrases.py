"""What a text is about, in its own words: a statistical scorer of word sequences, with where they first stand."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
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


def _read(parts: list[str], language: str) -> _Words:
    """`parts` are gap, word, gap, word, and so on, and one gap more."""
    words, ignored, numbers = parts[1::2], stopwords(language), dict[str, int]()
    different = {word: place for place, word in enumerate(dict.fromkeys(words))}
    at = np.array([different[word] for word in words], dtype=np.int64)
    stems = np.array([numbers.setdefault(stem(word), len(numbers)) for word in different], dtype=np.int64)
    edges = _each(len(word) > 2 and not word[0].isdigit() and word.lower() not in ignored for word in different)[at]
    capitals = _each(word[0].isupper() for word in different)[at]
    acronyms = _each(len(word) > 1 and word.isupper() for word in different)[at]
    joined = _each(gap == " " or _is_blank(gap) for gap in parts[:-1:2])
    joined[:1] = False  # before the first word there is none
    return _Words(stems[at], edges, joined, acronyms | (capitals & joined) | ~edges)


def _each(said: Iterator[bool]) -> NDArray[np.bool_]:
    return np.fromiter(said, dtype=np.bool_)


def _is_blank(gap: str) -> bool:
    return not BREAK.search(gap) and "\n" not in gap


def _runs(words: _Words, length: int, german: bool) -> _Runs:
    """Runs of so many words. One of several words stands there more than once, or as a name."""
    edges, joined = _windows(words.edges, length), _windows(words.joined, length)
    starts = np.flatnonzero(edges[:, 0] & edges[:, -1] & joined[:, 1:].all(axis=1))
    keys = _windows(words.stems, length)[starts] @ (WORDS ** np.arange(length))
    _, places, which, count = np.unique(keys, return_index=True, return_inverse=True, return_counts=True)
    named = np.bincount(which, _windows(words.fits, length)[starts].all(axis=1), len(count))
    first = starts[places]
    score = _score(count, first / max(len(words.stems), 1), length, 0.0 if german else named / count)
    kept = (count > 1) | (named > 0) | (length == 1)
    return _Runs(first[kept], np.full(kept.sum(), length), score[kept])


def _windows(each: NDArray[Any], length: int) -> NDArray[Any]:
    """[runs, length]: what is known of the words of every run."""
    return sliding_window_view(each, length) if len(each) >= length else np.empty((0, length), each.dtype)


def _score(count: NDArray[Any], place: NDArray[Any], length: int, named: NDArray[Any] | float) -> NDArray[Any]:
    """ln(1 + tf) x earliness x length, and more for names, whose capitals tell nothing in German."""
    found: NDArray[Any] = np.log1p(count) / (1 + np.log1p(10 * place)) * math.sqrt(length) * (1 + named)
    return found


def extract(text: str, language: str = "en", top: int = 8) -> list[KeyPhrase]:
    """At most `top` phrases of one to three words, best first, none holding another. Linear in the text."""
    return of_parts(lexical.parts(text), language, top)


def of_parts(parts: list[str], language: str = "en", top: int = 8) -> list[KeyPhrase]:
    """The same of a text that is in its `lexical.parts` already."""
    parts = parts[: 2 * WORDS + 1]
    words = _read(parts, language)
    some = [_runs(words, length, language == "de") for length in range(1, LONGEST + 1)]
    first, length, score = (np.concatenate([getattr(runs, name) for runs in some]) for name in _Runs.__annotations__)
    chosen: list[tuple[set[int], KeyPhrase]] = []
    for best in np.lexsort((first, -score)):
        if len(chosen) == top:
            break
        start, end = int(first[best]), int(first[best] + length[best])
        stems = set(words.stems[start:end].tolist())
        if not any(stems <= others or others <= stems for others, _ in chosen):
            chosen.append((stems, _phrase(parts, start, end, float(score[best]))))
    return [phrase for _, phrase in chosen]


def _phrase(parts: list[str], first: int, end: int, score: float) -> KeyPhrase:
    text, start = "".join(parts[2 * first + 1 : 2 * end]), sum(map(len, parts[: 2 * first + 1]))
    return KeyPhrase(text, round(score, 4), start, start + len(text))
