"""The scheduler: once a second it fires what is due and sweeps. It holds nothing that matters."""

from __future__ import annotations

import threading
from itertools import count

from stonehand import log
from stonehand.db import Database
from stonehand.errors import StonehandError
from stonehand.jobs.clock import glance, schedules, sweeper
from stonehand.jobs.clock.rest import Rest

TICK = 1.0  # seconds
THOROUGH = 30  # rounds


def tick(database: Database, thorough: bool = False, rest: Rest | None = None) -> None:
    """One round. A thorough one also finds schedules that stray into the future since the clock was set back."""
    if rest is not None and rest.goes_on() and not thorough:
        sweeper.look_after_others(database)
        return
    found = glance.look(database)
    if found.schedules or thorough:
        with database.transaction() as session:
            schedules.tick(session)
    sweeper.sweep(database, found)
    if rest is not None:
        rest.begin(found)


def run(database: Database, stop: threading.Event) -> None:
    """Tick until told to stop. A database that is away is waited for."""
    rest = Rest(database)
    for number in count(1):
        if stop.wait(TICK):
            return
        go_round(database, number, rest)


def go_round(database: Database, number: int, rest: Rest | None = None) -> None:
    """The round of this number, whatever becomes of it: every so many are thorough."""
    try:
        tick(database, number % THOROUGH == 0, rest)
    except StonehandError as error:
        log.logger(__name__).warning("the scheduler waits for the database", error=str(error))
    except Exception:  # it may be a thread of another part, and nobody would notice its end
        log.logger(__name__).exception("a round of the scheduler failed")
