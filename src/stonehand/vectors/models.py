"""The table of the indexes that other servers hold, and of how far each of them has followed."""

from __future__ import annotations

from datetime import datetime

from stonehand.db import Base, Mapped, mapped_column


class VectorIndex(Base):
    """One collection on a server. Changes of the database up to `until` are in it."""

    __tablename__ = "vector_indexes"

    name: Mapped[str] = mapped_column(primary_key=True)
    until: Mapped[datetime | None]
    updated_at: Mapped[datetime]
