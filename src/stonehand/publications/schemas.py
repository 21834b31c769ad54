"""Shapes of publications at the border."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from stonehand.publications.states import ChangeState, PublicationState


class ArrivedIn(BaseModel):
    """A person has found the piece at its channel."""

    url: str = Field(max_length=2000)
    """Where it can be seen."""


class RetractIn(BaseModel):
    """Why a piece is taken back."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=500)


class CorrectIn(BaseModel):
    """A corrected text, and what readers are told was wrong."""

    model_config = ConfigDict(extra="forbid")

    markdown: str = Field(min_length=1, max_length=100_000)
    note: str = Field(min_length=1, max_length=500)
    title: str | None = Field(default=None, min_length=1, max_length=300)


class ChangeOut(BaseModel):
    """A correction or a retraction on its way to a channel."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    publication_id: str
    kind: str
    review_id: str | None
    state: ChangeState
    reason: str
    asked_by: str
    error: str | None
    doubt_since: datetime | None
    attempts: int
    created_at: datetime
    ended_at: datetime | None


class CitedPageOut(BaseModel):
    """A page that a piece cites: `trouble` is `changed`, `gone` or empty; `vanished` are cited words that are gone."""

    article_id: str
    url: str
    looks: int
    due_at: datetime | None
    trouble: str
    trouble_since: datetime | None
    vanished: list[str]


class PublicationOut(BaseModel):
    """A piece on its way to a channel, or there."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    review_id: str
    draft_id: str
    revision_id: str
    channel_id: str
    channel_name: str
    title: str
    state: PublicationState
    due_at: datetime
    published_at: datetime | None
    url: str | None
    error: str | None
    waits_for: str = ""
    """Why it is not on its way now, although it is to go out; empty if nothing holds it back."""
    corrected_at: datetime | None
    retracted_at: datetime | None
    retraction: str
    """Why it was taken back."""
    doubt_since: datetime | None
    """Since when nobody can tell whether it arrived."""
    attempts: int
    said: list[str] = []
    """What its channel left out, such as a picture that the site did not take."""
    is_sample: bool
    created_at: datetime
