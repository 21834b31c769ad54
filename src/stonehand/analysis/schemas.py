"""Shapes of analysis at the border."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict


class KeyPhraseOut(BaseModel):
    """A phrase and where it stands first in the article's text."""

    text: str
    score: float
    start: int
    end: int


class AnalysisOut(BaseModel):
    """What is known about an article's text; the vector stays inside."""

    model_config = ConfigDict(from_attributes=True)

    article_id: str
    language: str
    language_confidence: float
    key_phrases: list[KeyPhraseOut]
    vector_model: str
    word_count: int
    reading_minutes: int
    updated_at: datetime


class SpanOut(BaseModel):
    """A place in the article's text: `text[start:end]`."""

    start: int
    end: int
    text: str


class FeelingOut(SpanOut):
    """A word that counts for the tone; below 0 is bad."""

    value: float


class LabelOut(BaseModel):
    """A category or topic: its share of all odds, the words that speak for it, and its nearness of meaning."""

    name: str
    score: float
    hits: int
    cosine: float
    evidence: list[SpanOut]


class EntityOut(BaseModel):
    """A person, organisation, place, date, sum or other name, how often it is named, and where first."""

    kind: str
    text: str
    count: int
    spans: list[SpanOut]


class SentimentOut(BaseModel):
    """`compound` is -1 (bad) to 1 (good); `known` is false where we have no word list for the language."""

    label: str
    compound: float
    positive: int
    negative: int
    known: bool
    evidence: list[FeelingOut]


class ReadabilityOut(BaseModel):
    """`ease` is 0 to 100 by `formula`; `grades` are school years; the evidence are the hardest sentences."""

    ease: float
    formula: str
    grades: dict[str, float]
    lix: float
    words_a_sentence: float
    syllables_a_word: float
    evidence: list[SpanOut]


class QualityPartOut(BaseModel):
    """One criterion of the quality: what it gave of what it can give, and why."""

    name: str
    points: float
    most: float
    reason: str
    evidence: list[SpanOut]


class QualityOut(BaseModel):
    """`score` is 0 to 1; `kept` if length and score are good enough for a collection."""

    score: float
    kept: bool
    parts: list[QualityPartOut]


class DescriptionOut(BaseModel):
    """What is told of an article, each label with its evidence; `summary` are sentences of its own."""

    model_config = ConfigDict(from_attributes=True)

    article_id: str
    category: str
    category_score: float
    categories: list[LabelOut]
    topics: list[LabelOut]
    entities: list[EntityOut]
    entity_density: float
    sentiment: SentimentOut
    readability: ReadabilityOut
    quality: QualityOut
    summary: list[SpanOut]
    created_at: datetime
