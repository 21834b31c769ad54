"""How much each queue has to do, and who does it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from stonehand.db import Session
from stonehand.jobs import queries
from stonehand.jobs.declaration import QUEUES
from stonehand.jobs.models import Pause
from stonehand.jobs.states import WAITING, State
from stonehand.jobs.worker import presence


@dataclass(frozen=True)
class Load:
    """A queue: jobs that are ready, that wait in any way (the ready ones too) and that run; workers that serve it."""

    name: str
    ready: int
    waiting: int
    executing: int
    oldest_ready_at: datetime | None
    workers: int
    paused_by: str | None
    paused_since: datetime | None


def loads(session: Session) -> list[Load]:
    """Every queue, the idle ones too."""
    pauses = {pause.target: pause for pause in queries.pauses(session)}
    counts, ready = queries.counts_by_queue(session), queries.ready_by_queue(session)
    serving = [queue for worker in presence.alive(session) for queue in worker.queues]
    return [
        _load(queue, counts.get(queue, {}), ready.get(queue), serving.count(queue), pauses.get(f"queue:{queue}"))
        for queue in QUEUES
    ]


def _load(
    name: str, counts: dict[str, int], ready: tuple[int, datetime] | None, workers: int, pause: Pause | None
) -> Load:
    return Load(
        name=name,
        ready=counts.get(State.AVAILABLE, 0),
        waiting=sum(counts.get(state, 0) for state in WAITING),
        executing=counts.get(State.EXECUTING, 0),
        oldest_ready_at=ready[1] if ready else None,
        workers=workers,
        paused_by=pause.by if pause else None,
        paused_since=pause.since if pause else None,
    )
