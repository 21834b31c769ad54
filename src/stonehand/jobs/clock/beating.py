"""Celery's own beat as one of our schedulers: `celery -A stonehand.worker beat`, or a worker with `--beat`."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from celery import signals
from celery.beat import Scheduler

from stonehand import db
from stonehand.db import Session
from stonehand.jobs.broker import engine
from stonehand.jobs.clock import scheduler
from stonehand.jobs.clock.rest import Rest


class Beat(Scheduler):  # type: ignore[misc]  # Celery is not typed
    """Fires the schedules of the database; a table of Celery's own is not read, and no file is kept."""

    info = "    . schedules -> in the database, see `stonehand schedules`"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._rounds, self._rest = count(1), Rest(db.database())
        super().__init__(*args, **kwargs)

    def setup_schedule(self) -> None:
        """There is nothing to read."""

    def tick(self, *_: Any, **__: Any) -> float:
        """One round. Returns the seconds until the next."""
        scheduler.go_round(db.database(), next(self._rounds), self._rest)
        return scheduler.TICK


def prepare(install: Callable[[Session], None]) -> None:
    """Let `install` make the database's schedules what is planned, whenever a beat begins in this process."""

    def begin(**_: Any) -> None:
        engine.connect()
        with db.database().transaction() as session:
            install(session)

    signals.beat_init.connect(begin, weak=False)
