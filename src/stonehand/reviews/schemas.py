"""Shapes of reviews at the border."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class ApproveIn(BaseModel):
    """An approval. No channels means all that are switched on."""

    channel_ids: list[str] | None = Field(default=None, max_length=100)
    accept_unsupported: bool = False
    note: str = Field(default="", max_length=2000)


class NoteIn(BaseModel):
    """A decision with a reason."""

    note: str = Field(default="", max_length=2000)


class DecisionIn(ApproveIn):
    """Any decision in one shape."""

    decision: Literal["approve", "request_changes", "reject"]


class ReviewOut(BaseModel):
    """One decision about one revision."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    draft_id: str
    revision_id: str
    content_sha256: str
    state: Literal["open", "approved", "changes_requested", "rejected", "superseded"]
    channel_ids: list[str]
    due_at: datetime | None
    released_at: datetime | None
    decided_by: str | None
    decided_at: datetime | None
    note: str
    opened_at: datetime
    superseded_by: str | None
