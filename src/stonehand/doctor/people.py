"""The workers: whether they are alive, serve every queue, know every task, are of one version and not too heavy."""

from __future__ import annotations

from collections import defaultdict

import sqlalchemy as sa

from stonehand import __version__, db
from stonehand.db import Session
from stonehand.doctor.findings import Verdict, counted, fine, problem, warning
from stonehand.jobs import declaration
from stonehand.jobs.desk import loads
from stonehand.jobs.models import Job, Worker
from stonehand.jobs.states import State
from stonehand.jobs.worker import presence

HEAVY = 1024 * 2**20  # bytes of one process of a worker


def workers() -> list[Verdict]:
    """Whether there are any, and every queue has one."""
    with db.database().read() as session:
        alive, ready = presence.alive(session), {load.name: load.ready for load in loads.loads(session)}
    if not alive:
        mend = "stonehand start, or one alone: stonehand worker"
        return [problem(f"No worker runs; ready: {counted(sum(ready.values()), 'job')}.", mend)]
    unserved = [name for name in declaration.QUEUES if not any(name in worker.queues for worker in alive)]
    if not unserved:
        return fine(f"{len(alive)} alive; together they serve every queue.")
    waiting = sum(ready[name] for name in unserved)
    words = f"No worker serves {', '.join(unserved)}; ready there: {counted(waiting, 'job')}."
    return [problem(words, f"stonehand worker --queue {','.join(unserved)}")]


def memory() -> list[Verdict]:
    """Whether a process has grown too much."""
    with db.database().read() as session:
        sizes = [(each["memory"], each["pid"], worker) for worker in _alive(session) for each in worker.processes or []]
    heavy = [(size, pid, worker) for size, pid, worker in sizes if size > HEAVY]
    if not heavy:
        return fine(f"The heaviest process of a worker has {max((size for size, *_ in sizes), default=0) // 2**20} MB.")
    mend = "STONEHAND_WORKER_MAX_TASKS_PER_CHILD=100 replaces processes sooner; STONEHAND_CONCURRENCY=1 has fewer"
    return [warning(f"Process {pid} of {worker.name} has {size // 2**20:,} MB.", mend) for size, pid, worker in heavy]


def _alive(session: Session) -> list[Worker]:
    return presence.alive(session)


def versions() -> list[Verdict]:
    """Whether all are of this version."""
    with db.database().read() as session:
        others = [worker for worker in _alive(session) if worker.version not in ("", __version__)]
    if not others:
        return fine(f"All are of version {__version__}.")
    first = others[0]
    words = f"{len(others)} are of another version than this one ({__version__}), first {first.name}: {first.version}."
    return [warning(words, "install the same version everywhere and start those workers again")]


def tasks() -> list[Verdict]:
    """Whether somebody knows each task that waits."""
    with db.database().read() as session:
        alive = _alive(session)
        waiting = session.execute(
            sa.select(Job.queue, Job.task, sa.func.count())
            .where(Job.state == State.AVAILABLE)
            .group_by(Job.queue, Job.task)
        ).all()
    known: dict[str, set[str]] = defaultdict(set)
    for worker in alive:
        for queue in worker.queues:
            known[queue].update(worker.tasks)
    unknown = [(queue, task, count) for queue, task, count in waiting if known[queue] and task not in known[queue]]
    if not unknown:
        return fine("Every task that waits is known to a worker.")
    return [_unknown(queue, task, count) for queue, task, count in unknown]


def _unknown(queue: str, task: str, count: int) -> Verdict:
    return problem(
        f"No worker of {queue} knows the task {task}; waiting for one that does: {counted(count, 'job')}.",
        "it is of another version, or could not be imported: see rooms and plugins here, and start the workers again",
    )
