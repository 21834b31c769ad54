"""Shapes of alerts at the border."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict


class AlertOut(BaseModel):
    """Something that is or was wrong."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    key: str
    rule: str
    subject: str
    sentence: str
    began_at: datetime
    seen_at: datetime
    ended_at: datetime | None
    told_at: datetime | None


class MuteOut(BaseModel):
    """A rule or an alert of which nothing is sent for a while."""

    model_config = ConfigDict(from_attributes=True)

    target: str
    until: datetime
    by: str


class TestOut(BaseModel):
    """The ways by which a test message is on its way."""

    ways: list[str]
