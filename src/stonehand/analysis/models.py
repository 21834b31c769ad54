"""Tables of what was found out about each article."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from stonehand.db import Base, Mapped, mapped_column


class Analysis(Base):
    """One article's analysis. `vector` is float16; it may only be compared with others of its `vector_model`."""

    __tablename__ = "analyses"
    __table_args__ = (
        sa.Index("ix_analyses_described_article_id", "described", "article_id"),
        sa.Index("ix_analyses_updated_at_vector_model", "updated_at", "vector_model"),
    )

    article_id: Mapped[str] = mapped_column(sa.ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str]
    language_confidence: Mapped[float]
    key_phrases: Mapped[list[Any]]
    """Best first, as {"text", "score", "start", "end"}: the phrase stands at text[start:end] of the article's text."""
    vector: Mapped[bytes]
    vector_model: Mapped[str]
    word_count: Mapped[int]
    reading_minutes: Mapped[int]
    described: Mapped[int] = mapped_column(default=0, server_default="0")
    """The version of the description that was made of this analysis; 0 if none was made yet."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Description(Base):
    """All that is told of one article beyond its vector. Every label holds the places in the text that speak for it."""

    __tablename__ = "descriptions"

    article_id: Mapped[str] = mapped_column(sa.ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True)
    category: Mapped[str] = mapped_column(index=True)
    category_score: Mapped[float]
    categories: Mapped[list[Any]]
    topics: Mapped[list[Any]]
    entities: Mapped[list[Any]]
    entity_density: Mapped[float]
    sentiment: Mapped[dict[str, Any]]
    readability: Mapped[dict[str, Any]]
    quality: Mapped[dict[str, Any]]
    summary: Mapped[list[Any]]
    tone: Mapped[str]
    """The label of the sentiment, to search by."""
    created_at: Mapped[datetime]


class ArticleTopic(Base):
    """A topic of an article, to search by; in lower case."""

    __tablename__ = "article_topics"

    article_id: Mapped[str] = mapped_column(sa.ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True, index=True)
    score: Mapped[float]


class LabelVectors(Base):
    """Vectors of some labels, made by one model, perhaps moved towards the articles that belong to them."""

    __tablename__ = "label_vectors"

    name: Mapped[str] = mapped_column(primary_key=True)
    model: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]
    """Of the descriptions: other words are other vectors."""
    packed: Mapped[bytes]
    """float16 [labels, 384], one after the other."""
    trained_on: Mapped[int]
    """Articles that moved them; 0 if they are as described."""
    updated_at: Mapped[datetime]
