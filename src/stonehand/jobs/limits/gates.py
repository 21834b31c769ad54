"""What waits behind a closed breaker goes on as soon as it is open to all again."""

from __future__ import annotations

import sqlalchemy as sa

from stonehand.db import Database, Session
from stonehand.jobs import service
from stonehand.jobs.models import Job
from stonehand.jobs.states import State
from stonehand.limits import breakers
from stonehand.limits.models import Breaker


def passable(session: Session) -> list[str]:
    """The breakers that are closed again while jobs still wait for it: one step into an index for each breaker."""
    waits = sa.exists().where(Job.gate == Breaker.name, Job.state == State.SCHEDULED)
    closed = sa.select(Breaker.name).where(Breaker.state == breakers.State.CLOSED, waits)
    return list(session.scalars(closed.order_by(Breaker.name)))


def open_all(database: Database) -> None:
    """Wake what waits for them, each in a transaction of its own. Only looks if there is nothing to do."""
    with database.read() as session:
        names = passable(session)
    for name in names:
        with database.transaction() as session:
            service.open_gate(session, name)
