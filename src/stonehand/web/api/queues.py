"""Queues, workers and tasks: who has what to do, and what can be asked for."""

from __future__ import annotations

from collections import Counter

from fastapi import APIRouter

from stonehand import db
from stonehand.accounts import service as accounts
from stonehand.db import Session
from stonehand.jobs import declaration, service
from stonehand.jobs.desk import loads, parameters, samples
from stonehand.jobs.errors import TaskUnknown
from stonehand.jobs.schemas import CourseOut, ParameterOut, QueueOut, TaskOut, WorkerOut
from stonehand.jobs.worker import presence
from stonehand.web.api.contract import ById, Page, whole
from stonehand.web.deps import Admin, Reader

router = APIRouter(tags=["jobs"])


@router.get("/queues", summary="What each queue has to do")
def queues(person: Reader) -> Page[QueueOut]:
    """The idle ones too."""
    with db.database().read() as session:
        return whole(_queues(session))


@router.get("/queues/history", summary="How the queues stood lately")
def history(person: Reader) -> Page[CourseOut]:
    """Of those that had something to do."""
    with db.database().read() as session:
        found = samples.courses(session)
    return whole(
        [CourseOut.model_validate(course).model_copy(update={"queue": name}) for name, course in found.items()]
    )


@router.post("/queues/{name}/pause", summary="Stop handing out a queue's jobs")
def pause(name: ById, person: Admin) -> QueueOut:
    """What runs goes on; what waits keeps its place."""
    with db.database().transaction() as session:
        service.pause(session, f"queue:{name}", person.name)
        accounts.record(session, person, "paused", "queue", name)
        return _queue(session, name)


@router.post("/queues/{name}/resume", summary="Hand out a queue's jobs again")
def resume(name: ById, person: Admin) -> QueueOut:
    """No matter if it was not paused."""
    with db.database().transaction() as session:
        service.resume(session, f"queue:{name}")
        accounts.record(session, person, "resumed", "queue", name)
        return _queue(session, name)


@router.get("/workers", summary="Who is working")
def workers(person: Reader) -> Page[WorkerOut]:
    """The workers that are alive, what they serve, their processes and their memory in bytes."""
    with db.database().read() as session:
        return whole([WorkerOut.model_validate(worker) for worker in presence.alive(session)])


@router.get("/tasks", summary="What jobs can be asked for")
def tasks(person: Reader) -> Page[TaskOut]:
    """The tasks that running workers know, and those that only this process knows."""
    with db.database().read() as session:
        serving = Counter(task for worker in presence.alive(session) for task in worker.tasks)
    return whole([_task(name, serving[name]) for name in sorted({*serving, *declaration.known()})])


def _task(name: str, workers: int) -> TaskOut:
    try:
        task = declaration.find(name)
    except TaskUnknown:  # of a worker with other plugins or of another version
        return TaskOut(name=name, workers=workers)
    takes = parameters.of(task)
    shown = None if takes is None else [ParameterOut.model_validate(each) for each in takes]
    said = {"queue": task.queue, "role": task.role, "about": parameters.explained(task)}
    return TaskOut(name=name, workers=workers, parameters=shown, **said)


def _queues(session: Session) -> list[QueueOut]:
    lately = samples.rates(session)
    return [
        QueueOut.model_validate(load).model_copy(update={"rate": lately.get(load.name, 0.0)})
        for load in loads.loads(session)
    ]


def _queue(session: Session, name: str) -> QueueOut:
    session.flush()
    return next(queue for queue in _queues(session) if queue.name == name)
