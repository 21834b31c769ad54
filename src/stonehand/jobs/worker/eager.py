"""Jobs that run at once, in the thread that asked for them, after its commit: for tests, as `CELERY_ALWAYS_EAGER` says.

Claims, fences and states are the real ones. What has to wait, such as a retry, waits for a worker or the next call.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import timedelta

import sqlalchemy as sa

from stonehand import config
from stonehand.db import Database
from stonehand.jobs import declaration
from stonehand.jobs.clock import sweeper
from stonehand.jobs.models import Job
from stonehand.jobs.states import State
from stonehand.jobs.worker import presence
from stonehand.jobs.worker.runner import Runner


class Eager:
    """Runs the jobs of queues that are rung."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._mine = threading.local()

    def __call__(self, queues: Iterable[str]) -> None:
        """Run what is ready there, and all that follows. A job that rings is already inside of this."""
        wanted: set[str] | None = getattr(self._mine, "wanted", None)
        if wanted is not None:
            wanted.update(queues)
            return
        self._mine.wanted = wanted = set(queues)
        try:
            self._run(wanted)
        finally:
            del self._mine.wanted

    def _run(self, wanted: set[str]) -> None:
        runner = self._runner()
        while wanted:
            queue = wanted.pop()
            self._load(queue)
            if runner.drain(queue):
                sweeper.sweep(self._database)  # wakes what was put back for no time at all

    def _runner(self) -> Runner:
        if not hasattr(self._mine, "runner"):
            lease = timedelta(seconds=config.settings().lease_seconds)
            self._mine.runner = Runner(self._database, str(presence.this_process()), lease)
        runner: Runner = self._mine.runner
        return runner

    def _load(self, queue: str) -> None:
        ready = sa.select(Job.task).where(Job.queue == queue, Job.state == State.AVAILABLE).distinct()
        with self._database.read() as session:
            names = session.scalars(ready).all()
        for name in names:
            declaration.load(name.partition(".")[0])
