"""Questions about backups."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from stonehand.backups.models import DONE, Backup
from stonehand.db import Session


def newest(session: Session, limit: int = 20) -> Sequence[Backup]:
    """The latest tries, the newest first."""
    return session.scalars(sa.select(Backup).order_by(Backup.made_at.desc()).limit(limit)).all()


def last_good(session: Session) -> Backup | None:
    """The newest one that succeeded."""
    done = sa.select(Backup).where(Backup.state == DONE)
    return session.scalar(done.order_by(Backup.made_at.desc()).limit(1))
