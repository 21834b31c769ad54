"""Asking for work, in the caller's own transaction: no commit, no job."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from stonehand import tracing
from stonehand.db import Session, after_commit, new_id
from stonehand.jobs import declaration, inserting, turns
from stonehand.jobs.broker import doorbells
from stonehand.jobs.models import Job
from stonehand.jobs.states import State

Args = Mapping[str, str]
CHUNK = 1000  # rows an INSERT
LONGEST_NAME = 120  # of who asked
FRESH: dict[str, Any] = {
    **{"attempts": 0, "crash_count": 0, "solo": False, "fence": 0, "claim_size": 0, "needs": 0},
    **{"has_dependents": False, "answers_celery": False, "unique_key": None, "fair_key": "", "flow_id": None},
    **{"asked_by": None, "trace": None, "state": None, "run_at": None},
}

current_job: ContextVar[str | None] = ContextVar("current_job", default=None)


def enqueue(
    session: Session,
    name: str,
    args: Args,
    *,
    unique_key: str | None = None,
    priority: int | None = None,
    run_at: datetime | None = None,
    fair_key: str = "",
    **more: Any,
) -> str | None:
    """Ask for one job. Returns its id, or None if one with the same unique key waits or runs already.

    `fair_key` says whose work it is; `more` are other columns of the job, such as `asked_by`.
    """
    task = declaration.find(name)
    wish = {"unique_key": unique_key, "priority": priority, "run_at": run_at, "fair_key": fair_key}
    ids = _insert(session, [_row(task, args, **wish, **more)])
    return ids[0] if ids else None


def enqueue_many(
    session: Session,
    name: str,
    all_args: Iterable[Args],
    *,
    unique: str | None = None,
    fair_key: str = "",
    asked_by: str = "",
) -> int:
    """Ask for many jobs of one task. Returns how many are new.

    `unique` and `fair_key` are patterns such as `fetch:{entry_id}` and `source:{source_id}`.
    """
    task, by = declaration.find(name), asked_by[:LONGEST_NAME] or None
    rows = [
        _row(task, args, unique_key=unique and unique.format(**args), fair_key=fair_key.format(**args), asked_by=by)
        for args in all_args
    ]
    return sum(len(_insert(session, rows[start : start + CHUNK])) for start in range(0, len(rows), CHUNK))


def insert_all(session: Session, wishes: Iterable[tuple[declaration.Task, Args, dict[str, Any]]]) -> list[str]:
    """Ask for jobs of several tasks, each with columns of its own. Returns the ids of those that are new."""
    return _insert(session, [_row(task, args, **columns) for task, args, columns in wishes])


def _row(task: declaration.Task, args: Args, **wish: Any) -> dict[str, Any]:
    priority = wish.pop("priority", None)
    return {
        **FRESH,
        "id": new_id(),
        "task": task.name,
        "queue": task.queue,
        "args": dict(args),
        "version": task.version,
        "priority": task.priority if priority is None else priority,
        "parent_id": current_job.get(),
        "trace": tracing.current(),
        "max_retries": task.retries,
        **wish,
    }


def _insert(session: Session, rows: Sequence[dict[str, Any]]) -> list[str]:
    if not rows:
        return []
    places = turns.assign(session, rows)
    for row in rows:
        _begin(row, places[row["queue"]].moment)
    inserting.insert(session, rows)
    ids = [row["id"] for row in rows]
    if any(row["unique_key"] for row in rows):
        arrived = set(session.scalars(sa.select(Job.id).where(Job.id.in_(ids))))
        ids = [job_id for job_id in ids if job_id in arrived]
    for queue in {row["queue"] for row in rows if row["state"] == State.AVAILABLE}:
        place = places[queue]
        ring_after_commit(session, queue, place.moment if doorbells.is_silent(place) else None)
    return ids


def _begin(row: dict[str, Any], moment: datetime) -> None:
    later = row["run_at"] is not None and row["run_at"] > moment
    row["state"] = row["state"] or (State.SCHEDULED if later else State.AVAILABLE)
    row["run_at"] = row["run_at"] or moment
    row["created_at"] = moment


def ring_after_commit(session: Session, queue: str, silent_at: datetime | None = None) -> None:
    """Ring the queue's doorbell once this transaction has committed, once however often it is asked.

    With `silent_at` it is known already that no ring of it was unanswered at that moment.
    """
    queues: dict[str, datetime | None] = session.info.setdefault("queues_to_ring", {})
    if not queues:
        after_commit(session, lambda: _ring(session.info.pop("queues_to_ring")))
    queues[queue] = silent_at or queues.get(queue)


def _ring(queues: dict[str, datetime | None]) -> None:
    doorbells.ring(queues, silent={queue: moment for queue, moment in queues.items() if moment})


@contextmanager
def caused_by(job_id: str) -> Any:
    """Jobs asked for inside have this job as their parent."""
    token = current_job.set(job_id)
    try:
        yield
    finally:
        current_job.reset(token)
