"""Questions about alerts."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from stonehand.alerts.errors import AlertNotFound
from stonehand.alerts.models import Alert, Mute
from stonehand.db import Session, now


def alert(session: Session, alert_id: str) -> Alert:
    """One alert. Raises `AlertNotFound`."""
    found = session.get(Alert, alert_id)
    if found is None:
        raise AlertNotFound(f"there is no alert {alert_id}; it may be long over")
    return found


def going_on(session: Session) -> Sequence[Alert]:
    """What is wrong now, the oldest first."""
    return session.scalars(sa.select(Alert).where(Alert.ended_at.is_(None)).order_by(Alert.id)).all()


def newest(session: Session, limit: int = 50, before: str | None = None) -> Sequence[Alert]:
    """Alerts, over or not, the newest first; `before` is the id of the last one seen."""
    wish = sa.select(Alert).order_by(Alert.id.desc()).limit(limit)
    return session.scalars(wish.where(Alert.id < before) if before else wish).all()


def over(session: Session, limit: int = 50) -> Sequence[Alert]:
    """What was wrong, the latest to end first."""
    wish = sa.select(Alert).where(Alert.ended_at.is_not(None))
    return session.scalars(wish.order_by(Alert.ended_at.desc()).limit(limit)).all()


def mutes(session: Session) -> Sequence[Mute]:
    """What is muted now."""
    return session.scalars(sa.select(Mute).where(Mute.until > now(session)).order_by(Mute.target)).all()
