"""Shapes of platforms at the border."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

SECONDS = 0.5


class PlatformIn(BaseModel):
    """A new platform. `permission` says who of the site allows what is done there."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=100)
    base_url: str = Field(max_length=300)
    permission: str = Field(max_length=2000)
    kind: str = Field(default="form-site", max_length=50)
    config: dict[str, Any] = Field(default_factory=dict)
    interval: float = Field(
        default=SECONDS, ge=0, le=3600, description="Seconds between two questions, of all workers."
    )


class PlatformOut(BaseModel):
    """A platform."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    kind: str
    name: str
    base_url: str
    config: dict[str, Any]
    permission: str
    interval: float
    created_at: datetime


class LoginIn(BaseModel):
    """A new login. Its password is sealed at once and never shown."""

    model_config = ConfigDict(extra="forbid")

    username: str = Field(max_length=150)
    password: str = Field(max_length=1000, repr=False)


class LoginChange(BaseModel):
    """What to change of a login; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    password: str | None = Field(default=None, max_length=1000, repr=False)
    is_enabled: bool | None = None


class LoginOut(BaseModel):
    """A login, without its password."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    platform_id: str
    username: str
    shown_as: str
    state: str
    """`ready`, `refused` or `off`."""
    trouble: str
    refused_at: datetime | None
    tried_at: datetime | None
    created_at: datetime


class StartedOut(BaseModel):
    """A job that was started."""

    job_id: str
