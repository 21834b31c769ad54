"""Tables of running totals, which outlive the rows that they count."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from stonehand.db import Base, Mapped, mapped_column


class WorkTotal(Base):
    """A number that only grows: of a task, and of one outcome or one bucket of durations."""

    __tablename__ = "work_totals"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    task: Mapped[str] = mapped_column(sa.String(100), primary_key=True)
    label: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    value: Mapped[float] = mapped_column(sa.Double)


class WorkMark(Base):
    """Up to when ends of jobs have been counted."""

    __tablename__ = "work_marks"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    at: Mapped[datetime]
