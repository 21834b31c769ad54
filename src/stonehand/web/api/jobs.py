"""Jobs: what was asked for, how far it is, why it does not run, and an operator's verbs."""

from __future__ import annotations

from collections import Counter
from inspect import signature
from typing import Annotated

from fastapi import APIRouter, Query

from stonehand import db, jobs
from stonehand.accounts import service as accounts
from stonehand.db import Session
from stonehand.errors import Rejected
from stonehand.jobs import declaration, explanation, loads, presence, queries, service
from stonehand.jobs.declaration import Task
from stonehand.jobs.models import Job
from stonehand.jobs.schemas import JobDetail, JobIn, JobOut, QueueOut, TaskOut, WorkerOut
from stonehand.jobs.states import State
from stonehand.web.api.contract import Before, ById, Limit, Page, page, problems, whole
from stonehand.web.deps import Admin, Editor, Reader

router = APIRouter(tags=["jobs"])
States = Annotated[list[State], Query(default_factory=list, description="One or several states; all if left out.")]
Word = Annotated[str, Query(max_length=100, pattern=r"^[^\x00]*$")]


class ArgumentsUnfit(Rejected):
    """The task takes other arguments."""


@router.get("/jobs", summary="Jobs, newest first")
def listing(
    person: Reader, state: States, task: Word = "", queue: Word = "", before: Before = None, limit: Limit = 50
) -> Page[JobOut]:
    """Perhaps only those in some states, of one task or of one queue."""
    with db.database().read() as session:
        found = queries.listing(session, state, task, queue, before or "", limit + 1)
        return page(found, limit, JobOut.of)


@router.post("/jobs", status_code=202, summary="Ask for a job of any task")
def ask(wish: JobIn, person: Admin) -> JobOut:
    """The task's own way of asking is usually better; this one is for operators. `GET /tasks` names what there is."""
    _check_arguments(declaration.find(wish.task), wish.args)
    with db.database().transaction() as session:
        job_id = jobs.enqueue(session, wish.task, wish.args, priority=wish.priority, run_at=wish.run_at)
        accounts.record(session, person, "asked for", "job", job_id or "", {"task": wish.task, "args": wish.args})
        return JobOut.of(queries.job(session, job_id or ""))


@router.get("/jobs/{job_id}", responses=problems(404), summary="One job, its tries, and why it does not run")
def one(job_id: ById, person: Reader) -> JobDetail:
    """404 if it never was or its record has expired."""
    with db.database().read() as session:
        return _detail(session, queries.job(session, job_id))


@router.post("/jobs/{job_id}/cancel", status_code=202, responses=problems(404, 409), summary="Cancel a job")
def cancel(job_id: ById, person: Editor) -> JobDetail:
    """One that waits is cancelled at once; one that runs, between two of its items."""
    with db.database().transaction() as session:
        job = service.cancel(session, job_id)
        accounts.record(session, person, "cancelled", "job", job_id, {"task": job.task})
        return _detail(session, job)


@router.post("/jobs/{job_id}/retry", status_code=202, responses=problems(404, 409), summary="Run a job again")
def retry(job_id: ById, person: Editor) -> JobDetail:
    """A failed, dead or cancelled one, now, with all its tries."""
    with db.database().transaction() as session:
        job = service.retry(session, job_id)
        accounts.record(session, person, "retried", "job", job_id, {"task": job.task})
        return _detail(session, job)


@router.get("/queues", summary="What each queue has to do")
def queues(person: Reader) -> Page[QueueOut]:
    """The idle ones too."""
    with db.database().read() as session:
        return whole([QueueOut.model_validate(load) for load in loads.loads(session)])


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
    """The workers that are alive, and what they serve."""
    with db.database().read() as session:
        return whole([WorkerOut.model_validate(worker) for worker in presence.alive(session)])


@router.get("/tasks", summary="What jobs can be asked for")
def tasks(person: Reader) -> Page[TaskOut]:
    """The tasks that running workers know, and those that only this process knows."""
    with db.database().read() as session:
        serving = Counter(task for worker in presence.alive(session) for task in worker.tasks)
    names = sorted({*serving, *declaration.known()})
    return whole([TaskOut(name=name, workers=serving[name]) for name in names])


def _detail(session: Session, job: Job) -> JobDetail:
    why = explanation.why_not_running(session, job)
    return JobDetail.whole(job, queries.attempts(session, job.id), why)


def _queue(session: Session, name: str) -> QueueOut:
    session.flush()
    return next(QueueOut.model_validate(load) for load in loads.loads(session) if load.name == name)


def _arguments(task: Task) -> list[str] | None:
    return None if task.is_batch else list(signature(task.body).parameters)[1:]


def _check_arguments(task: Task, args: dict[str, str]) -> None:
    wanted = _arguments(task)
    if wanted is not None and set(args) != set(wanted):
        raise ArgumentsUnfit(
            f"{task.name} takes {', '.join(wanted) or 'no arguments'}, not {', '.join(args) or 'none'}"
        )
