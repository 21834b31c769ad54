"""The seven parts of the curator score, each from a text to 0..100 with its reason and evidence. Pure.

Rubrics measure by them and curations score by them. The formulas are those of an earlier curator, mended where they
misled (decision 0054): an unknown date is neutral, not new, and a tone that nobody can read is neutral, not even.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from stonehand.nlp.lexical import terms
from stonehand.nlp.spans import Span
from stonehand.nlp.vectors import Row
from stonehand.rubrics import reputation
from stonehand.rubrics.measured import NEUTRAL, Measured, clip
from stonehand.rubrics.subjects import Subject

ENOUGH_WORDS = 300
DENSE = 10.0  # names in 100 words; more add nothing
FOUND_SHARE, PHRASE_SHARE = 40.0, 60.0  # of coherence
GRAMS = (3, 4, 5)  # letters
COMPARED = 500  # words of a text that are compared with the topic
SHOWN = 5  # places that are told as evidence


def length(it: Subject, enough: float = ENOUGH_WORDS) -> Measured:
    """min(1, (words + 1) / 300)."""
    words = len(it.tokens)
    return Measured(clip(100 * (words + 1) / max(enough, 1)), f"{words:,} words; {enough:.0f} are enough")


def readability(it: Subject) -> Measured:
    """Half for length, half for the ease of reading by the formula of the language; 0 for no text."""
    if not it.tokens:
        return Measured(0.0, "it has no words")
    found, long = it.readability, length(it)
    value = (long.value + found.ease) / 2
    return Measured(value, f"{long.reason}; ease {found.ease:.0f} of 100 by {found.formula}", found.hard)


def entities(it: Subject, dense: float = DENSE) -> Measured:
    """Names, dates and sums in 100 words / 10, at most 1."""
    found = it.entities
    value = clip(100 * found.per_hundred_words / max(dense, 1e-9))
    reason = f"{found.per_hundred_words:.1f} names, dates and sums in 100 words; {dense:g} are plenty"
    return Measured(value, reason, tuple(each.spans[0] for each in found.found[:SHOWN]))


def neutrality(it: Subject) -> Measured:
    """1 - |tone|; 50 where the language has no word list."""
    tone = it.sentiment
    if not tone.known:
        return Measured(NEUTRAL, f"nobody can tell the tone of a text in {it.language or 'this language'}")
    places = tuple(each.span for each in tone.evidence[:SHOWN])
    return Measured(100 * tone.neutrality, f"its tone is {tone.compound:+.2f}, where 0 is even", places)


def recency(published_at: datetime | None, now: datetime, half_life: float) -> Measured:
    """100 x 2^(-age / half-life); 50 for an unknown date, since it is neither new nor old. `half_life` is in days."""
    if published_at is None:
        return Measured(NEUTRAL, "nobody knows when it was published")
    days, half = max(0.0, (now - published_at).total_seconds() / 86400), max(half_life, 0.01)
    return Measured(100 * 2 ** -min(days / half, 60), f"{days:.1f} days old; {half:g} days halve the score")


def repute(it: Subject, trusted: Sequence[str] = (), doubted: Sequence[str] = ()) -> Measured:
    """How far its host and its author are known to be reliable."""
    found = reputation.judge(it.host, it.author, tuple(trusted), tuple(doubted))
    return Measured(found.score, found.reason)


def relevance(it: Subject, topic: str, vector: Row | None = None) -> Measured:
    """The best of: cosine of meaning, of words and pairs, of groups of 3 to 5 letters; shares of common words.

    `vector` is the topic's, by the model of the text's.
    """
    body = f"{it.title} {' '.join(it.text.split(maxsplit=COMPARED)[:COMPARED])}"
    wanted, had = terms(topic, it.language), terms(body, it.language)
    ways = {
        "words": _cosine(Counter(_runs(wanted)), Counter(_runs(had))),
        "letters": _cosine(Counter(_grams(wanted)), Counter(_grams(had))),
        "shared words": len(set(wanted) & set(had)) / len(set(wanted) | set(had)) if wanted and had else 0.0,
        "title": len(set(wanted) & set(terms(it.title, it.language))) / len(set(wanted)) if wanted else 0.0,
        "meaning": _meaning(it, vector),
    }
    way = max(ways, key=lambda name: ways[name])
    return Measured(clip(100 * ways[way]), f"nearest to the topic by {way}")


def _meaning(it: Subject, vector: Row | None) -> float:
    if vector is None or it.vector.shape != vector.shape:
        return 0.0
    return float(it.vector @ vector)


def _runs(words: Sequence[str]) -> list[str]:
    """Single words and pairs."""
    return [*words, *(f"{one} {two}" for one, two in pairwise(words))]


def _grams(words: Sequence[str]) -> list[str]:
    joined = " ".join(words)
    return [joined[at : at + size] for size in GRAMS for at in range(max(0, len(joined) - size + 1))]


def _cosine(one: Counter[str], two: Counter[str]) -> float:
    small, large = (one, two) if len(one) < len(two) else (two, one)
    shared = sum(count * large[key] for key, count in small.items())
    lengths = math.sqrt(sum(n * n for n in one.values()) * sum(n * n for n in two.values()))
    return shared / lengths if lengths else 0.0


def coherence(it: Subject, topic: str) -> Measured:
    """40 x the share of the topic's words that stand in it + 60 x the mean strength of its phrases that hold some.

    A phrase's strength is its score beside the best one's, times the share of its words that the topic has.
    """
    wanted = set(terms(topic, it.language))
    if not wanted:
        return Measured(0.0, "the topic holds no word that means something")
    there = wanted & set(terms(f"{it.title} {it.text}", it.language))
    best = max((phrase.score for phrase in it.phrases), default=0.0) or 1.0
    shares = [(phrase, _overlap(phrase.text, wanted, it.language)) for phrase in it.phrases]
    held = [(phrase, share * phrase.score / best) for phrase, share in shares if share and phrase.score > 0]
    mean = sum(value for _, value in held) / len(held) if held else 0.0
    said = f"; it is about {', '.join(phrase.text for phrase, _ in held[:3])}" if held else ""
    places = tuple(Span(phrase.start, phrase.end, phrase.text) for phrase, _ in held[:SHOWN])
    value = FOUND_SHARE * len(there) / len(wanted) + PHRASE_SHARE * mean
    return Measured(value, f"{len(there)} of {len(wanted)} words of the topic stand in it{said}", places)


def _overlap(words: str, wanted: set[str], language: str) -> float:
    had = set(terms(words, language))
    return len(had & wanted) / len(had) if had else 0.0
