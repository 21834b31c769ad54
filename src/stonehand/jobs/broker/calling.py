"""Asking for a task by its name, ours or an old one, as a person or a Celery client does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from typing import Any

import sqlalchemy as sa

from stonehand import config, formerly
from stonehand.db import Session
from stonehand.jobs import declaration, outbox, queries
from stonehand.jobs.declaration import Task
from stonehand.jobs.desk import parameters
from stonehand.jobs.errors import TaskUnknown
from stonehand.jobs.models import Job

LONGEST_ID = 155  # characters of a Celery id; its own backends keep no more


@dataclass(frozen=True)
class Caller:
    """Who asks, and what they may do: `may("edit")`."""

    name: str
    may: Callable[[str], bool]


@dataclass(frozen=True)
class Wish:
    """What was asked for, understood: a task of ours and its arguments."""

    task: Task
    args: Mapping[str, Any]
    called_as: str | None = None
    columns: Mapping[str, Any] = field(default_factory=dict)


def understand(
    name: str,
    args: Sequence[Any] = (),
    kwargs: Mapping[str, Any] | None = None,
    priority: int | None = None,
    run_at: datetime | None = None,
) -> Wish:
    """Find the task and check its arguments. Call it before a transaction begins, since it may load a room.

    Raises `TaskUnknown`, `CallUnfit`, `ArgumentsUnfit`.
    """
    former, columns = formerly.find(name), {"priority": priority, "run_at": run_at}
    if former:
        told = former.arguments(args, kwargs or {})
        return Wish(declaration.find(former.task_for(told)), told, former.name, columns)
    task = _find(name)
    return Wish(task, parameters.fitting(task, _named(task, args) | dict(kwargs or {})), None, columns)


def _find(name: str) -> Task:
    try:
        return declaration.find(name)
    except TaskUnknown as error:
        old = get_close_matches(name, [former.name for former in formerly.TASKS], n=1)
        if "did you mean" in str(error) or not old:
            raise
        raise TaskUnknown(f"{error}; did you mean {old[0]}?") from None


def _named(task: Task, args: Sequence[Any]) -> dict[str, Any]:
    if not args:
        return {}
    names = [each.name for each in parameters.of(task) or []]
    if len(args) > len(names):
        raise parameters.ArgumentsUnfit(
            f"{task.name} takes {', '.join(names) or 'no arguments'}, not {len(args)} values"
        )
    return dict(zip(names, args, strict=False))


def ask(session: Session, wish: Wish, caller: Caller, celery_id: str | None = None) -> Job:
    """Ask for the job. The same Celery id asks only once. Raises `TaskForbidden`."""
    check(wish.task, caller)
    known = celery_id and _job_of(session, celery_id[:LONGEST_ID])
    if known:
        return known
    columns = {
        **wish.columns,
        "called_as": wish.called_as,
        "celery_id": celery_id and celery_id[:LONGEST_ID],
        "asked_by": caller.name[:120],
        "answers_celery": bool(config.settings().result_backend.get_secret_value() and (celery_id or wish.called_as)),
    }
    try:
        with session.begin_nested():
            job_id = outbox.enqueue(session, wish.task.name, wish.args, **columns)
    except sa.exc.IntegrityError:  # the same message came to another worker in this very moment
        job_id = None
    found = _job_of(session, str(celery_id)) if job_id is None else queries.job(session, job_id)
    assert found is not None
    return found


def is_known(session: Session, celery_id: str) -> bool:
    """Whether a job has been asked for under this Celery id."""
    return _job_of(session, celery_id[:LONGEST_ID]) is not None


def check(task: Task, caller: Caller) -> None:
    """Raise `TaskForbidden` unless the caller may start it."""
    needed = parameters.permission(task)
    if needed is None or not caller.may(needed):
        raise parameters.forbidden(task)


def _job_of(session: Session, celery_id: str) -> Job | None:
    return session.scalar(sa.select(Job).where(Job.celery_id == celery_id))
