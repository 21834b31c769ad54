"""Shapes of the brake at the border."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field


class StopIn(BaseModel):
    """A wish to stop everything, or to let it go on."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(default="", max_length=500)


class StopOut(BaseModel):
    """Who stopped everything, when and why."""

    model_config = ConfigDict(from_attributes=True)

    by: str
    at: datetime
    reason: str


class BrakeOut(BaseModel):
    """Whether everything is stopped."""

    stopped: bool
    stop: StopOut | None = None
