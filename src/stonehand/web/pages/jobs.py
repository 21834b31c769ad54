"""Jobs: what runs, what waits and why, what failed; and the page of one job."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from stonehand.web.pages.parts import ONE_PAGE, Badge, Link, Meter, Pager, Tab


@dataclass(frozen=True)
class QueueRow:
    """A queue now. `lately` is jobs done in each five minutes of the last hour, oldest first."""

    name: str
    waiting: int
    running: int
    dead: int
    lately: tuple[int, ...]
    workers: int
    note: str = ""
    paused: bool = False

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to tell of it."""
        return not (self.waiting or self.running or self.dead or self.lately or self.note)


@dataclass(frozen=True)
class WorkerRow:
    """A worker that is alive."""

    name: str
    queues: str
    concurrency: int
    started_at: datetime
    seen_at: datetime


@dataclass(frozen=True)
class JobRow:
    """A job in a list. `about` names the thing it works on; `why` says why it is not running, or why it failed."""

    id: str
    task: str
    about: str
    queue: str
    badge: Badge
    at: datetime
    attempts: int
    meter: Meter | None = None
    why: str = ""


@dataclass(frozen=True)
class JobsView:
    """`dead` is how many dead letters a "retry all" would bring back."""

    queues: tuple[QueueRow, ...]
    jobs: tuple[JobRow, ...]
    tabs: tuple[Tab, ...]
    dead: int = 0
    pager: Pager = ONE_PAGE
    can_edit: bool = False
    can_admin: bool = False
    workers: tuple[WorkerRow, ...] = ()
    queue: str = ""
    task: str = ""
    state: str = ""
    tasks: tuple[str, ...] = ()


@dataclass(frozen=True)
class AttemptRow:
    """One try. `error` is empty unless it failed; `trace` is where in the code it did."""

    number: int
    started_at: datetime | None
    ended_at: datetime | None
    worker: str
    badge: Badge
    error: str = ""
    trace: str = ""


@dataclass(frozen=True)
class ItemRow:
    """One of the jobs that a worker holds together. It has a page of its own."""

    link: Link
    badge: Badge


@dataclass(frozen=True)
class JobView:
    """One job. `why` is the sentence that answers "why is it not running?", empty while it runs or is done."""

    id: str
    task: str
    about: Link | None
    queue: str
    badge: Badge
    asked_at: datetime
    attempts: tuple[AttemptRow, ...]
    facts: tuple[tuple[str, str], ...]
    alive: bool
    why: str = ""
    error: str = ""
    meter: Meter | None = None
    items: tuple[ItemRow, ...] = ()
    can_cancel: bool = False
    can_retry: bool = False
    asked_by: Link | None = None
