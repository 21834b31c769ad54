"""Run jobs here and now, without a broker: for tests of tasks. The claims, fences and states are the real ones."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta

from stonehand.db import Database
from stonehand.jobs.clock import sweeper
from stonehand.jobs.declaration import QUEUES
from stonehand.jobs.worker import presence
from stonehand.jobs.worker.runner import Runner


def run_all(database: Database, rounds: int = 50, queues: tuple[str, ...] = QUEUES) -> int:
    """Run every ready job and all that follows from it, in this thread. Returns how many attempts' jobs ran."""
    total = 0
    with closing(Runner(database, str(presence.this_process()), timedelta(seconds=30))) as runner:
        while rounds and (ran := sum(runner.drain(queue) for queue in queues)):
            total, rounds = total + ran, rounds - 1
            sweeper.sweep(database)
    return total
