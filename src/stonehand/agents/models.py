"""Tables of agents: what each is, its runs, what it has used of its quotas, and what it has covered."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from stonehand.agents.states import AgentState, RunState, Why, WritesOf
from stonehand.db import Base, Mapped, mapped_column, new_id


def _known(column: str, states: type[StrEnum]) -> sa.CheckConstraint:
    words = ", ".join(repr(str(state)) for state in states)
    return sa.CheckConstraint(f"{column} IN ({words})", name=f"{column}_known")


IS_HERE = sa.text("state <> 'removed'")
COUNTS = sa.text("due_at IS NOT NULL AND state <> 'failed'")


class Agent(Base):
    """A writer with a brief. When it writes by itself is said by its schedule, which is a row of `schedules`."""

    __tablename__ = "agents"
    __table_args__ = (
        _known("state", AgentState),
        _known("writes_of", WritesOf),
        sa.Index("uq_agents_name", "name", unique=True, sqlite_where=IS_HERE, postgresql_where=IS_HERE),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    brief: Mapped[str]
    expertise: Mapped[str]
    persona: Mapped[str]
    tone: Mapped[str]
    length: Mapped[str]
    """A word of `wishes.LENGTHS`."""
    language: Mapped[str]
    source_ids: Mapped[list[str]]
    """The sources it may use; none means all of them."""
    keywords: Mapped[list[str]]
    excluded: Mapped[list[str]]
    prompt_id: Mapped[str]
    model_id: Mapped[str]
    channel_ids: Mapped[list[str]]
    """Where its pieces usually go; a reviewer decides."""
    writes_of: Mapped[str]
    quotas: Mapped[dict[str, Any]]
    """See `wishes.Quotas`."""
    schedule: Mapped[str]
    """The name that its schedule has, if it has one."""
    state: Mapped[str] = mapped_column(default=AgentState.ACTIVE)
    note: Mapped[str] = mapped_column(default="")
    """Who paused it and why."""
    rests: Mapped[bool] = mapped_column(default=False)
    """Whether pausing it has switched its schedule off, so that resuming switches it on again."""
    vector: Mapped[bytes | None]
    """What its brief means, float16, once a worker has read it; of `vector_model`."""
    vector_model: Mapped[str | None]
    is_sample: Mapped[bool] = mapped_column(default=False)
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class AgentRun(Base):
    """One run: why, what about, what became of it, and what it cost."""

    __tablename__ = "agent_runs"
    __table_args__ = (
        _known("state", RunState),
        _known("why", Why),
        sa.Index("ix_agent_runs_agent_id_id", "agent_id", "id"),
        sa.Index("ix_agent_runs_state", "state"),
        sa.Index("uq_agent_runs_due", "agent_id", "due_at", unique=True, sqlite_where=COUNTS, postgresql_where=COUNTS),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    agent_id: Mapped[str] = mapped_column(sa.ForeignKey("agents.id", ondelete="CASCADE"))
    why: Mapped[str]
    state: Mapped[str]
    topic: Mapped[str] = mapped_column(default="")
    keyword: Mapped[str] = mapped_column(default="")
    reasons: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Why this topic: `{part: [score, reason]}`."""
    article_count: Mapped[int] = mapped_column(default=0)
    draft_id: Mapped[str | None] = mapped_column(index=True)
    job_id: Mapped[str] = mapped_column(sa.String(36), index=True)
    due_at: Mapped[datetime | None]
    """The due time of its schedule that it was made for."""
    day: Mapped[str] = mapped_column(sa.String(10), default="")
    """The day (UTC, `2026-05-03`) whose quota it counts against; empty if it counts against none."""
    reserved_tokens: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    reserved_micro: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    tokens: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    cost_micro: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    model: Mapped[str] = mapped_column(default="", server_default="")
    """The language model that wrote; empty if none did."""
    prompt: Mapped[str] = mapped_column(default="", server_default="")
    """By which prompt, such as `news-piece@2`."""
    note: Mapped[str] = mapped_column(default="")
    """What went wrong, or what it came to, in words."""
    asked_by: Mapped[str]
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class AgentUsage(Base):
    """What an agent has spent or reserved in a day (`2026-05-03`) or a month (`2026-05`), in UTC."""

    __tablename__ = "agent_usage"

    agent_id: Mapped[str] = mapped_column(sa.ForeignKey("agents.id", ondelete="CASCADE"), primary_key=True)
    period: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    posts: Mapped[int]
    tokens: Mapped[int] = mapped_column(sa.BigInteger)
    cost_micro: Mapped[int] = mapped_column(sa.BigInteger)


class AgentCovered(Base):
    """Something an agent has written about or set aside: `story:`, `article:` or `entry:` and an id, or `title:`."""

    __tablename__ = "agent_covered"

    agent_id: Mapped[str] = mapped_column(sa.ForeignKey("agents.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(200), primary_key=True)
    run_id: Mapped[str | None] = mapped_column(index=True)
    at: Mapped[datetime]
