"""The table of the brake."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from stonehand.db import Base, Mapped, mapped_column


class Brake(Base):
    """A brake that is pulled. As long as its row is here, nothing leaves; the audit log keeps who pulled it when."""

    __tablename__ = "brakes"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    pulled_by: Mapped[str]
    """The name of whoever pulled it."""
    pulled_at: Mapped[datetime]
