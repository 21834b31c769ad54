"""The curator score of an article: parts that rubrics measure, and what they come to by somebody's weights. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from stonehand.curation.weights import PARTS, Weights
from stonehand.nlp.vectors import Row
from stonehand.rubrics import curator
from stonehand.rubrics.measured import Measured
from stonehand.rubrics.subjects import Subject


def card(it: Subject, topic: str, weights: Weights, vector: Row | None = None) -> dict[str, Measured]:
    """The seven parts of an article; without a topic, five. `vector` is the topic's, by the model of the article's."""
    found = {
        "readability": curator.readability(it),
        "entities": curator.entities(it),
        "neutrality": curator.neutrality(it),
        "recency": curator.recency(it.published_at, it.now, weights.days(topic)),
        "reputation": curator.repute(it, weights.trusted, weights.doubted),
    }
    if topic.strip():
        found |= {"relevance": curator.relevance(it, topic, vector), "coherence": curator.coherence(it, topic)}
    return {name: found[name] for name in PARTS if name in found}


def overall(scores: Mapping[str, float], weights: Weights) -> float:
    """The weighted mean of the parts that there are, 0 to 100; what missing parts count for goes to the others."""
    counted = {name: weights.parts[name] for name in scores}
    total = sum(counted.values())
    if not total:
        return round(sum(scores.values()) / max(len(scores), 1), 2)
    return round(sum(scores[name] * weight for name, weight in counted.items()) / total, 2)
