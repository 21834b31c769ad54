"""What the monitor shows: one look at queues, workers, running jobs, rates and dead letters."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from stonehand import db
from stonehand.db import Session
from stonehand.jobs import queries
from stonehand.jobs.desk import loads
from stonehand.jobs.models import Job, Worker
from stonehand.jobs.states import DEAD, State
from stonehand.jobs.worker import presence

MOST = 20  # running jobs and kinds of dead letters
OF_THE_RATE = timedelta(minutes=1)


def look(session: Session) -> dict[str, Any]:
    """Everything, as plain values. Times are seconds."""
    moment = db.now(session)
    done = queries.done_lately(session, 1, OF_THE_RATE)
    running = queries.listing(session, [State.EXECUTING], limit=MOST)
    counts = queries.counts(session)
    return {
        "at": moment,
        "done_per_minute": sum(sum(each) for each in done.values()),
        "running": counts[State.EXECUTING],
        "ready": counts[State.AVAILABLE],
        "dead": sum(counts[state] for state in DEAD),
        "queues": [_queue(load, sum(done.get(load.name, [0])), moment) for load in loads.loads(session)],
        "workers": [_worker(session, each, moment) for each in presence.alive(session)],
        "jobs": [_job(each, moment) for each in reversed(running)],
        "dead_letters": _dead(session),
    }


def _queue(load: loads.Load, done: int, moment: Any) -> dict[str, Any]:
    oldest = (moment - load.oldest_ready_at).total_seconds() if load.oldest_ready_at else None
    return {
        "queue": load.name,
        "ready": load.ready,
        "waiting": load.waiting,
        "running": load.executing,
        "done_per_minute": done,
        "oldest_seconds": None if oldest is None else round(max(oldest, 0.0), 1),
        "workers": load.workers,
        "paused_by": load.paused_by,
    }


def _worker(session: Session, worker: Worker, moment: Any) -> dict[str, Any]:
    return {
        "worker": worker.name,
        "running": running_of(session, worker.name),
        "concurrency": worker.concurrency,
        "memory_mb": memory_of(worker),
        "seen_seconds": round((moment - worker.seen_at).total_seconds(), 1),
        "queues": len(worker.queues),
    }


def _job(job: Job, moment: Any) -> dict[str, Any]:
    far = f"{job.progress_current}/{job.progress_total or '?'}" if job.progress_current is not None else ""
    seconds = (moment - job.started_at).total_seconds() if job.started_at else 0.0
    return {"job": job.id, "task": job.task, "seconds": round(max(seconds, 0.0), 1), "progress": far}


def _dead(session: Session) -> list[dict[str, Any]]:
    """Dead letters by task and kind of error, the most frequent first."""
    count = sa.func.count()
    statement = sa.select(Job.task, Job.error_kind, count, sa.func.max(Job.error)).where(Job.state.in_(DEAD))
    rows = session.execute(statement.group_by(Job.task, Job.error_kind).order_by(count.desc()).limit(MOST))
    return [{"count": number, "task": task, "kind": kind, "error": error} for task, kind, number, error in rows]


def running_of(session: Session, worker: str) -> int:
    """How many jobs this worker holds, in all of its processes."""
    mine = sa.or_(Job.worker == worker, Job.worker.endswith(f"{presence.OF}{worker}", autoescape=True))
    statement = sa.select(sa.func.count()).where(Job.state == State.EXECUTING, mine)
    return session.scalar(statement) or 0


def memory_of(worker: Worker) -> int | None:
    """MiB of a worker and its pool when it was last seen; None if it has not said so yet."""
    sizes = [each["memory"] for each in worker.processes or []]
    return sum(sizes) // 2**20 if sizes else None
