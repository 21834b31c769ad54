"""The table of what was found out about each article."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from stonehand.db import Base, Mapped, mapped_column


class Analysis(Base):
    """One article's analysis. `vector` is float16; it may only be compared with others of its `vector_model`."""

    __tablename__ = "analyses"
    __table_args__ = (sa.Index("ix_analyses_vector_model_updated_at", "vector_model", "updated_at"),)

    article_id: Mapped[str] = mapped_column(sa.ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str]
    language_confidence: Mapped[float]
    key_phrases: Mapped[list[Any]]
    """Best first, as {"text", "score", "start", "end"}: the phrase stands at text[start:end] of the article's text."""
    vector: Mapped[bytes]
    vector_model: Mapped[str]
    word_count: Mapped[int]
    reading_minutes: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
