"""Asking for work, in the caller's own transaction: no commit, no job."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from stonehand.db import Session, after_commit, insert, new_id, now
from stonehand.jobs import declaration, doorbells
from stonehand.jobs.models import HELD_OR_WAITING, Job
from stonehand.jobs.states import State

Args = Mapping[str, str]
CHUNK = 1000  # rows an INSERT
FRESH = {"attempts": 0, "crash_count": 0, "solo": False, "fence": 0, "claim_size": 0}

current_job: ContextVar[str | None] = ContextVar("current_job", default=None)


def enqueue(
    session: Session,
    name: str,
    args: Args,
    *,
    unique_key: str | None = None,
    priority: int | None = None,
    run_at: datetime | None = None,
) -> str | None:
    """Ask for one job. Returns its id, or None if one with the same unique key waits or runs already."""
    task = declaration.find(name)
    row = _row(session, task, dict(args), unique_key, priority, run_at)
    ids = _insert(session, [row])
    return ids[0] if ids else None


def enqueue_plain(session: Session, name: str, queue: str, unique_key: str) -> str | None:
    """Ask for a job without arguments, of a task whose room this process need not load: it gets the usual limits."""
    task = declaration.Task(name, queue, body=_nothing)
    ids = _insert(session, [_row(session, task, {}, unique_key, None, None)])
    return ids[0] if ids else None


def _nothing() -> None:
    """The body of a task that is only asked for here, never run."""


def enqueue_many(session: Session, name: str, all_args: Iterable[Args], *, unique: str | None = None) -> int:
    """Ask for many jobs of one task. `unique` is a pattern such as `fetch:{entry_id}`. Returns how many are new."""
    task = declaration.find(name)
    moment = now(session)
    rows = [_row(session, task, dict(args), unique and unique.format(**args), None, None, moment) for args in all_args]
    return sum(len(_insert(session, rows[start : start + CHUNK])) for start in range(0, len(rows), CHUNK))


def _row(
    session: Session,
    task: declaration.Task,
    args: dict[str, str],
    unique_key: str | None,
    priority: int | None,
    run_at: datetime | None,
    moment: datetime | None = None,
) -> dict[str, Any]:
    moment = moment or now(session)
    later = run_at is not None and run_at > moment
    return {
        "id": new_id(),
        "task": task.name,
        "queue": task.queue,
        "args": args,
        "state": State.SCHEDULED if later else State.AVAILABLE,
        "priority": task.priority if priority is None else priority,
        "run_at": run_at or moment,
        "unique_key": unique_key,
        "parent_id": current_job.get(),
        "max_retries": task.retries,
        **FRESH,
        "created_at": moment,
    }


def _insert(session: Session, rows: Sequence[dict[str, Any]]) -> list[str]:
    if not rows:
        return []
    statement = (
        insert(session, Job.__table__)
        .on_conflict_do_nothing(
            index_elements=["unique_key"],
            index_where=sa.text(f"unique_key IS NOT NULL AND state IN ({HELD_OR_WAITING})"),
        )
        .returning(Job.id)
    )
    # Rows go as parameters of one statement: one VALUES clause of all of them takes longer to compile than to run.
    ids = list(session.connection().execute(statement, list(rows)).scalars())
    if any(row["state"] == State.AVAILABLE for row in rows):
        ring_after_commit(session, rows[0]["queue"])
    return ids


def ring_after_commit(session: Session, queue: str) -> None:
    """Ring the queue's doorbell once this transaction has committed, once however often it is asked."""
    queues: set[str] = session.info.setdefault("queues_to_ring", set())
    if not queues:
        after_commit(session, lambda: doorbells.ring(session.info.pop("queues_to_ring")))
    queues.add(queue)


@contextmanager
def caused_by(job_id: str) -> Any:
    """Jobs asked for inside have this job as their parent."""
    token = current_job.set(job_id)
    try:
        yield
    finally:
        current_job.reset(token)
