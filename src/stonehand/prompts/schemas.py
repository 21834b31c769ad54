"""Shapes of prompts at the border."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from stonehand.prompts.queries import Listed


class PromptOut(BaseModel):
    """A prompt as it is now. `is_default`: it is used for its purpose where nobody names another."""

    id: str
    slug: str
    name: str
    purpose: str
    description: str
    version: int
    template: str
    is_builtin: bool
    is_default: bool
    made_by: str
    retired_at: datetime | None
    updated_at: datetime | None

    @classmethod
    def of(cls, found: Listed) -> PromptOut:
        """Of a prompt in a list."""
        text = found.text
        return cls(
            id=text.id,
            slug=text.slug,
            name=text.name,
            purpose=text.purpose,
            description=text.description,
            version=text.version,
            template=text.template,
            is_builtin=text.is_builtin,
            is_default=found.is_default,
            made_by=found.made_by,
            retired_at=found.retired_at,
            updated_at=found.updated_at,
        )


class VersionOut(BaseModel):
    """One version; it never changes."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    template: str
    note: str
    made_by: str
    created_at: datetime | None


class LineOut(BaseModel):
    """A line of two templates that are compared."""

    model_config = ConfigDict(from_attributes=True)

    kind: Literal["same", "added", "removed"]
    text: str


class NameOut(BaseModel):
    """A name that a template may use."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    what: str
    example: str | int | tuple[str, ...]


class PurposeOut(BaseModel):
    """What can be asked for: the names a template may use, what is added in fences, what must be answered."""

    model_config = ConfigDict(from_attributes=True)

    key: str
    title: str
    names: list[NameOut]
    data: str
    answer: str
