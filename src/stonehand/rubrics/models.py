"""Tables of rubrics, their versions, what they say of articles, and what people say."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from stonehand.db import Base, Mapped, mapped_column, new_id


class Rubric(Base):
    """A way to judge texts. What it says stands in its versions."""

    __tablename__ = "rubrics"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    version: Mapped[int]
    is_preset: Mapped[bool] = mapped_column(default=False)
    is_automatic: Mapped[bool] = mapped_column(default=False)
    """Whether every new article is scored by it."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class RubricVersion(Base):
    """A definition; it never changes."""

    __tablename__ = "rubric_versions"

    rubric_id: Mapped[str] = mapped_column(sa.ForeignKey("rubrics.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    definition: Mapped[dict[str, Any]]
    note: Mapped[str] = mapped_column(default="")
    made_by: Mapped[str]
    created_at: Mapped[datetime]


class Score(Base):
    """What a rubric says of an article now. `parts` says why, with places in the text."""

    __tablename__ = "rubric_scores"
    __table_args__ = (sa.Index("ix_rubric_scores_rubric_id_article_id", "rubric_id", "article_id"),)

    article_id: Mapped[str] = mapped_column(sa.ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True)
    rubric_id: Mapped[str] = mapped_column(sa.ForeignKey("rubrics.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int]
    label: Mapped[str]
    score: Mapped[float]
    confidence: Mapped[float]
    method: Mapped[str]
    """`offline`, `calibrated`, or `model:NAME`."""
    note: Mapped[str] = mapped_column(default="")
    parts: Mapped[list[Any]]
    gauges: Mapped[list[Any]]
    scored_at: Mapped[datetime]


class Judgement(Base):
    """What a person says of an article: its label, or its score. A rubric is calibrated on them."""

    __tablename__ = "rubric_judgements"

    rubric_id: Mapped[str] = mapped_column(sa.ForeignKey("rubrics.id", ondelete="CASCADE"), primary_key=True)
    article_id: Mapped[str] = mapped_column(
        sa.ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    label: Mapped[str]
    score: Mapped[float | None]
    said_by: Mapped[str]
    said_at: Mapped[datetime]


class Calibration(Base):
    """What was learnt from people's judgements for one version of a rubric."""

    __tablename__ = "rubric_calibrations"

    rubric_id: Mapped[str] = mapped_column(sa.ForeignKey("rubrics.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int]
    model: Mapped[str]
    """Of the vectors that it was learnt on."""
    learnt: Mapped[dict[str, Any]]
    packed: Mapped[bytes]
    examples: Mapped[int]
    report: Mapped[dict[str, Any]]
    """How well it agrees with people on articles that it has not seen, beside the rubric as it was before."""
    made_at: Mapped[datetime]


class Trial(Base):
    """A replay of a rubric that is not saved, or a step that was run again for some articles."""

    __tablename__ = "rubric_trials"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('replay', 'rerun')", name="kind_known"),
        sa.CheckConstraint("state IN ('waiting', 'running', 'done', 'failed', 'saved')", name="state_known"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]
    step: Mapped[str]
    """`describe` or `score`."""
    rubric_id: Mapped[str | None] = mapped_column(sa.ForeignKey("rubrics.id", ondelete="CASCADE"), index=True)
    definition: Mapped[dict[str, Any] | None]
    """Of a replay: what is tried out."""
    state: Mapped[str] = mapped_column(default="waiting")
    total: Mapped[int] = mapped_column(default=0)
    differing: Mapped[int] = mapped_column(default=0)
    report: Mapped[dict[str, Any]] = mapped_column(default=dict)
    error: Mapped[str] = mapped_column(default="")
    made_by: Mapped[str]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class TrialItem(Base):
    """One article of a trial: what was said of it before, and what is said now. `kept` is which one a person keeps."""

    __tablename__ = "rubric_trial_items"
    __table_args__ = (sa.CheckConstraint("kept IN ('', 'old', 'new')", name="kept_known"),)

    trial_id: Mapped[str] = mapped_column(sa.ForeignKey("rubric_trials.id", ondelete="CASCADE"), primary_key=True)
    article_id: Mapped[str] = mapped_column(
        sa.ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    old: Mapped[dict[str, Any] | None]
    new: Mapped[dict[str, Any] | None]
    differs: Mapped[bool] = mapped_column(default=False)
    kept: Mapped[str] = mapped_column(default="")
    error: Mapped[str] = mapped_column(default="")
