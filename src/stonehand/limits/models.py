"""When each host may be asked next."""

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
