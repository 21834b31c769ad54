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
