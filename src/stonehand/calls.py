"""The Python calls of older installations: what runs, what waits, what can be asked for, how one job stands, stop it.

They open transactions of their own. An unknown or expired job raises `JobNotFound`; it is never said to be pending.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from stonehand import db, formerly, log, pipeline
from stonehand.db import Session
from stonehand.jobs import declaration, queries, service
from stonehand.jobs.broker import answers
from stonehand.jobs.models import Job
from stonehand.jobs.states import UNFINISHED, WAITING, State
from stonehand.jobs.worker import presence

MOST = 200


def get_active_tasks(limit: int = MOST) -> list[dict[str, Any]]:
    """What runs now, the newest first."""
    with db.database().read() as session:
        return [described(job) for job in queries.listing(session, [State.EXECUTING], limit=limit)]


def get_scheduled_tasks(limit: int = MOST) -> list[dict[str, Any]]:
    """What waits, the newest first; `eta` is when it may run."""
    with db.database().read() as session:
        return [described(job) for job in queries.listing(session, WAITING, limit=limit)]


def get_registered_tasks() -> list[str]:
    """Every name by which a task can be asked for: ours, those that running workers know, and old ones."""
    pipeline.install_worker()
    with db.database().read() as session:
        return registered(session)


def get_task_status(task_id: str) -> dict[str, Any]:
    """How a job stands, by its id or the one that a Celery client gave it; its result once it is done."""
    with db.database().read() as session:
        return status(queries.job(session, task_id))


def cancel_task(task_id: str) -> dict[str, Any]:
    """Stop a job: at once if it waits, between two items if it runs. Raises `JobBusy` if it has ended."""
    with db.database().transaction() as session:
        return status(service.cancel(session, task_id))


def registered(session: Session) -> list[str]:
    """Every name by which a task can be asked for."""
    serving = (name for worker in presence.alive(session) for name in worker.tasks)
    old = (former.name for former in formerly.TASKS)
    return sorted({*declaration.known(), *serving, *old})


def active(session: Session, before: str, limit: int) -> Sequence[Job]:
    """What runs or waits, newest first."""
    return queries.listing(session, UNFINISHED, before=before, limit=limit)


def told_apart(jobs: Iterable[Job]) -> dict[str, list[dict[str, Any]]]:
    """What runs, and what waits."""
    found: dict[str, list[dict[str, Any]]] = {"active": [], "scheduled": []}
    for job in jobs:
        found["active" if job.state == State.EXECUTING else "scheduled"].append(described(job))
    return found


def described(job: Job) -> dict[str, Any]:
    """A job as Celery's own inspection would tell of it."""
    return {
        "id": job.celery_id or job.id,
        "name": job.called_as or job.task,
        "job_id": job.id,
        "args": log.redact(job.args),
        "status": answers.word(job),
        "worker": job.worker if job.state == State.EXECUTING else None,
        "time_start": job.started_at if job.state == State.EXECUTING else None,
        "eta": None if job.state == State.EXECUTING else job.run_at,
        "priority": job.priority,
    }


def status(job: Job) -> dict[str, Any]:
    """How a job stands, in Celery's words."""
    word = answers.word(job)
    found: dict[str, Any] = {"task_id": job.celery_id or job.id, "status": word}
    if word == "SUCCESS":
        return found | {"result": answers.returned(job)}
    return found | ({"error": answers.value(job)} if word in ("FAILURE", "REVOKED") else {})
