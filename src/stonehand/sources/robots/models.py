"""The table of what robots.txt says, one row for each site."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from stonehand.db import Base, Mapped, mapped_column


class Kind(StrEnum):
    """What came when we asked for a robots.txt. `absent` allows everything, `unreachable` nothing for a while."""

    RULES = "rules"
    ABSENT = "absent"
    UNREACHABLE = "unreachable"


class Robots(Base):
    """What the robots.txt at `place` says. If it cannot be reached later, what it said before goes on to count."""

    __tablename__ = "robots"
    __table_args__ = (sa.CheckConstraint(f"kind IN ({', '.join(repr(str(k)) for k in Kind)})", name="kind_known"),)

    place: Mapped[str] = mapped_column(sa.String(300), primary_key=True)
    """Its address: one for each scheme, host and port."""
    kind: Mapped[str]
    body: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    said: Mapped[str] = mapped_column(default="", server_default="")
    """Why there are no rules, or why they could not be had anew, in words."""
    checked_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    """When it is asked for again, if somebody wants to know."""
    failing_since: Mapped[datetime | None]
