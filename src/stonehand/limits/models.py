"""When each host may be asked next, how often a person allows it, and whether it answers."""

from __future__ import annotations

import sqlalchemy as sa

from stonehand.db import Base, Mapped, mapped_column


class HostSlot(Base):
    """One row for each host and port that was ever asked. Times are seconds since 1970, so that one statement
    can add to them on SQLite and on PostgreSQL alike.
    """

    __tablename__ = "host_slots"

    host: Mapped[str] = mapped_column(sa.String(300), primary_key=True)
    next_at: Mapped[float] = mapped_column(sa.Double)
    """The first slot that nobody has reserved."""
    retry_at: Mapped[float] = mapped_column(sa.Double, default=0.0, server_default="0")
    """The host asked to be left alone until then."""
    delay: Mapped[float] = mapped_column(sa.Double, default=0.0, server_default="0")
    """Seconds between two questions that its robots.txt asks for."""


class Breaker(Base):
    """Whether something outside answers: a host, a provider of models, a channel. Times are seconds since 1970."""

    __tablename__ = "breakers"

    name: Mapped[str] = mapped_column(sa.String(200), primary_key=True)
    """Such as `host:example.org:443`, `provider:api.example.com`, `channel:<id>`."""
    state: Mapped[str] = mapped_column(sa.String(10), default="CLOSED", server_default="CLOSED")
    """CLOSED, OPEN or HALF_OPEN."""
    failures: Mapped[int] = mapped_column(default=0, server_default="0")
    """In a row."""
    opened_at: Mapped[float] = mapped_column(sa.Double, default=0.0, server_default="0")
    probe_at: Mapped[float] = mapped_column(sa.Double, default=0.0, server_default="0")
    """When one may try again: after an opening, jittered; during a probe, when another may try if it never reports."""
    held_by: Mapped[str | None] = mapped_column(sa.String(120))
    """The person who keeps it open, until a person resets it."""
    last_error: Mapped[str | None] = mapped_column(sa.Text)
    changed_at: Mapped[float] = mapped_column(sa.Double, default=0.0, server_default="0")


class Pace(Base):
    """How often a person lets us ask a host or a provider; without a row, the settings say it."""

    __tablename__ = "paces"

    target: Mapped[str] = mapped_column(sa.String(200), primary_key=True)
    """Such as `host:example.org:443` or `provider:api.example.com:443`."""
    rate: Mapped[str] = mapped_column(sa.String(20))
    """Such as `30/m`."""
    changed_by: Mapped[str] = mapped_column(sa.String(120))
