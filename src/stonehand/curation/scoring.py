"""The curator score of an article: seven parts from 0 to 100, each with its reason, and what they come to. Pure.

The formulas are those of an earlier curator, mended where they misled (decision 0054): an unknown date is neutral, not
new, and a tone that nobody can read is neutral, not even.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from stonehand.curation import reputation
from stonehand.curation.weights import PARTS, Weights
from stonehand.nlp.lexical import terms

ENOUGH_WORDS = 300
DENSE = 10.0  # names in 100 words; more add nothing
NEUTRAL = 50.0
FOUND_SHARE, PHRASE_SHARE = 40.0, 60.0  # of coherence
GRAMS = (3, 4, 5)  # letters
COMPARED = 500  # words of a text that are compared with the topic


@dataclass(frozen=True)
class Facts:
    """What the score is made of. `ease` 0 to 100, `tone` -1 to 1, None where nobody can tell.

    `nearness` is the cosine of the article's vector and the topic's, None without them. `phrases` are words with their
    strength, which is above 0; the strongest first.
    """

    title: str
    text: str
    language: str
    host: str
    author: str | None
    published_at: datetime | None
    words: int
    ease: float | None
    names_per_hundred: float
    tone: float | None
    phrases: Sequence[tuple[str, float]] = ()
    nearness: float | None = None


@dataclass(frozen=True)
class Part:
    """One part, 0 to 100, and why."""

    score: float
    reason: str


Card = Mapping[str, Part]


def card(facts: Facts, topic: str, weights: Weights, now: datetime) -> dict[str, Part]:
    """The seven parts of an article; without a topic, five."""
    found = {
        "readability": readability(facts),
        "entities": entities(facts),
        "neutrality": neutrality(facts),
        "recency": recency(facts.published_at, now, weights.days(topic)),
        "reputation": _reputation(facts, weights),
    }
    if topic.strip():
        found |= {"relevance": relevance(facts, topic), "coherence": coherence(facts, topic)}
    return {name: found[name] for name in PARTS if name in found}


def overall(scores: Mapping[str, float], weights: Weights) -> float:
    """The weighted mean of the parts that there are, 0 to 100; what missing parts count for goes to the others."""
    counted = {name: weights.parts[name] for name in scores}
    total = sum(counted.values())
    if not total:
        return round(sum(scores.values()) / max(len(scores), 1), 2)
    return round(sum(scores[name] * weight for name, weight in counted.items()) / total, 2)


def readability(facts: Facts) -> Part:
    """Half for length, min(1, (words + 1) / 300), half for the ease of reading by the formula of the language."""
    length = min(1.0, (facts.words + 1) / ENOUGH_WORDS) * 100 if facts.words else 0.0
    if facts.ease is None:
        return Part(round(length, 2), f"{facts.words} words; {ENOUGH_WORDS} are enough")
    return Part(
        round((length + facts.ease) / 2, 2),
        f"{facts.words} words, {ENOUGH_WORDS} are enough; ease {facts.ease:.0f} of 100",
    )


def entities(facts: Facts) -> Part:
    """Names in 100 words / 10, at most 1."""
    share = min(1.0, facts.names_per_hundred / DENSE)
    return Part(
        round(share * 100, 2), f"{facts.names_per_hundred:.1f} names, dates and sums in 100 words; 10 are plenty"
    )


def neutrality(facts: Facts) -> Part:
    """1 - |tone|; 50 where the language has no word list."""
    if facts.tone is None:
        return Part(NEUTRAL, f"nobody can tell the tone of a text in {facts.language or 'this language'}")
    return Part(round((1 - abs(facts.tone)) * 100, 2), f"its tone is {facts.tone:+.2f}, where 0 is even")


def recency(published_at: datetime | None, now: datetime, half_life: float) -> Part:
    """100 x 2^(-age / half-life); 50 for an unknown date, since it is neither new nor old."""
    if published_at is None:
        return Part(NEUTRAL, "nobody knows when it was published")
    days = max(0.0, (now - published_at).total_seconds() / 86400)
    score = 100 * 2 ** -min(days / half_life, 60)
    return Part(round(score, 2), f"{days:.1f} days old; {half_life:g} days halve the score")


def _reputation(facts: Facts, weights: Weights) -> Part:
    found = reputation.judge(facts.host, facts.author, tuple(weights.trusted), tuple(weights.doubted))
    return Part(found.score, found.reason)


def relevance(facts: Facts, topic: str) -> Part:
    """The best of: cosine of meaning, of words and pairs, of groups of 3 to 5 letters; shares of common words."""
    body = f"{facts.title} {' '.join(facts.text.split(maxsplit=COMPARED)[:COMPARED])}"
    wanted, had = terms(topic, facts.language), terms(body, facts.language)
    ways = {
        "words": _cosine(Counter(_runs(wanted)), Counter(_runs(had))),
        "letters": _cosine(Counter(_grams(wanted)), Counter(_grams(had))),
        "shared words": len(set(wanted) & set(had)) / len(set(wanted) | set(had)) if wanted and had else 0.0,
        "title": len(set(wanted) & set(terms(facts.title, facts.language))) / len(set(wanted)) if wanted else 0.0,
    }
    if facts.nearness is not None:
        ways["meaning"] = max(0.0, facts.nearness)
    way = max(ways, key=lambda name: ways[name])
    return Part(round(min(1.0, ways[way]) * 100, 2), f"nearest to the topic by {way}")


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


def coherence(facts: Facts, topic: str) -> Part:
    """40 x the share of the topic's words that stand in it + 60 x the mean strength of its phrases that hold some.

    A phrase's strength is its score beside the best one's, times the share of its words that the topic has.
    """
    wanted = set(terms(topic, facts.language))
    if not wanted:
        return Part(0.0, "the topic holds no word that means something")
    there = wanted & set(terms(f"{facts.title} {facts.text}", facts.language))
    best = max((strength for _, strength in facts.phrases), default=0.0)
    held = [
        (words, _overlap(words, wanted, facts.language) * strength / best) for words, strength in facts.phrases if best
    ]
    held = [(words, value) for words, value in held if value > 0]
    mean = sum(value for _, value in held) / len(held) if held else 0.0
    score = FOUND_SHARE * len(there) / len(wanted) + PHRASE_SHARE * mean
    phrases = f"; it is about {', '.join(words for words, _ in held[:3])}" if held else ""
    return Part(round(score, 2), f"{len(there)} of {len(wanted)} words of the topic stand in it{phrases}")


def _overlap(words: str, wanted: set[str], language: str) -> float:
    had = set(terms(words, language))
    return len(had & wanted) / len(had) if had else 0.0
