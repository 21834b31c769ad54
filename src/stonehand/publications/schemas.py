"""Shapes of publications at the border."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from stonehand.publications.states import PublicationState


class ArrivedIn(BaseModel):
    """A person has found the piece at its channel."""

    url: str = Field(max_length=2000)
    """Where it can be seen."""


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
    doubt_since: datetime | None
    """Since when nobody can tell whether it arrived."""
    attempts: int
    said: list[str] = []
    """What its channel left out, such as a picture that the site did not take."""
    is_sample: bool
    created_at: datetime
