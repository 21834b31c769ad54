"""The pages of jobs: what runs, what waits and why, and an operator's verbs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from stonehand import db
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.jobs import service
from stonehand.jobs.errors import JobBusy
from stonehand.jobs.models import Job
from stonehand.web import flash
from stonehand.web.api.contract import Before, ById
from stonehand.web.deps import Admin, Editor, Reader
from stonehand.web.flash import Flash
from stonehand.web.pages import job_reading as reading
from stonehand.web.pages.showing import show
from stonehand.web.words import plural

router = APIRouter(include_in_schema=False)
Show = Literal["unfinished", "dead", "completed", "cancelled", "all"]
Word = Annotated[str, Query(max_length=100, pattern=r"^[^\x00]*$")]
Verb = Callable[[db.Session, str], Job]


@router.get("/jobs")
def index(
    request: Request,
    person: Reader,
    state: Annotated[Show, Query(alias="show")] = "unfinished",
    task: Word = "",
    queue: Word = "",
    before: Before = None,
) -> Response:
    """Jobs, newest first, perhaps only some; the queues and the workers."""
    wish = reading.Filter(state, task.strip(), queue, before or "")
    return show(request, person, "jobs/index.html", lambda session: reading.index(session, person, wish))


@router.post("/jobs/retry-dead")
def retry_dead(person: Editor) -> Response:
    """Run every dead letter again that is one now."""
    with db.database().transaction() as session:
        before = db.now(session)
    total = 0
    while True:
        with db.database().transaction() as session:
            count = service.retry_dead(session, before)
            total += count
            if not count:
                accounts.record(session, person, "retried", "dead letters", "", {"count": total})
                break
    return flash.redirect("/jobs", Flash(f"{plural(total, 'dead letter')} run again."))


@router.get("/jobs/{job_id}")
def one(request: Request, job_id: ById, person: Reader) -> Response:
    """One job: how far it is, its tries, and why it does not run."""
    return show(request, person, "jobs/job.html", lambda session: reading.one(session, person, job_id))


@router.post("/jobs/{job_id}/cancel")
def cancel(job_id: ById, person: Editor) -> Response:
    """Stop a job: at once if it waits, between two items if it runs."""
    return _act(job_id, person, service.cancel, "cancelled", "Cancelled; if it runs, it stops after the present item.")


@router.post("/jobs/{job_id}/retry")
def retry(job_id: ById, person: Editor) -> Response:
    """Run a failed, dead or cancelled job again."""
    return _act(job_id, person, service.retry, "retried", "It runs again, as soon as a worker is free.")


def _act(job_id: str, person: Person, verb: Verb, word: str, done: str) -> Response:
    try:
        with db.database().transaction() as session:
            job = verb(session, job_id)
            accounts.record(session, person, word, "job", job_id, {"task": job.task})
    except JobBusy as error:
        words = str(error)
        return flash.redirect(f"/jobs/{job_id}", Flash(f"{words[0].upper()}{words[1:]}.", "bad"))
    return flash.redirect(f"/jobs/{job_id}", Flash(done, "quiet"))


@router.post("/queues/{name}/pause")
def pause(name: ById, person: Admin) -> Response:
    """Stop handing out a queue's jobs; what runs goes on."""
    with db.database().transaction() as session:
        service.pause(session, f"queue:{name}", person.name)
        accounts.record(session, person, "paused", "queue", name)
    said = Flash(f"The queue {name} is paused. What runs goes on; what waits keeps its place.", "quiet")
    return flash.redirect("/jobs", said)


@router.post("/queues/{name}/resume")
def resume(name: ById, person: Admin) -> Response:
    """Hand out a queue's jobs again."""
    with db.database().transaction() as session:
        service.resume(session, f"queue:{name}")
        accounts.record(session, person, "resumed", "queue", name)
    return flash.redirect("/jobs", Flash(f"The queue {name} goes on."))
