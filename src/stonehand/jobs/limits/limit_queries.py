"""What is paused, and what waits for whom."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from stonehand.db import Session
from stonehand.jobs import queries
from stonehand.jobs.limits.limit_schemas import PauseOut
from stonehand.jobs.models import Job
from stonehand.jobs.states import State
from stonehand.limits import breakers


def waiting(session: Session, gates: Collection[str]) -> dict[str, int]:
    """How many jobs wait behind each of these gates; gates without any are left out."""
    waits = sa.select(Job.gate, sa.func.count()).where(Job.gate.in_(list(gates)), Job.state == State.SCHEDULED)
    return {str(gate): int(count) for gate, count in session.execute(waits.group_by(Job.gate))}


def paused(session: Session) -> list[PauseOut]:
    """All that somebody has stopped: queues, tasks and owners, then hosts, providers and channels."""
    outside = [PauseOut.of_breaker(row) for row in breakers.held(session)]
    return [PauseOut.of(pause) for pause in queries.pauses(session)] + outside
