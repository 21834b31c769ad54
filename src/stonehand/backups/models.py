"""Table of the backups that were made or failed."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from stonehand.db import Base, Mapped, mapped_column, new_id

DONE, FAILED = "done", "failed"


class Backup(Base):
    """One try at a backup. `path` is that of its file, on the machine whose worker made it."""

    __tablename__ = "backups"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    made_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(sa.String(10))
    path: Mapped[str] = mapped_column(sa.Text, default="")
    size: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    seconds: Mapped[float] = mapped_column(sa.Double, default=0.0)
    error: Mapped[str | None] = mapped_column(sa.Text)
