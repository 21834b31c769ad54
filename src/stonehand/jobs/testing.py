"""Run jobs here and now, without a broker: for tests of tasks. The claims, fences and states are the real ones."""

from __future__ import annotations

from datetime import timedelta

from stonehand.db import Database
from stonehand.jobs.clock import sweeper
from stonehand.jobs.declaration import QUEUES
from stonehand.jobs.worker import presence
from stonehand.jobs.worker.runner import Runner


def run_all(database: Database, rounds: int = 50, queues: tuple[str, ...] = QUEUES) -> int:
    """Run every ready job and all that follows from it, in this thread. Returns how many attempts' jobs ran."""
    runner = Runner(database, str(presence.this_process()), timedelta(seconds=30))
    total = 0
    for _ in range(rounds):
        ran = sum(runner.drain(queue) for queue in queues)
        if not ran:
            break
        total += ran
        sweeper.sweep(database)
    return total
