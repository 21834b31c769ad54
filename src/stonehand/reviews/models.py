"""Table of reviews."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

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
_IS_LIVE = sa.text("state IN ('open', 'approved')")


class Review(Base):
    """One decision about one revision. A draft has one review at most that is open or approved.

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
