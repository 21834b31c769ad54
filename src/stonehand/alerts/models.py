"""Tables of alerts and of what is muted."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from stonehand.db import Base, Mapped, mapped_column, new_id

_GOES_ON = sa.text("ended_at IS NULL")


class Alert(Base):
    """Something that was wrong from `began_at` to `ended_at`. `key` is its rule and what it is about."""

    __tablename__ = "alerts"
    __table_args__ = (sa.Index("uq_alerts_key", "key", unique=True, sqlite_where=_GOES_ON, postgresql_where=_GOES_ON),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(sa.String(200))
    rule: Mapped[str] = mapped_column(sa.String(40))
    subject: Mapped[str] = mapped_column(sa.String(150))
    sentence: Mapped[str] = mapped_column(sa.Text)
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    """When it was sent to people; None while it is muted."""


class Mute(Base):
    """A rule, or one alert by its key, of which nothing is sent for a while."""

    __tablename__ = "alert_mutes"

    target: Mapped[str] = mapped_column(sa.String(200), primary_key=True)
    until: Mapped[datetime]
    by: Mapped[str] = mapped_column(sa.String(120))
