"""How often a person lets us ask a host or a provider, kept for all workers."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from stonehand import db
from stonehand.db import Session
from stonehand.limits import rates
from stonehand.limits.models import Pace


def set_pace(session: Session, target: str, rate: str, by: str) -> None:
    """Ask `host:...` or `provider:...` no more often than this. Raises `RateUnusable`."""
    rates.interval(rate)
    said = {"rate": rate.strip(), "changed_by": by[:120]}
    row = db.insert(session, Pace).values(target=target, **said)
    session.execute(row.on_conflict_do_update(index_elements=["target"], set_=said))


def unset(session: Session, target: str) -> None:
    """Let the settings say it again."""
    session.execute(sa.delete(Pace).where(Pace.target == target))


def every(session: Session) -> Sequence[Pace]:
    """All that persons have set, by target."""
    return session.scalars(sa.select(Pace).order_by(Pace.target)).all()


def interval(session: Session, target: str) -> float | None:
    """Seconds between two questions, if a person has said it for this target."""
    rate = session.connection().execute(_RATE, {"target": target}).scalar_one_or_none()
    return None if rate is None else rates.interval(rate)


# Built once: it is asked before each question to a site.
_RATE = sa.select(Pace.rate).where(Pace.target == sa.bindparam("target"))


def intervals(session: Session, targets: Collection[str]) -> dict[str, float]:
    """Seconds between two questions, for those of these targets for which a person has said it."""
    rows = session.execute(sa.select(Pace.target, Pace.rate).where(Pace.target.in_(list(targets))))
    return {target: rates.interval(rate) for target, rate in rows}
