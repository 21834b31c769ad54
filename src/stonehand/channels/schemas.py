"""Shapes of channels at the border."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class ChannelIn(BaseModel):
    """A new channel: its kind's own settings are in `config`."""

    kind: str = Field(max_length=50)
    name: str = Field(max_length=100)
    config: dict[str, Any] = Field(default_factory=dict)


class ChannelChange(BaseModel):
    """What to change of a channel; what is left out stays."""

    name: str | None = Field(default=None, max_length=100)
    config: dict[str, Any] | None = None
    is_enabled: bool | None = None


class ChannelOut(BaseModel):
    """A channel."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    kind: str
    name: str
    config: dict[str, Any]
    is_enabled: bool
    trouble: str | None
    """Why it was switched off by itself."""
    requires_review: bool
    eyes: str
    """Who must approve what goes there: `one` person, `another` than its writer, or `two`."""
    is_sample: bool
    created_at: datetime


class SettingOut(BaseModel):
    """One setting of a kind, as a form needs it."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    label: str
    hint: str
    sort: str
    """`text`, `url`, `password` (sealed and never shown) or `choice`."""
    required: bool
    choices: list[str]


class KindOut(BaseModel):
    """A kind of channel that a plugin adds."""

    model_config = ConfigDict(from_attributes=True)

    kind: str
    title: str
    settings: list[SettingOut]
    abilities: list[str]
    """What it can do beyond delivering: `update`, `retract`, `test`, `drafts`."""


class TestedOut(BaseModel):
    """What a channel's target says of us."""

    words: str
