"""Tables of language models and what they cost. Amounts are integers: millionths of the budgets' currency."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from stonehand import vault
from stonehand.db import Base, Mapped, mapped_column, new_id

SCOPES = ("all", "agent", "source", "user", "model")
PERIODS = ("day", "month")


class ConfiguredModel(Base):
    """A language model that a person configured. Of the one in the settings, whose id is `environment`, the row holds
    only what the settings do not say: its place, its limits, whether it is on, and whether its key was refused.
    """

    __tablename__ = "llm_models"
    __table_args__ = (sa.UniqueConstraint("owner_id", "name"),)

    id: Mapped[str] = mapped_column(sa.String(36), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(sa.String(100))
    provider: Mapped[str] = mapped_column(sa.String(20))
    base_url: Mapped[str] = mapped_column(sa.String(500))
    model: Mapped[str] = mapped_column(sa.String(200))
    secret: Mapped[str | None] = mapped_column(sa.Text, info=vault.SEALED)
    """The key, sealed for this model and its host."""
    owner_id: Mapped[str] = mapped_column(sa.String(36), default="")
    """The user whom alone it serves; empty if it serves everybody."""
    position: Mapped[int] = mapped_column(default=0)
    """In the order in which models are asked, one after the other failed."""
    is_enabled: Mapped[bool] = mapped_column(default=True)
    is_named_by_operator: Mapped[bool] = mapped_column(default=False)
    """An administrator named its address, so that it may be inside our networks."""
    input_price: Mapped[float | None] = mapped_column(sa.Double)
    """Of a million tokens; None leaves it to the built-in table."""
    output_price: Mapped[float | None] = mapped_column(sa.Double)
    per_minute: Mapped[int | None]
    at_once: Mapped[int | None]
    timeout_seconds: Mapped[int] = mapped_column(default=60)
    room: Mapped[int] = mapped_column(default=0)
    """Tokens that it may think beside its answer."""
    refused_at: Mapped[datetime | None]
    refused_words: Mapped[str | None] = mapped_column(sa.Text)
    refused_key: Mapped[str | None] = mapped_column(sa.String(20))
    """A fingerprint of what was refused: another key, address or model is another matter."""
    created_at: Mapped[datetime]


class LlmBudget(Base):
    """The most that something may spend in a day or a month. An empty subject means each of its kind."""

    __tablename__ = "llm_budgets"
    __table_args__ = (
        sa.CheckConstraint(f"scope IN ({', '.join(map(repr, SCOPES))})", name="scope_known"),
        sa.CheckConstraint(f"period IN ({', '.join(map(repr, PERIODS))})", name="period_known"),
        sa.UniqueConstraint("scope", "subject_id", "period"),
    )

    id: Mapped[str] = mapped_column(sa.String(36), primary_key=True, default=new_id)
    scope: Mapped[str] = mapped_column(sa.String(10))
    subject_id: Mapped[str] = mapped_column(sa.String(36), default="")
    period: Mapped[str] = mapped_column(sa.String(5))
    limit_micro: Mapped[int | None] = mapped_column(sa.BigInteger)
    limit_tokens: Mapped[int | None] = mapped_column(sa.BigInteger)
    changed_by: Mapped[str] = mapped_column(sa.String(120))
    changed_at: Mapped[datetime]


class LlmDay(Base):
    """What all together have spent or reserved on one day (UTC, `2026-05-03`)."""

    __tablename__ = "llm_days"

    day: Mapped[str] = mapped_column(primary_key=True)
    committed_micro: Mapped[int] = mapped_column(sa.BigInteger)
    committed_tokens: Mapped[int] = mapped_column(sa.BigInteger, default=0, server_default="0")
    turned_away: Mapped[int] = mapped_column(default=0, server_default="0")
    """Calls that its budget did not cover."""


class LlmSpan(Base):
    """The same of all in one month, and of one agent, source, user or model in a day or a month (`2026-05`)."""

    __tablename__ = "llm_spans"

    scope: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    subject_id: Mapped[str] = mapped_column(sa.String(36), primary_key=True)
    begins: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    committed_micro: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    committed_tokens: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    turned_away: Mapped[int] = mapped_column(default=0)


class LlmCall(Base):
    """One call: its worst cost is reserved before it, its real cost settled after it."""

    __tablename__ = "llm_calls"
    __table_args__ = (
        sa.CheckConstraint("state IN ('reserved', 'settled')", name="state_known"),
        sa.Index("ix_llm_calls_state_reserved_at", "state", "reserved_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    day: Mapped[str] = mapped_column(sa.ForeignKey("llm_days.day"), index=True)
    purpose: Mapped[str]
    job_id: Mapped[str | None] = mapped_column(sa.String(36), index=True)
    """The job it was made for; of jobs that one attempt holds together, the first."""
    model: Mapped[str]
    model_id: Mapped[str] = mapped_column(sa.String(36), default="environment", server_default="environment")
    """The configured model that was asked."""
    agent_id: Mapped[str] = mapped_column(sa.String(36), default="", server_default="")
    source_id: Mapped[str] = mapped_column(sa.String(36), default="", server_default="")
    user_id: Mapped[str] = mapped_column(sa.String(36), default="", server_default="")
    state: Mapped[str] = mapped_column(default="reserved")
    outcome: Mapped[str] = mapped_column(sa.String(20), default="", server_default="")
    """How it ended: answered, invalid, refused, unavailable or crashed."""
    reserved_micro: Mapped[int] = mapped_column(sa.BigInteger)
    reserved_tokens: Mapped[int] = mapped_column(sa.BigInteger, default=0, server_default="0")
    cost_micro: Mapped[int | None] = mapped_column(sa.BigInteger)
    input_tokens: Mapped[int | None]
    output_tokens: Mapped[int | None]
    took_ms: Mapped[int | None]
    reserved_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
