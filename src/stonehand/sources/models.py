"""Tables of sources and of what they said."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from stonehand import vault
from stonehand.db import Base, Mapped, mapped_column, new_id
from stonehand.sources.letters import models as _letters  # noqa: F401  tables of this room
from stonehand.sources.robots import models as _robots  # noqa: F401  tables of this room


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
    options: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """What its kind has to know beside the address."""
    secret: Mapped[str | None] = mapped_column(sa.Text, info=vault.SEALED)
    """Sealed by the vault, for this source and where its kind sends it."""
    tags: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    rules: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    """What is kept and dropped of what it names; see `rules.py`."""
    home_url: Mapped[str | None]
    language: Mapped[str | None]
    state: Mapped[str] = mapped_column(default=SourceState.ACTIVE)
    is_sample: Mapped[bool] = mapped_column(default=False)
    interval_seconds: Mapped[int]
    """As often as somebody wants it to be looked at, at most."""
    is_adaptive: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    """Whether it is looked at less often while it names little."""
    pace_seconds: Mapped[int | None]
    """How often it is looked at for now, if that is not as often as wanted."""
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
    proposal: Mapped[dict[str, Any] | None]
    """What would mend it, for a person to accept; see `repairs.py`."""
    recent: Mapped[str] = mapped_column(default="", server_default="")
    """How the last looks ended, the latest last: a letter each, see `health.py`."""
    polls_total: Mapped[int] = mapped_column(default=0)
    polls_failed: Mapped[int] = mapped_column(default=0)
    entries_total: Mapped[int] = mapped_column(default=0)
    entries_dropped: Mapped[int] = mapped_column(default=0, server_default="0")
    robots_overruled: Mapped[dict[str, Any] | None]
    """Who wants its pages although their robots.txt forbids it, why and since when: `by`, `reason`, `at`."""
    refreshes: Mapped[int] = mapped_column(default=0, server_default="0")
    """How many of its pages were fetched again by themselves since `refreshes_since`."""
    refreshes_since: Mapped[datetime | None]
    created_at: Mapped[datetime]

    @property
    def proposed(self) -> dict[str, Any] | None:
        """What would mend it, unless somebody has set that aside."""
        return None if not self.proposal or self.proposal.get("set_aside") else self.proposal

    @property
    def enabled(self) -> bool:
        """Whether somebody wants it to be looked at."""
        return self.state != SourceState.PAUSED


class SourceCopy(Base):
    """The document that a source was read from last, packed by zlib: what a new way to read it is tried on."""

    __tablename__ = "source_copies"

    source_id: Mapped[str] = mapped_column(sa.ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True)
    url: Mapped[str]
    packed: Mapped[bytes]
    charset: Mapped[str | None]
    taken_at: Mapped[datetime]


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
    fetched_at: Mapped[datetime | None]
    """When its page came last, changed or not."""
    changed_at: Mapped[datetime | None]
    """When it was changed, by what its source said when its page was asked for again last."""
