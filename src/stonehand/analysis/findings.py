"""What can be said about a text on its own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from stonehand.nlp import embedding, keyphrases, language, lexical, vectors

LEADING_WORDS = 200  # news says what it is about at its beginning; the model reads 256 tokens
WORDS_A_MINUTE = 238  # silent reading of English non-fiction (Brysbaert 2019)


@dataclass(frozen=True)
class Findings:
    """The columns of an analysis."""

    language: str
    language_confidence: float
    key_phrases: list[dict[str, Any]]
    vector: bytes
    vector_model: str
    word_count: int
    reading_minutes: int


def leading(title: str, text: str) -> str:
    """The title and the first 200 words: what a text's vector is made of."""
    return f"{title}\n{' '.join(text.split(maxsplit=LEADING_WORDS)[:LEADING_WORDS])}".strip()


def reading_minutes(words: int) -> int:
    """Whole minutes at 238 words a minute, rounded up; 0 for an empty text."""
    return math.ceil(words / WORDS_A_MINUTE)


def find(texts: Sequence[tuple[str, str]]) -> list[Findings]:
    """The findings of each (title, text), in order; all vectors come from one call."""
    rows = embedding.embed([leading(title, text) for title, text in texts])
    model = embedding.name()
    return [_of_one(title, text, vectors.pack(row), model) for (title, text), row in zip(texts, rows, strict=True)]


def _of_one(title: str, text: str, vector: bytes, model: str) -> Findings:
    spoken = language.detect(f"{title}\n{text}")
    parts = lexical.parts(text)
    count = len(parts) // 2
    return Findings(
        language=spoken.code,
        language_confidence=spoken.confidence,
        key_phrases=[asdict(phrase) for phrase in keyphrases.of_parts(parts, spoken.code)],
        vector=vector,
        vector_model=model,
        word_count=count,
        reading_minutes=reading_minutes(count),
    )
