"""What a text is about, in its own words: a statistical scorer of word sequences, with where they first stand."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from stonehand.nlp.lexical import WORD, stem
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


class _Word(NamedTuple):  # there are many: a dataclass that is frozen takes four times as long to make
    start: int
    end: int
    stem: str
    edge: bool  # may begin or end a phrase
    joined: bool  # nothing but blanks stands between it and the word before
    name: bool  # capitalised inside a sentence, or an acronym


@dataclass(slots=True)
class _Candidate:
    first: int
    length: int
    count: int = 0
    names: int = 0


def _read(text: str, language: str) -> list[_Word]:
    ignored, before = stopwords(language), 0
    result: list[_Word] = []
    for found in islice(WORD.finditer(text), WORDS):
        word, (start, end) = found.group(), found.span()
        joined = before > 0 and _is_blank(text[before:start])
        edge = len(word) > 2 and word.lower() not in ignored and not word[0].isdigit()
        name = (joined and word[0].isupper()) or (len(word) > 1 and word.isupper())
        result.append(_Word(start, end, stem(word), edge, joined, name))
        before = end
    return result


def _is_blank(gap: str) -> bool:
    return gap == " " or (not BREAK.search(gap) and "\n" not in gap)


def _candidates(words: list[_Word]) -> dict[tuple[str, ...], _Candidate]:
    found: dict[tuple[str, ...], _Candidate] = {}
    for first, word in enumerate(words):
        if not word.edge:
            continue
        key: tuple[str, ...] = (word.stem,)
        names = word.name
        _count(found, key, first, names)
        for last in words[first + 1 : first + LONGEST]:
            if not last.joined:
                break
            key, names = (*key, last.stem), names and (last.name or not last.edge)
            if last.edge:
                _count(found, key, first, names)
    return found


def _count(found: dict[tuple[str, ...], _Candidate], key: tuple[str, ...], first: int, names: bool) -> None:
    seen = found.get(key)
    if seen is None:
        seen = found[key] = _Candidate(first, len(key))
    seen.count += 1
    seen.names += names


def _score(seen: _Candidate, total: int, german: bool) -> float:
    """ln(1 + tf) x earliness x length, and more for names, whose capitals tell nothing in German."""
    if seen.length > 1 and seen.count == 1 and not seen.names:
        return 0.0
    early = 1 / (1 + math.log1p(10 * seen.first / max(total, 1)))
    names = 0.0 if german else seen.names / seen.count
    return math.log1p(seen.count) * early * math.sqrt(seen.length) * (1 + names)


def _covered(key: tuple[str, ...], chosen: list[tuple[str, ...]]) -> bool:
    """Whether a chosen phrase holds this one, or is held by it."""
    return any(set(key) <= set(other) or set(other) <= set(key) for other in chosen)


def extract(text: str, language: str = "en", top: int = 8) -> list[KeyPhrase]:
    """At most `top` phrases of one to three words, best first, none holding another. Linear in the text."""
    words = _read(text, language)
    candidates = _candidates(words)
    scored = {key: score for key, seen in candidates.items() if (score := _score(seen, len(words), language == "de"))}
    chosen: list[tuple[str, ...]] = []
    for key in sorted(scored, key=lambda key: (-scored[key], candidates[key].first)):
        if len(chosen) == top:
            break
        if not _covered(key, chosen):
            chosen.append(key)
    return [_phrase(text, words, candidates[key], scored[key]) for key in chosen]


def _phrase(text: str, words: list[_Word], seen: _Candidate, score: float) -> KeyPhrase:
    start, end = words[seen.first].start, words[seen.first + seen.length - 1].end
    return KeyPhrase(text[start:end], round(score, 4), start, end)
