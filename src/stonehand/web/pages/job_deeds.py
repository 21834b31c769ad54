"""The page of one job, and what a person does to it; stopping and starting queues."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from stonehand import db
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.db import Session
from stonehand.errors import Rejected
from stonehand.jobs import service
from stonehand.jobs.desk import steering
from stonehand.jobs.errors import JobBusy
from stonehand.jobs.models import Job
from stonehand.leftovers import NothingLeft
from stonehand.web import flash, starting
from stonehand.web.api.contract import ID, ById
from stonehand.web.deps import Admin, Editor, Reader
from stonehand.web.flash import Flash
from stonehand.web.pages import job_page_reading as reading
from stonehand.web.pages.job_routes import Given, Line, sentence
from stonehand.web.pages.showing import show

router = APIRouter(include_in_schema=False)
After = Annotated[str, Query(pattern=rf"{ID}|^$")]


@router.get("/jobs/{job_id}")
def one(request: Request, job_id: ById, person: Reader, after: After = "") -> Response:
    """One job: how far it is, its tries, and why it does not run."""
    return show(request, person, "jobs/job.html", lambda session: reading.one(session, person, job_id, after))


@router.post("/jobs/{job_id}/cancel")
def cancel(job_id: ById, person: Editor) -> Response:
    """Stop a job: at once if it waits, between two items if it runs."""
    done = "Cancelled; if it runs, it stops after the present item."
    return _act(job_id, person, "cancelled", lambda session: service.cancel(session, job_id), done)


@router.post("/jobs/{job_id}/retry")
def retry(job_id: ById, person: Editor) -> Response:
    """Run a failed, dead or cancelled job again."""
    done = "It runs again, as soon as a worker is free."
    return _act(job_id, person, "retried", lambda session: service.retry(session, job_id), done)


@router.post("/jobs/{job_id}/rest")
def ask_for_rest(job_id: ById, person: Editor) -> Response:
    """Ask for the addresses again that it did not bring, by a job of their own."""
    try:
        made = starting.rest(person, job_id)
    except (JobBusy, NothingLeft, Rejected) as error:
        return flash.redirect(f"/jobs/{job_id}", Flash(sentence(error), "bad"))
    return flash.redirect(f"/jobs/{made}", Flash("It asks for what the other job did not bring.", "quiet"))


@router.post("/jobs/{job_id}/run-now")
def run_now(job_id: ById, person: Editor) -> Response:
    """Do not let it wait for its time any longer."""
    done = "It waits no longer; it runs as soon as a worker is free."
    return _act(job_id, person, "hurried", lambda session: steering.run_now(session, job_id), done)


@router.post("/jobs/{job_id}/priority")
def prioritise(job_id: ById, person: Editor, priority: Annotated[int, Form(ge=0, le=9)]) -> Response:
    """Let it run sooner or later than others."""

    def verb(session: Session) -> Job:
        return steering.prioritise(session, job_id, priority)

    return _act(job_id, person, "prioritised", verb, f"Its priority is {priority} of 9 now.", priority=priority)


@router.post("/jobs/{job_id}/resolve")
def resolve(job_id: ById, person: Editor, reason: Line = "") -> Response:
    """Resolve a dead letter: nothing is to be done about it any more."""

    def verb(session: Session) -> Job:
        return steering.resolve(session, job_id, person.name, reason)

    return _act(job_id, person, "resolved", verb, "Resolved. It can still be run again from here.", reason=reason)


@router.post("/jobs/{job_id}/happened")
def happened(job_id: ById, person: Editor, note: Line = "") -> Response:
    """It did happen outside."""

    def verb(session: Session) -> Job:
        return steering.it_happened(session, job_id, person.name, note)

    return _act(job_id, person, "confirmed", verb, "Noted: it did happen, so it is done.", note=note)


@router.post("/jobs/{job_id}/not-happened")
def not_happened(job_id: ById, person: Editor) -> Response:
    """It did not happen outside."""
    done = "Noted: it did not happen, so it runs again."
    return _act(job_id, person, "denied", lambda session: steering.it_did_not_happen(session, job_id), done)


@router.post("/jobs/{job_id}/fix")
def fix(job_id: ById, person: Editor, args: Given) -> Response:
    """Run it again with other arguments."""

    def verb(session: Session) -> Job:
        starting.check_things(session, args)
        return steering.mend(session, job_id, args)

    return _act(job_id, person, "fixed", verb, "It runs again with these arguments.", args=args)


def _act(job_id: str, person: Person, word: str, verb: Callable[[Session], Job], done: str, **detail: Any) -> Response:
    try:
        with db.database().transaction() as session:
            job = verb(session)
            accounts.record(session, person, word, "job", job_id, {"task": job.task, **detail})
    except (JobBusy, Rejected) as error:
        return flash.redirect(f"/jobs/{job_id}", Flash(sentence(error), "bad"))
    return flash.redirect(f"/jobs/{job_id}", Flash(done, "quiet"))


@router.post("/queues/{name}/pause")
def pause(name: ById, person: Admin) -> Response:
    """Stop handing out a queue's jobs; what runs goes on."""
    with db.database().transaction() as session:
        service.pause(session, f"queue:{name}", person.name)
        accounts.record(session, person, "paused", "queue", name)
    said = Flash(f"The queue {name} is paused. What runs goes on; what waits keeps its place.", "quiet")
    return flash.redirect("/jobs/queues", said)


@router.post("/queues/{name}/resume")
def resume(name: ById, person: Admin) -> Response:
    """Hand out a queue's jobs again."""
    with db.database().transaction() as session:
        service.resume(session, f"queue:{name}")
        accounts.record(session, person, "resumed", "queue", name)
    return flash.redirect("/jobs/queues", Flash(f"The queue {name} goes on."))
