"""Facts that move work forward: a room announces one, and the pipeline's table says which jobs follow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from typing import Any

from stonehand.db import Session
from stonehand.jobs import outbox
from stonehand.jobs.errors import EventUnknown

_followers: dict[type[Any], tuple[str, ...]] = {}


def follow(table: Iterable[tuple[type[Any], str]]) -> None:
    """Replace the table of (event, name of the task that follows). An event may stand in several rows."""
    rows: dict[type[Any], list[str]] = defaultdict(list)
    for event, task in table:
        rows[event].append(task)
    _followers.clear()
    _followers.update({event: tuple(name for name in names if name) for event, names in rows.items()})


def fields_for(task: str) -> tuple[str, ...] | None:
    """The arguments that a task gets from the event it follows; None if it follows none."""
    events = [event for event, names in _followers.items() if task in names]
    return tuple(each.name for each in fields(events[0])) if events else None


def tasks_told(name: str) -> list[str]:
    """The tasks that follow events of this one field: the unique keys of their jobs are `task:value`."""
    rows = [tasks for event, tasks in _followers.items() if [each.name for each in fields(event)] == [name]]
    return [task for tasks in rows for task in tasks]


def announce(session: Session, event: Any, asked_by: str = "") -> None:
    """Enqueue what follows from one fact, in the caller's transaction."""
    announce_many(session, [event], asked_by=asked_by)


def announce_many(session: Session, events: Sequence[Any], fair_key: str = "", asked_by: str = "") -> None:
    """Enqueue what follows from many facts of one kind. The same fact waits only once.

    `fair_key` says whose work it is: owners take turns, see `turns`. `asked_by` names the person who wanted it.
    """
    for kind in {type(event) for event in events}:
        if kind not in _followers:
            raise EventUnknown(f"no row of the pipeline knows {kind.__name__}; add one to pipeline.py")
        facts = [asdict(event) for event in events if type(event) is kind]
        for task in _followers[kind]:
            pattern = f"{task}:" + ":".join(f"{{{name}}}" for name in facts[0])
            outbox.enqueue_many(session, task, facts, unique=pattern, fair_key=fair_key, asked_by=asked_by)
