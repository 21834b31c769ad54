"""All that is told of one text beyond its vector: category, topics, names, tone, readability, quality, summary.

Nothing here is embedded but the labels themselves, so that describing an article costs milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stonehand.analysis import categories
from stonehand.nlp import entities, lexical, quality, readability, sentences, sentiment, summary
from stonehand.nlp.entities import Entity
from stonehand.nlp.labels import Words
from stonehand.nlp.quality import Quality
from stonehand.nlp.readability import Readability
from stonehand.nlp.sentiment import Sentiment
from stonehand.nlp.spans import Span

VERSION = 1
"""Raise it when a description would come out otherwise; older ones are then made anew."""
MOST_ENTITIES, MOST_PLACES, MOST_FEELINGS = 30, 3, 8
SUMMARY_SENTENCES, SUMMARY_FROM, LONGEST_SENTENCE = 3, 40, 400
Matrix = NDArray[np.float32]


@dataclass(frozen=True)
class Described:
    """The columns of a description; every dictionary holds the places in the text that speak for it."""

    category: str
    category_score: float
    categories: list[dict[str, Any]]
    topics: list[dict[str, Any]]
    entities: list[dict[str, Any]]
    entity_density: float
    sentiment: dict[str, Any]
    readability: dict[str, Any]
    quality: dict[str, Any]
    summary: list[dict[str, Any]]


def describe(title: str, text: str, language: str, vector: Matrix, drawer_vectors: Matrix) -> Described:
    """The description of one text. `drawer_vectors` are those of `categories.drawers().descriptions`, made by the
    model that made `vector`; both may be empty, and then words decide alone.
    """
    cosines = drawer_vectors @ vector if len(vector) and len(drawer_vectors) else _zeros()
    place = categories.sort(text, language, cosines, Words(text))
    named = entities.find(text, language)
    tone, easy = sentiment.read(text, language, MOST_FEELINGS), readability.read(text, language)
    good = quality.read(title, text, language, sentiment.languages(), tone, easy)
    return Described(
        category=place.category,
        category_score=place.score,
        categories=[asdict(each) for each in place.fits],
        topics=[asdict(each) for each in place.topics],
        entities=[_entity(each) for each in named.found[:MOST_ENTITIES]],
        entity_density=named.per_hundred_words,
        sentiment=_sentiment(tone),
        readability=_readability(easy),
        quality=_quality(good),
        summary=summarised(text, language),
    )


def _zeros() -> NDArray[np.float32]:
    return np.zeros(len(categories.drawers().descriptions), dtype=np.float32)


def _entity(found: Entity) -> dict[str, Any]:
    return {
        "kind": found.kind,
        "text": found.text,
        "count": found.count,
        "spans": [asdict(span) for span in found.spans[:MOST_PLACES]],
    }


def _sentiment(found: Sentiment) -> dict[str, Any]:
    evidence = [asdict(each.span) | {"value": each.value} for each in found.evidence]
    counts = {"positive": found.positive, "negative": found.negative, "known": found.known}
    return {"label": found.label, "compound": found.compound, "evidence": evidence} | counts


def _readability(found: Readability) -> dict[str, Any]:
    return {
        "ease": found.ease,
        "formula": found.formula,
        "grades": found.grades,
        "lix": found.lix,
        "words_a_sentence": round(found.counted.words_a_sentence, 1),
        "syllables_a_word": round(found.counted.syllables_a_word, 2),
        "evidence": [asdict(span) for span in found.hard],
    }


def _quality(found: Quality) -> dict[str, Any]:
    return {"score": found.score, "kept": found.kept, "parts": [asdict(part) for part in found.parts]}


def summarised(text: str, language: str, count: int = SUMMARY_SENTENCES) -> list[dict[str, Any]]:
    """Sentences that say what the text says, verbatim and in its order: LexRank over word vectors, then MMR."""
    parts = [each for each in sentences.split(text, language) if 20 <= len(each.text) <= LONGEST_SENTENCE]
    if not parts:
        return []
    considered = parts[:SUMMARY_FROM]
    vectors = lexical.hashed([each.text for each in considered])
    early = [1 / (1 + at / 4) for at in range(len(considered))]  # news says first what matters
    chosen = sorted(summary.select(vectors, count, weights=early))
    return [asdict(Span(considered[at].start, considered[at].end, considered[at].text)) for at in chosen]


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> Sequence[str]:
    """The names of what differs between two descriptions, in the order of their columns."""
    return [name for name in Described.__dataclass_fields__ if old.get(name) != new.get(name)]
