"""How good a topic is for an agent: relevance, freshness and search potential, each from 0 to 1 with its reason. Pure.

Freshness goes along the steps 1.0 up to a day, 0.9 at 3 days, 0.7 at 7, 0.5 at 14 and 0.3 at 30, in between by a
straight line; what has no date is 0.5.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from stonehand.nlp import lexical
from stonehand.search import folding

STEPS = ((1.0, 1.0), (3.0, 0.9), (7.0, 0.7), (14.0, 0.5), (30.0, 0.3))
OLDEST = 0.1
UNDATED = 0.5
K1, B = 1.2, 0.75  # of BM25 (Robertson and Zaragoza 2009)
SMALLEST_LIBRARY = 50  # texts; among fewer, no word is rare
HALF = 6.0  # a BM25 score of this many makes a relevance of 0.63
FAR, NEAR = 0.1, 0.6  # cosines of a brief and an article from which they are nothing and all to each other
KEYWORD = 2.0  # a keyword counts as much as so many words of the brief
YEAR, DIGIT = re.compile(r"\b(?:19|20)\d\d\b"), re.compile(r"\d")
QUESTION = re.compile(
    r"\?|\b(?:how|what|why|when|where|who|which|wie|was|warum|wann|wo|wer|welche[rs]?|jak|co|dlaczego|kiedy|gdzie|kto|"
    r"czy|comment|pourquoi|quand|qui|quel(?:le)?s?|cómo|qué|por qué|cuándo|dónde|quién)\b",
    re.IGNORECASE,
)


class Part(NamedTuple):
    """A part of a score, from 0 to 1, and why."""

    score: float
    reason: str


@dataclass(frozen=True)
class Profile:
    """What an agent writes about: terms and what each counts for, and keywords as they are written."""

    terms: Mapping[str, float]
    keywords: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether it says nothing, so that everything is as good."""
        return not self.terms


def profile(brief: str, expertise: str, keywords: Sequence[str], language: str = "") -> Profile:
    """The profile of an agent."""
    terms = dict.fromkeys(lexical.terms(f"{brief} {expertise}", language or "en"), 1.0)
    terms |= {term: KEYWORD for word in keywords for term in lexical.terms(word, language or "en")}
    return Profile(terms, tuple(keywords))


def by_words(texts: Sequence[str], wanted: Profile) -> list[Part]:
    """How far each of these texts speaks of what is wanted: BM25 over all of them, brought to 0 to 1."""
    counted = [Counter(lexical.terms(text)) for text in texts]
    total, mean = max(len(texts), SMALLEST_LIBRARY), sum(map(Counter.total, counted)) / max(len(texts), 1) or 1.0
    holding = Counter(term for counts in counted for term in counts if term in wanted.terms)
    rarity = {term: math.log(1 + (total - count + 0.5) / (count + 0.5)) for term, count in holding.items()}
    return [_by_words(counts, wanted, rarity, mean) for counts in counted]


def _by_words(counts: Counter[str], wanted: Profile, rarity: Mapping[str, float], mean: float) -> Part:
    length = K1 * (1 - B + B * counts.total() / mean)
    found = {
        term: weight * rarity[term] * counts[term] * (K1 + 1) / (counts[term] + length)
        for term, weight in wanted.terms.items()
        if counts[term]
    }
    best = sorted(found, key=lambda term: -found[term])[:4]
    return Part(1 - math.exp(-sum(found.values()) / HALF), f"speaks of {', '.join(best)}" if best else "")


def relevance(words: Part, cosine: float | None, wanted: Profile) -> Part:
    """Words and meaning together: either may speak for a text."""
    if wanted.is_open:
        return Part(0.5, "the agent has no brief and no keywords, so nothing is nearer than anything else")
    meaning = 0.0 if cosine is None else min(1.0, max(0.0, (cosine - FAR) / (NEAR - FAR)))
    reasons = [words.reason] if words.reason else ["names nothing of its brief"]
    if cosine is not None:
        reasons.append(f"its meaning is {'near' if meaning > 0.5 else 'half near' if meaning > 0.2 else 'far'}")
    return Part(1 - (1 - words.score) * (1 - meaning), f"{', '.join(reasons)}")


def freshness(at: datetime | None, now: datetime) -> Part:
    """How new it is."""
    if at is None:
        return Part(UNDATED, "nobody knows when it was published")
    days = max(0.0, (now - at).total_seconds() / 86400)
    told = "published today" if days < 1 else f"published {days:.0f} days ago"
    low, high = STEPS[0], STEPS[0]
    for step in STEPS:
        low, high = high, step
        if days <= step[0]:
            share = (days - low[0]) / (high[0] - low[0]) if high[0] > low[0] and days > low[0] else 0.0
            return Part(low[1] + share * (high[1] - low[1]), told)
    return Part(OLDEST, told)


def search_potential(title: str) -> Part:
    """How well a title may do in searches: its length, a number, a year, a question."""
    length, score, reasons = len(title), 0.5, []
    if 40 <= length <= 70:
        score, reasons = score + 0.2, [f"a title of {length} characters"]
    elif 30 <= length <= 80:
        score, reasons = score + 0.1, [f"a title of {length} characters, nearly the usual 40 to 70"]
    for pattern, worth, told in ((DIGIT, 0.1, "a number"), (YEAR, 0.15, "a year"), (QUESTION, 0.1, "a question")):
        if pattern.search(title):
            score, reasons = score + worth, [*reasons, told]
    return Part(min(1.0, score), ", ".join(reasons) or "nothing in its title that people search for")


def mean(parts: Mapping[str, Part]) -> float:
    """The score of a topic."""
    return sum(part.score for part in parts.values()) / len(parts)


def excluded(text: str, words: Sequence[str]) -> str:
    """The first of these words or phrases that stands in the text; with a star at its end, the beginning of a word."""
    said = f" {' '.join(folding.fold(text))} "
    for word in words:
        folded = " ".join(folding.fold(word))
        if folded and f" {folded}{'' if word.endswith('*') else ' '}" in said:
            return word
    return ""
