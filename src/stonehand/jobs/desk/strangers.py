"""Jobs whose task no running worker knows. They wait, since a deploy may be half done; but not for ever."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa

from stonehand import config, log
from stonehand.db import Database, Session, insert, now
from stonehand.jobs.declaration import QUEUES
from stonehand.jobs.models import Job, UnknownTask, Worker
from stonehand.jobs.states import State
from stonehand.jobs.worker import presence

EVERY = 30.0  # seconds between two looks; it is asked once a second
CHUNK = 500  # jobs discarded in one transaction

Place = tuple[str, str]  # a queue and a task
_next = 0.0


def sweep(database: Database) -> None:
    """Note which tasks are unknown, and discard the jobs of those that have been for too long."""
    global _next  # noqa: PLW0603  one clock a process
    if time.monotonic() < _next:
        return
    grace = config.settings().unknown_task_seconds
    _next = time.monotonic() + min(EVERY, grace / 4)
    with database.read() as session:
        workers = presence.alive(session)
        found = unknown(_waiting(session), workers)
        noted = {(row.queue, row.task) for row in session.scalars(sa.select(UnknownTask))}
    if found or noted:
        with database.transaction() as session:
            _note(session, found, noted)
            _discard(session, timedelta(seconds=grace))


def unknown(waiting: Iterable[Place], workers: Collection[Worker]) -> set[Place]:
    """Those that workers serve the queue of, and none of these knows the task."""
    serving = {queue: [worker for worker in workers if queue in worker.queues] for queue in QUEUES}
    return {
        (queue, task)
        for queue, task in waiting
        if serving.get(queue) and not any(task in worker.tasks for worker in serving[queue])
    }


def until(session: Session, queue: str, task: str) -> datetime | None:
    """When the jobs of an unknown task become dead letters, unless a worker comes that knows it."""
    since = session.scalar(sa.select(UnknownTask.since).where(UnknownTask.queue == queue, UnknownTask.task == task))
    return since and since + timedelta(seconds=config.settings().unknown_task_seconds)


def _waiting(session: Session) -> list[Place]:
    """Of which tasks jobs are ready: one step into an index for each, however many wait."""
    found: list[Place] = []
    for queue in QUEUES:
        ready = sa.select(sa.func.min(Job.task)).where(Job.queue == queue, Job.state == State.AVAILABLE)
        task = session.scalar(ready)
        while task is not None:
            found.append((queue, task))
            task = session.scalar(ready.where(Job.task > task))
    return found


def _note(session: Session, found: Collection[Place], noted: Collection[Place]) -> None:
    for queue, task in sorted(set(noted) - set(found)):
        session.execute(sa.delete(UnknownTask).where(UnknownTask.queue == queue, UnknownTask.task == task))
    for queue, task in sorted(set(found) - set(noted)):
        row = insert(session, UnknownTask).values(queue=queue, task=task, since=now(session))
        session.execute(row.on_conflict_do_nothing())
        log.logger(__name__).warning("no running worker knows this task", task=task, queue=queue)


def _discard(session: Session, grace: timedelta) -> None:
    moment = now(session)
    for row in session.scalars(sa.select(UnknownTask).where(UnknownTask.since <= moment - grace)):
        hours = f"{grace.total_seconds() / 3600:g} h"
        ready = sa.select(Job.id).where(Job.queue == row.queue, Job.task == row.task, Job.state == State.AVAILABLE)
        dead = {
            "state": State.DISCARDED,
            "finished_at": moment,
            "error_kind": "TaskUnknown",
            "error": f"no running worker knew the task {row.task} for {hours}; start one that does, then run it again",
        }
        session.execute(sa.update(Job).where(Job.id.in_(ready.limit(CHUNK))).values(**dead))
