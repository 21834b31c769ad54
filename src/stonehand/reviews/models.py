"""Tables of reviews: the decisions, who approved, what was remarked, policies, and decisions about many at once."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from stonehand.db import Base, Mapped, mapped_column, new_id


class ReviewState(StrEnum):
    """What was decided."""

    OPEN = "open"
    APPROVED = "approved"
    CHANGES_REQUESTED = "changes_requested"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"


_STATES = ", ".join(repr(state.value) for state in ReviewState)
_IS_LIVE = sa.text("state = 'open' OR (state = 'approved' AND released_at IS NULL)")


class Review(Base):
    """One decision about one revision. A draft has one review at most that is open, or approved and not yet released.

    `content_sha256` binds it to the text. An approval can be undone until it is `released_at`, which is at `due_at`.
    """

    __tablename__ = "reviews"
    __table_args__ = (
        sa.CheckConstraint(f"state IN ({_STATES})", name="state_known"),
        sa.UniqueConstraint("revision_id"),
        sa.Index("uq_reviews_live_draft_id", "draft_id", unique=True, sqlite_where=_IS_LIVE, postgresql_where=_IS_LIVE),
        sa.Index("ix_reviews_state_opened_at", "state", "opened_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    draft_id: Mapped[str] = mapped_column(sa.ForeignKey("drafts.id", ondelete="CASCADE"), index=True)
    revision_id: Mapped[str] = mapped_column(sa.ForeignKey("revisions.id", ondelete="CASCADE"))
    content_sha256: Mapped[str]
    state: Mapped[str] = mapped_column(default=ReviewState.OPEN)
    channel_ids: Mapped[list[str]]
    due_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(default="")
    opened_at: Mapped[datetime]
    superseded_by: Mapped[str | None]
    correction: Mapped[str] = mapped_column(default="", server_default="")
    """If it is about a corrected text: what readers are told has changed."""
    policy_ids: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    """The policies that approved it; empty if a person did."""
    bulk_id: Mapped[str | None] = mapped_column(index=True)
    """The decision about many of which this one is a part."""


class ReviewApproval(Base):
    """One person's approval of one revision, for some channels. Some channels need more than one."""

    __tablename__ = "review_approvals"

    review_id: Mapped[str] = mapped_column(sa.ForeignKey("reviews.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[str] = mapped_column(primary_key=True)
    user_name: Mapped[str]
    channel_ids: Mapped[list[str]]
    at: Mapped[datetime]


class ReviewComment(Base):
    """Something that somebody remarked about a draft, perhaps about one sentence. Answers name the first remark.

    One that says `must` holds up the approval until it is resolved, in later revisions as well.
    """

    __tablename__ = "review_comments"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    draft_id: Mapped[str] = mapped_column(sa.ForeignKey("drafts.id", ondelete="CASCADE"), index=True)
    review_id: Mapped[str]
    thread_id: Mapped[str | None]
    """The remark that it answers; None for the first of a thread."""
    sentence: Mapped[str]
    """The words that it is about, as they stood then; empty if it is about the whole."""
    body: Mapped[str]
    must: Mapped[bool] = mapped_column(default=False)
    user_id: Mapped[str]
    user_name: Mapped[str]
    created_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None]


class ApprovalPolicy(Base):
    """When drafts may go out through one channel without a person. Off until somebody switches it on.

    `used` counts the approvals of `day` (UTC); a conditional statement keeps it below the cap.
    """

    __tablename__ = "approval_policies"
    __table_args__ = (sa.CheckConstraint("support IN ('verbatim', 'supported')", name="support_known"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    channel_id: Mapped[str] = mapped_column(sa.ForeignKey("channels.id", ondelete="CASCADE"), unique=True)
    is_on: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str]
    daily_cap: Mapped[int]
    expires_at: Mapped[datetime]
    support: Mapped[str]
    """What every sentence must be at least: `verbatim` or `supported`."""
    source_ids: Mapped[list[str]]
    """Only texts all of whose articles come from these sources; empty allows all."""
    agent_ids: Mapped[list[str]]
    """Only drafts of these agents; empty allows all."""
    max_words: Mapped[int]
    day: Mapped[str] = mapped_column(default="")
    used: Mapped[int] = mapped_column(default=0)
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    updated_by: Mapped[str]
    updated_at: Mapped[datetime]


class ReviewBulk(Base):
    """One decision about all reviews that a filter finds. `cursor` is the last one that was looked at."""

    __tablename__ = "review_bulks"
    __table_args__ = (
        sa.CheckConstraint("verb IN ('approve', 'request_changes', 'reject')", name="verb_known"),
        sa.CheckConstraint("state IN ('running', 'done', 'undone')", name="state_known"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    verb: Mapped[str]
    wish: Mapped[dict[str, Any]]
    """The filter."""
    channel_ids: Mapped[list[str]]
    note: Mapped[str]
    user_id: Mapped[str]
    user_name: Mapped[str]
    state: Mapped[str] = mapped_column(default="running")
    total: Mapped[int] = mapped_column(default=0)
    decided: Mapped[int] = mapped_column(default=0)
    skipped: Mapped[list[Any]]
    """`{"review_id", "title", "reason"}` of each that was left alone."""
    cursor: Mapped[str] = mapped_column(default="")
    job_id: Mapped[str | None]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
