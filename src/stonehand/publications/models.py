"""Table of publications."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from stonehand.db import Base, Mapped, mapped_column, new_id
from stonehand.publications.states import PublicationState

_STATES = ", ".join(repr(state.value) for state in PublicationState)


class Publication(Base):
    """One version of a text on one channel: `key` is made of both, so there is never a second row for them."""

    __tablename__ = "publications"
    __table_args__ = (
        sa.CheckConstraint(f"state IN ({_STATES})", name="state_known"),
        sa.UniqueConstraint("channel_id", "key"),
        sa.Index("ix_publications_state_due_at", "state", "due_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    review_id: Mapped[str] = mapped_column(index=True)
    draft_id: Mapped[str] = mapped_column(index=True)
    revision_id: Mapped[str]
    channel_id: Mapped[str]
    """Not a foreign key: what was published stays on record when its channel is removed."""
    channel_name: Mapped[str]
    key: Mapped[str]
    content_sha256: Mapped[str]
    title: Mapped[str]
    state: Mapped[str] = mapped_column(default=PublicationState.SCHEDULED)
    due_at: Mapped[datetime]
    begun_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None] = mapped_column(index=True)
    url: Mapped[str | None]
    remote_id: Mapped[str | None]
    error: Mapped[str | None]
    notes: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """What its deliveries have written down on the way, such as the target's number of a hidden draft."""
    doubt_since: Mapped[datetime | None]
    """Since when nobody can tell whether it arrived."""
    attempts: Mapped[int] = mapped_column(default=0)
    is_sample: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]

    @property
    def said(self) -> list[str]:
        """What its channel left out, in words."""
        return [str(each) for each in self.notes.get("said", ())]
