"""Which of some described labels fits a text: by nearness of meaning and by words, without anything to learn from.

A label is a name, a description and words. `self_train` moves the descriptions' vectors towards texts that surely
belong to them, so that a collection teaches its own labels.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from stonehand.nlp.lexical import WORD, stem
from stonehand.nlp.spans import Span
from stonehand.nlp.vectors import unit

WORDS = 1500
NEARNESS, WORDING = 10.0, 0.8  # how much a difference in cosine, and one in words, moves a label's odds
SHORTEST = 3
Matrix = NDArray[np.float32]


@dataclass(frozen=True)
class Label:
    """A name, what it means in a sentence, and words that speak for it, by language; `wahl*` is a beginning."""

    name: str
    description: str
    keywords: Mapping[str, tuple[str, ...]]

    @cached_property
    def words(self) -> Mapping[str, Keywords]:
        """Its keywords, ready to be looked up."""
        return {language: Keywords.of(words) for language, words in self.keywords.items()}


@dataclass(frozen=True)
class Fit:
    """How a label fits: its share of all odds (0 to 1), the words that speak for it, and where its first one stands."""

    name: str
    score: float
    hits: int
    cosine: float
    evidence: tuple[Span, ...]


class Words:
    """The first 1,500 words of a text, to be looked up by form and by beginning."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.forms: dict[str, list[Span]] = {}
        self._starts: dict[int, dict[str, list[Span]]] = {}
        for count, match in enumerate(WORD.finditer(text)):
            if count == WORDS:
                break
            low, span = match.group().lower(), Span(match.start(), match.end(), match.group())
            for form in {low, stem(low)}:
                self.forms.setdefault(form, []).append(span)

    def starting(self, beginning: str) -> list[Span]:
        """The words that begin so."""
        length = len(beginning)
        if length not in self._starts:
            known: dict[str, list[Span]] = {}
            for form, spans in self.forms.items():
                known.setdefault(form[:length], []).extend(spans)
            self._starts[length] = known
        return self._starts[length].get(beginning, [])


@dataclass(frozen=True)
class Keywords:
    """Words and beginnings of words, folded; phrases are sought as they are written."""

    whole: frozenset[str]
    beginnings: tuple[str, ...]
    phrases: tuple[str, ...]

    @classmethod
    def of(cls, words: Sequence[str]) -> Keywords:
        """From words as a person lists them."""
        single = [word.lower() for word in words if " " not in word]
        starts = tuple(word[:-1] for word in single if word.endswith("*") and len(word) > SHORTEST)
        whole = frozenset(form for word in single if not word.endswith("*") for form in (word, stem(word)))
        return cls(whole, starts, tuple(word for word in words if " " in word))

    def find(self, words: Words) -> list[Span]:
        """Where they stand, in order of the text."""
        found = {span for form in self.whole if form in words.forms for span in words.forms[form]}
        found.update(span for start in self.beginnings for span in words.starting(start))
        for phrase in self.phrases:
            found.update(Span(at, at + len(phrase), words.text[at : at + len(phrase)]) for at in _places(phrase, words))
        return sorted(found, key=lambda span: span.start)


def _places(phrase: str, words: Words) -> list[int]:
    """Where a phrase stands; looked for only if its first word is there."""
    if phrase.split(maxsplit=1)[0].lower() not in words.forms:
        return []
    return [match.start() for match in re.finditer(rf"\b{re.escape(phrase)}\b", words.text, re.IGNORECASE)]


def fit(
    text: str,
    language: str,
    labels: Sequence[Label],
    cosines: Sequence[float] | NDArray[np.floating],
    words: Words | None = None,
) -> list[Fit]:
    """How each label fits, best first. `cosines` are the text's to each label's vector; zeros leave it to the words."""
    seen = words or Words(text)
    found = [_found(label, language, seen) for label in labels]
    mean = float(np.mean(cosines)) if len(labels) else 0.0
    odds = [
        NEARNESS * (float(cosine) - mean) + WORDING * math.log1p(_weight(spans))
        for cosine, spans in zip(cosines, found, strict=True)
    ]
    shares = softmax(odds)
    fits = [
        Fit(label.name, round(float(share), 4), len(spans), round(float(cosine), 4), _first_of_each(spans))
        for label, share, spans, cosine in zip(labels, shares, found, cosines, strict=True)
    ]
    return sorted(fits, key=lambda each: -each.score)


def _found(label: Label, language: str, words: Words) -> list[Span]:
    known = label.words.get(language) or label.words.get("en")
    return known.find(words) if known else []


def _weight(spans: Sequence[Span]) -> float:
    """Different words count fully, repetitions of one a quarter."""
    different = len({span.text.lower() for span in spans})
    return different + (len(spans) - different) / 4


def _first_of_each(spans: Sequence[Span], most: int = 5) -> tuple[Span, ...]:
    first: dict[str, Span] = {}
    for span in spans:
        first.setdefault(span.text.lower(), span)
    return tuple(first.values())[:most]


def softmax(odds: Sequence[float]) -> NDArray[np.float64]:
    """Shares of 1 by the exponents of these odds."""
    values = np.exp(np.asarray(odds, dtype=float) - max(odds, default=0.0))
    return np.asarray(values / max(values.sum(), 1e-12))


def self_train(vectors: Matrix, start: Matrix, rounds: int = 5, share: float = 0.3, anchor: float = 1.0) -> Matrix:
    """float32 [labels, width]: the label vectors `start`, moved towards the texts that surely belong to each.

    Each round takes, of the texts nearest to a label, the `share` with the largest lead over the next label; the
    label's vector becomes their mean plus `anchor` times where it began, so that it never leaves its description.
    """
    if len(start) < 2 or len(vectors) < 4 * len(start):
        return start
    centres = start
    for _ in range(rounds):
        cosines = vectors @ centres.T
        ordered = np.sort(cosines, axis=1)
        lead, nearest = ordered[:, -1] - ordered[:, -2], cosines.argmax(axis=1)
        centres = np.stack([_moved(vectors, start[at], nearest == at, lead, share, anchor) for at in range(len(start))])
    return centres


def _moved(vectors: Matrix, start: Matrix, own: NDArray[np.bool_], lead: Matrix, share: float, anchor: float) -> Matrix:
    rows = np.flatnonzero(own)
    if len(rows) < 3:
        return start
    surest = rows[np.argsort(-lead[rows])[: max(3, int(len(rows) * share))]]
    return unit(vectors[surest].mean(axis=0) + anchor * start)
