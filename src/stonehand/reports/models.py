"""Tables of reports, of counters, and of what is known of one article's performance."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from stonehand.db import Base, Mapped, mapped_column, new_id


class Report(Base):
    """What happened in a period. Days are UTC, as `2026-05-03`; `until` is the first day after it."""

    __tablename__ = "reports"
    __table_args__ = (
        sa.UniqueConstraint("kind", "since"),
        sa.CheckConstraint("kind IN ('daily', 'weekly')", name="kind_known"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]
    since: Mapped[str] = mapped_column(sa.String(10))
    until: Mapped[str] = mapped_column(sa.String(10))
    key_figures: Mapped[dict[str, Any]]
    """A few numbers by name, which curves over many reports are made of."""
    sections: Mapped[list[Any]] = mapped_column(deferred=True)
    """See `sections.Section`."""
    made_at: Mapped[datetime]


class Counter(Base):
    """How often something was done with a subject on a day. It only ever grows, by the database's own addition."""

    __tablename__ = "counters"
    __table_args__ = (
        sa.Index("ix_counters_day", "day", "name"),
        sa.CheckConstraint("subject IN ('article', 'publication')", name="subject_known"),
    )

    subject: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    subject_id: Mapped[str] = mapped_column(sa.String(36), primary_key=True)
    day: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    count: Mapped[int] = mapped_column(sa.BigInteger)


class ArticleAnalytics(Base):
    """What is known of one article's performance, as of a moment."""

    __tablename__ = "article_analytics"

    article_id: Mapped[str] = mapped_column(sa.ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True)
    figures: Mapped[dict[str, Any]]
    updated_at: Mapped[datetime]
