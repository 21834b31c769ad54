"""Table of working copies."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from stonehand.db import Base, Mapped, mapped_column


class WorkingCopy(Base):
    """What somebody has typed into a draft and not saved: one for each person and draft, kept as they type.

    It is never part of what is reviewed or goes out.
    """

    __tablename__ = "working_copies"

    draft_id: Mapped[str] = mapped_column(sa.ForeignKey("drafts.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[str] = mapped_column(primary_key=True, index=True)
    revision_id: Mapped[str]
    """The revision it was made from; empty before the first."""
    number: Mapped[int]
    """Rises whenever it is kept, so that two windows of one person do not overwrite each other."""
    title: Mapped[str]
    slug: Mapped[str]
    excerpt: Mapped[str]
    meta_title: Mapped[str]
    meta_description: Mapped[str]
    keywords: Mapped[list[str]]
    image_url: Mapped[str] = mapped_column(default="", server_default="")
    image_alt: Mapped[str] = mapped_column(default="", server_default="")
    categories: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    markdown: Mapped[str]
    sources: Mapped[list[str]]
    kept_at: Mapped[datetime]
