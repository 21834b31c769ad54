"""Tables of sources and of what they said."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from stonehand.db import Base, Mapped, mapped_column, new_id


class SourceState(StrEnum):
    """How a source is doing."""

    ACTIVE = "active"
    PAUSED = "paused"
    BACKING_OFF = "backing_off"
    FAILING = "failing"
    DEAD = "dead"


class EntryState(StrEnum):
    """How far an entry has come."""

    NEW = "new"
    FETCHED = "fetched"
    FAILED = "failed"
    SKIPPED = "skipped"


def _known(column: str, states: type[StrEnum]) -> sa.CheckConstraint:
    return sa.CheckConstraint(
        f"{column} IN ({', '.join(repr(str(state)) for state in states)})", name=f"{column}_known"
    )


class Source(Base):
    """Somewhere that content comes from. `address` is the one spelling of `url`, so that nobody adds it twice."""

    __tablename__ = "sources"
    __table_args__ = (_known("state", SourceState),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]
    url: Mapped[str]
    address: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str] = mapped_column(default="")
    home_url: Mapped[str | None]
    language: Mapped[str | None]
    state: Mapped[str] = mapped_column(default=SourceState.ACTIVE)
    is_sample: Mapped[bool] = mapped_column(default=False)
    interval_seconds: Mapped[int]
    etag: Mapped[str | None]
    modified: Mapped[str | None]
    next_poll_at: Mapped[datetime | None] = mapped_column(index=True)
    """None: it is not polled (any more)."""
    last_poll_at: Mapped[datetime | None]
    last_ok_at: Mapped[datetime | None]
    last_new_at: Mapped[datetime | None]
    failure_streak: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None]
    last_warning: Mapped[str | None]
    polls_total: Mapped[int] = mapped_column(default=0)
    polls_failed: Mapped[int] = mapped_column(default=0)
    entries_total: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]

    @property
    def enabled(self) -> bool:
        """Whether somebody wants it to be looked at."""
        return self.state != SourceState.PAUSED


class Entry(Base):
    """One thing that a source named. Its key is remembered as long as the source is, so nothing is new twice.

    `address` is the one spelling of `url`, unique across all sources; an entry without a url carries its content.
    """

    __tablename__ = "entries"
    __table_args__ = (
        sa.UniqueConstraint("source_id", "key"),
        sa.Index("ix_entries_source_id_id", "source_id", "id"),
        _known("state", EntryState),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    source_id: Mapped[str] = mapped_column(sa.ForeignKey("sources.id", ondelete="CASCADE"))
    key: Mapped[str]
    url: Mapped[str | None]
    address: Mapped[str | None] = mapped_column(unique=True)
    title: Mapped[str]
    summary: Mapped[str]
    content_html: Mapped[str | None]
    author: Mapped[str | None]
    language: Mapped[str | None]
    published_at: Mapped[datetime | None]
    seen_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default=EntryState.NEW)
    error: Mapped[str | None]
    article_id: Mapped[str | None] = mapped_column(index=True)
