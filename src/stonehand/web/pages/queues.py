"""Queues and workers: who has what to do, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from stonehand.web.pages.parts import Link


@dataclass(frozen=True)
class QueueRow:
    """A queue now; and over six hours, oldest first: jobs done a minute, waiting, seconds the oldest waited."""

    name: str
    ready: int
    waiting: int
    running: int
    dead: int
    workers: int
    oldest_at: datetime | None = None
    rate: float = 0.0
    rates: tuple[float, ...] = ()
    waitings: tuple[int, ...] = ()
    ages: tuple[int, ...] = ()
    note: str = ""
    paused: bool = False

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to tell of it."""
        return not (self.waiting or self.running or self.dead or any(self.rates) or self.note)


@dataclass(frozen=True)
class Doing:
    """What a process runs now: a job, and how many others with it."""

    job: Link
    since: datetime | None
    more: int = 0


@dataclass(frozen=True)
class ProcessRow:
    """A process of a worker."""

    pid: int
    memory: str
    is_main: bool = False
    doing: tuple[Doing, ...] = ()


@dataclass(frozen=True)
class WorkerRow:
    """A worker that is alive. `version` is said to be other if it is not that of the desk."""

    machine: str
    pid: str
    queues: str
    concurrency: int
    started_at: datetime
    seen_at: datetime
    version: str = ""
    is_other_version: bool = False
    memory: str = ""
    processes: tuple[ProcessRow, ...] = ()


@dataclass(frozen=True)
class QueuesView:
    """Every queue and every worker."""

    queues: tuple[QueueRow, ...]
    workers: tuple[WorkerRow, ...]
    can_admin: bool = False
    strays: tuple[Doing, ...] = ()
    """What is held by processes that no worker here knows of."""
