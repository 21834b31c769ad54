"""Tables of prompts and their versions. The built-in ones are not here: they are data of the package."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from stonehand.db import Base, Mapped, mapped_column, new_id


class Prompt(Base):
    """A prompt of the house. What it says stands in its versions; its purpose never changes."""

    __tablename__ = "prompts"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    purpose: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    version: Mapped[int]
    retired_at: Mapped[datetime | None]
    """Since when it is no longer offered. Its versions stay, since texts were written by them."""
    made_by: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class PromptVersion(Base):
    """A template; it never changes."""

    __tablename__ = "prompt_versions"

    prompt_id: Mapped[str] = mapped_column(sa.ForeignKey("prompts.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    template: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    made_by: Mapped[str]
    created_at: Mapped[datetime]


class PromptDefault(Base):
    """The prompt that is used for a purpose where nobody names one. Without a row, the first built-in one is."""

    __tablename__ = "prompt_defaults"

    purpose: Mapped[str] = mapped_column(primary_key=True)
    prompt_id: Mapped[str]
    """The id of a row of `prompts`, or the slug of a built-in prompt."""
