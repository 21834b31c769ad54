"""The scheduler: once a second it fires what is due and sweeps. It holds no state of its own."""

from __future__ import annotations

import threading

from stonehand import log
from stonehand.db import Database
from stonehand.errors import StonehandError
from stonehand.jobs import schedules, sweeper

TICK = 1.0  # seconds


def tick(database: Database) -> None:
    """One round."""
    with database.read() as session:
        due = schedules.is_any_due(session)
    if due:
        with database.transaction() as session:
            schedules.tick(session)
    sweeper.sweep(database)


def run(database: Database, stop: threading.Event) -> None:
    """Tick until told to stop. A database that is away is waited for."""
    while not stop.wait(TICK):
        try:
            tick(database)
        except StonehandError as error:
            log.logger(__name__).warning("the scheduler waits for the database", error=str(error))
        except Exception:  # it may be a thread of another part, and nobody would notice its end
            log.logger(__name__).exception("a round of the scheduler failed")
