"""Whether work gets done: database, broker, workers, and the room they need. Waits for the broker for a moment."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass

import psutil
import sqlalchemy as sa

from stonehand import config
from stonehand.db import Database
from stonehand.errors import StonehandError
from stonehand.jobs.broker import engine
from stonehand.jobs.worker import presence

LITTLE_DISK = 500 * 2**20  # bytes
LITTLE_MEMORY = 200 * 2**20  # bytes
PATIENCE = 2.0  # seconds for the broker
VITAL = ("database", "broker", "workers")
"""Without one of these, no job runs; the others make it worse."""


@dataclass(frozen=True)
class Part:
    """Something that was looked at. The words of what is wrong say how to mend it."""

    name: str
    ok: bool
    words: str


@dataclass(frozen=True)
class Health:
    """What was found."""

    parts: tuple[Part, ...]

    @property
    def status(self) -> str:
        """`healthy`, `degraded` or `unhealthy`."""
        wrong = {part.name for part in self.parts if not part.ok}
        return "unhealthy" if wrong & set(VITAL) else "degraded" if wrong else "healthy"

    @property
    def trouble(self) -> str:
        """What is wrong, in words; empty if nothing is."""
        return "; ".join(f"{part.name}: {part.words}" for part in self.parts if not part.ok)

    def ok(self, name: str) -> bool:
        """Whether this part is well."""
        return all(part.ok for part in self.parts if part.name == name)


def check(database: Database) -> Health:
    """Look at everything. Call it with no transaction open."""
    looks: dict[str, Callable[[], tuple[bool, str]]] = {
        "database": lambda: _database(database),
        "broker": lambda: (True, f"{engine.reach(PATIENCE)} answers"),
        "workers": lambda: _workers(database),
        "disk": _disk,
        "memory": _memory,
    }
    return Health(tuple(_look(name, look) for name, look in looks.items()))


def _look(name: str, look: Callable[[], tuple[bool, str]]) -> Part:
    try:
        return Part(name, *look())
    except (StonehandError, OSError) as error:
        return Part(name, False, str(error))


def _database(database: Database) -> tuple[bool, str]:
    with database.read() as session:
        session.execute(sa.text("SELECT 1"))
    return True, f"{database.engine.dialect.name} answers"


def _workers(database: Database) -> tuple[bool, str]:
    with database.read() as session:
        count = len(presence.alive(session))
    return bool(count), f"{count} alive" if count else "none runs; start one: stonehand worker"


def _disk() -> tuple[bool, str]:
    free = shutil.disk_usage(config.settings().data_dir).free
    return free >= LITTLE_DISK, f"{free // 2**20:,} MB are free" + ("" if free >= LITTLE_DISK else "; make room")


def _memory() -> tuple[bool, str]:
    free = psutil.virtual_memory().available
    enough = free >= LITTLE_MEMORY
    return enough, f"{free // 2**20:,} MB are free" + ("" if enough else "; run fewer processes: STONEHAND_CONCURRENCY")
