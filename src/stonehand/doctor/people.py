"""The workers: whether they are alive, serve every queue, know every task, are of one version and not too heavy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import sqlalchemy as sa

from stonehand import __version__, config, db
from stonehand.db import Session
from stonehand.doctor.findings import Verdict, counted, fine, problem, warning
from stonehand.jobs import declaration
from stonehand.jobs.desk import loads
from stonehand.jobs.models import Job, Worker
from stonehand.jobs.states import State
from stonehand.jobs.worker import presence


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
    """Whether a process has grown too much, or the system has ended some because memory ran out."""
    with db.database().read() as session:
        found = [(each, worker) for worker in _alive(session) for each in worker.processes or []]
    most = config.settings().worker_max_memory_mb * 2**20
    bad = [_heavy(each, worker) for each, worker in found if each["memory"] > most]
    bad += [_starved(each["starved"], worker) for each, worker in found if each.get("starved")]
    heaviest = max((each["memory"] for each, _ in found), default=0) // 2**20
    return bad or fine(f"The heaviest process of a worker has {heaviest} MB.")


def _heavy(process: Mapping[str, int], worker: Worker) -> Verdict:
    words = f"Process {process['pid']} of {worker.name} has {process['memory'] // 2**20:,} MB."
    mend = "STONEHAND_WORKER_MAX_MEMORY_MB replaces processes that grow sooner; STONEHAND_CONCURRENCY=1 has fewer"
    return warning(words, mend)


def _starved(count: int, worker: Worker) -> Verdict:
    words = f"For lack of memory the system has ended {counted(count, 'process', 'processes')} beside {worker.name}"
    return warning(
        f"{words} since it started; what they held was tried again, each job three times at most.",
        "give it more memory (MemoryMax of systemd, mem_limit of a container), or fewer processes: "
        "STONEHAND_CONCURRENCY=1; which jobs: stonehand dead-letters",
    )


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
