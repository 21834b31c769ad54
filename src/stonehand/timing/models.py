"""Tables of times: what a channel bears, and when people want a piece to go out."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from stonehand.db import Base, Mapped, mapped_column, new_id


class Cadence(Base):
    """What one channel bears, and what has gone out in the day and hour that its clocks show now.

    One row, so that one conditional statement can take a place in it, whichever worker asks.
    """

    __tablename__ = "cadences"

    channel_id: Mapped[str] = mapped_column(primary_key=True)
    timezone: Mapped[str] = mapped_column(default="UTC")
    quiet: Mapped[list[str]] = mapped_column(default=list)
    per_day: Mapped[int] = mapped_column(default=0)
    per_hour: Mapped[int] = mapped_column(default=0)
    gap_seconds: Mapped[int] = mapped_column(default=0)
    day: Mapped[str] = mapped_column(default="")
    day_count: Mapped[int] = mapped_column(default=0)
    hour: Mapped[str] = mapped_column(default="")
    hour_count: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime | None]
    changed_by: Mapped[str] = mapped_column(default="")
    changed_at: Mapped[datetime]


class Wish(Base):
    """When a piece should go out on a channel. It counts once a person has approved the piece for that channel."""

    __tablename__ = "wishes"
    __table_args__ = (sa.Index("ix_wishes_due_at", "due_at"),)

    draft_id: Mapped[str] = mapped_column(sa.ForeignKey("drafts.id", ondelete="CASCADE"), primary_key=True)
    channel_id: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[datetime]
    timezone: Mapped[str] = mapped_column(default="UTC")
    by: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]


class OutwardFeed(Base):
    """An address at which a program reads what went out, or the calendar, without signing in."""

    __tablename__ = "outward_feeds"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    what: Mapped[str]
    """`published`, or `calendar`."""
    channel_id: Mapped[str] = mapped_column(default="")
    """Of one channel only; empty means of all."""
    secret_hash: Mapped[str] = mapped_column(unique=True)
    prefix: Mapped[str]
    user_id: Mapped[str] = mapped_column(index=True)
    created_at: Mapped[datetime]
