"""How a function becomes a task: its name, its queue, its limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from stonehand.jobs.errors import TaskUnknown
from stonehand.limits.rates import interval

PACKAGE = "stonehand"
QUEUES = (
    "sources",
    "fetch",
    "extract",
    "email",
    "analysis",
    "stories",
    "generation",
    "reviews",
    "publishing",
    "recommendations",
    "analytics",
    "maintenance",
    "control",
    "priority",
    "default",
)
Body = Callable[..., None]


@dataclass(frozen=True)
class Task:
    """A function and how to run it. Times are in seconds."""

    name: str
    queue: str
    body: Body
    batch: int = 1
    is_batch: bool = False
    priority: int = 5
    retries: int = 3
    soft_limit: float = 300
    hard_limit: float = 600
    rate: str | None = None
    """How often an attempt may begin, over all workers: `10/m`."""
    concurrency: int | None = None
    """How many attempts may run at once, over all workers."""
    lane: str | None = None
    """The argument by which attempts follow one another: of those with the same value one runs at a time, over all
    workers. Those without it share a lane."""
    waits: bool = False
    """Whether its attempts do little but wait for strangers: several of them then share a process."""
    version: int = 1
    """Of its arguments; a worker leaves alone what a later version of the task asked for."""
    role: str | None = None
    """The least role that may start it by hand; None if only the pipeline starts it."""


_tasks: dict[str, Task] = {}


def task(name: str, queue: str = "default", batch: int | None = None, **options: Any) -> Callable[[Body], Body]:
    """Declare a task. With `batch=n`, one attempt holds up to n jobs and the body takes a `Batch`."""
    if queue not in QUEUES:
        raise TaskUnknown(f"{name}: there is no queue {queue!r}; the queues are {', '.join(QUEUES)}")

    if options.get("rate") is not None:
        interval(options["rate"])

    def declare(body: Body) -> Body:
        _tasks[name] = Task(name, queue, body, batch or 1, batch is not None, **options)
        return body

    return declare


def find(name: str) -> Task:
    """The task of this name. Raises `TaskUnknown`, with the nearest name there is.

    A task is named `room.verb`, so a process that has not loaded its room yet does so now, and only then.
    """
    if name not in _tasks:
        load(name.partition(".")[0])
    try:
        return _tasks[name]
    except KeyError:
        near = get_close_matches(name, _tasks, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise TaskUnknown(f"there is no task {name!r}{hint}") from None


def load(room: str) -> None:
    """Import the tasks of a room, if there is such a room."""
    module = f"{PACKAGE}.{room}.tasks"
    if room.isidentifier() and find_spec(f"{PACKAGE}.{room}") and find_spec(module):
        import_module(module)


def of_queue(queue: str) -> list[Task]:
    """The tasks of a queue that this process has loaded."""
    return [_tasks[name] for name in sorted(_tasks) if _tasks[name].queue == queue]


def known() -> list[str]:
    """The names of all tasks that this process has loaded."""
    return sorted(_tasks)
