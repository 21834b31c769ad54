"""Tables of what language models cost. Amounts are integers: millionths of the budget's currency."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from stonehand.db import Base, Mapped, mapped_column, new_id


class LlmDay(Base):
    """What one day (UTC, `2026-05-03`) has spent or reserved."""

    __tablename__ = "llm_days"

    day: Mapped[str] = mapped_column(primary_key=True)
    committed_micro: Mapped[int] = mapped_column(sa.BigInteger)


class LlmCall(Base):
    """One call: its worst cost is reserved before it, its real cost settled after it."""

    __tablename__ = "llm_calls"
    __table_args__ = (
        sa.CheckConstraint("state IN ('reserved', 'settled')", name="state_known"),
        sa.Index("ix_llm_calls_state_reserved_at", "state", "reserved_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    day: Mapped[str] = mapped_column(sa.ForeignKey("llm_days.day"))
    purpose: Mapped[str]
    job_id: Mapped[str | None] = mapped_column(sa.String(36), index=True)
    """The job it was made for; of jobs that one attempt holds together, the first."""
    model: Mapped[str]
    state: Mapped[str] = mapped_column(default="reserved")
    reserved_micro: Mapped[int] = mapped_column(sa.BigInteger)
    cost_micro: Mapped[int | None] = mapped_column(sa.BigInteger)
    input_tokens: Mapped[int | None]
    output_tokens: Mapped[int | None]
    reserved_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
