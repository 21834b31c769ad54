"""Shapes of drafts at the border."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class EditIn(BaseModel):
    """A person's text, made from the revision they saw."""

    markdown: str = Field(min_length=1, max_length=100_000)
    expected_revision_id: str = Field(max_length=64)
    title: str | None = Field(default=None, min_length=1, max_length=300)


class DraftOut(_Out):
    """A piece for a story, or for a digest; then `story_id` is empty."""

    id: str
    story_id: str
    digest_id: str | None
    title: str
    state: Literal[
        "commissioned",
        "in_review",
        "changes_requested",
        "approved",
        "published",
        "correcting",
        "retracted",
        "rejected",
        "failed",
    ]
    current_revision_id: str | None
    writer: Literal["offline", "model", "person"] | None
    note: str
    is_sample: bool
    created_by: str
    created_at: datetime
    updated_at: datetime


class WarningOut(_Out):
    """Something a reviewer should know."""

    kind: str
    text: str


class CitationOut(_Out):
    """A sentence of the revision and the words of the source it rests on. Offsets count characters."""

    id: str
    position: int
    sentence_start: int
    sentence_end: int
    article_id: str | None
    source_start: int | None
    source_end: int | None
    quote: str
    cosine: float | None
    kind: Literal["verbatim", "supported", "unsupported"]


class RevisionOut(_Out):
    """One version of a draft's text. `cost_micro` is in millionths of the budget's currency."""

    id: str
    draft_id: str
    number: int
    title: str
    slug: str
    excerpt: str
    markdown: str
    language: str
    label: str
    content_sha256: str
    writer: Literal["offline", "model", "person"]
    model: str | None
    prompt_version: str | None
    cost_micro: int
    notes: str
    sources: list[str]
    warnings: list[WarningOut]
    created_at: datetime
    created_by: str
