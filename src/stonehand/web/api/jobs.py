"""Jobs: what was asked for, how far it is, why it does not run, and an operator's verbs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query

from stonehand import db
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.db import Session
from stonehand.jobs import queries, service
from stonehand.jobs.desk import bulk, explanation, filters, steering
from stonehand.jobs.models import Job
from stonehand.jobs.schemas import JobDetail, JobIn, JobOut
from stonehand.jobs.states import State
from stonehand.web import starting
from stonehand.web.api.contract import Before, ById, JobRef, Limit, Page, problems
from stonehand.web.api.job_shapes import (
    BulkIn,
    BulkOut,
    ChainIn,
    FlowOut,
    GroupIn,
    HappenedIn,
    MendIn,
    PriorityIn,
    ReasonIn,
)
from stonehand.web.deps import Editor, Reader
from stonehand.web.job_filter import Narrowed

router = APIRouter(tags=["jobs"])
States = Annotated[list[State], Query(default_factory=list, description="One or several states; all if left out.")]
BUSY = problems(404, 409)


@router.get("/jobs", summary="Jobs, newest first")
def listing(
    person: Reader, state: States, narrowed: Narrowed, before: Before = None, limit: Limit = 50
) -> Page[JobOut]:
    """Perhaps only some. A part may have fewer than `limit` jobs, even none, and yet be followed by another."""
    with db.database().read() as session:
        found = filters.part(session, narrowed.filter(tuple(state)), before or "", limit)
    return Page(items=[JobOut.of(job) for job in found.jobs], next=found.next or None, limit=limit)


@router.post("/jobs", status_code=202, summary="Ask for a job of any task")
def ask(wish: JobIn, person: Editor) -> JobOut:
    """`GET /tasks` names what there is, what each takes, and the least role that may start it by hand."""
    task = starting.check(person, wish)
    with db.database().transaction() as session:
        job_id = starting.start(session, person, task, wish)
        return JobOut.of(queries.job(session, job_id))


@router.post("/jobs/chain", status_code=202, summary="Ask for jobs that run one after the other")
def chain(wish: ChainIn, person: Editor) -> FlowOut:
    """Each begins when the one before it is completed. Whether a person may start them is asked for each."""
    for step in wish.steps:
        starting.check(person, step)
    with db.database().transaction() as session:
        return _flow(session, starting.chain(session, person, wish.steps))


@router.post("/jobs/group", status_code=202, summary="Ask for jobs that run side by side, and one after them")
def group(wish: GroupIn, person: Editor) -> FlowOut:
    """`then`, whose id comes last, begins when all of them are completed."""
    for step in [*wish.steps, *([wish.then] if wish.then else [])]:
        starting.check(person, step)
    with db.database().transaction() as session:
        return _flow(session, starting.group(session, person, wish.steps, wish.then))


def _flow(session: Session, ids: list[str]) -> FlowOut:
    return FlowOut(flow_id=queries.job(session, ids[0]).flow_id or "", job_ids=ids)


@router.post("/jobs/bulk", status_code=202, summary="Do one thing to every job of a filter")
def bulk_deed(wish: BulkIn, person: Editor) -> BulkOut:
    """A few are done at once; many become a job with progress. What needs a person's look is never run again so."""
    meant, deed = wish.filter.filter(), wish.deed(person.name)
    deed.check()
    if not (meant.is_narrow or meant.states):
        raise bulk.FilterTooWide("say which jobs: at least a state, a task or a queue")
    with db.database().read() as session:
        number = bulk.count(session, meant, deed.verb)
    if wish.dry_run:
        return BulkOut(meant=number)
    with db.database().transaction() as session:
        done, job_id = starting.many(session, person, meant, deed, number, wish.expected)
    return BulkOut(meant=number, changed=None if job_id else done, job_id=job_id)


@router.get("/jobs/{job_id}", responses=problems(404), summary="One job, its tries, and why it does not run")
def one(job_id: ById, person: Reader) -> JobDetail:
    """404 if it never was or its record has expired."""
    with db.database().read() as session:
        return _detail(session, queries.job(session, job_id))


@router.post("/jobs/{job_id}/cancel", status_code=202, responses=BUSY, summary="Cancel a job")
def cancel(job_id: ById, person: Editor) -> JobDetail:
    """One that waits is cancelled at once; one that runs, between two of its items."""
    return _act(person, "cancelled", lambda session: service.cancel(session, job_id))


@router.post("/jobs/{job_id}/retry", status_code=202, responses=BUSY, summary="Run a job again")
def retry(job_id: ById, person: Editor) -> JobDetail:
    """A failed, dead or cancelled one, now, with all its tries."""
    return _act(person, "retried", lambda session: service.retry(session, job_id))


@router.post("/jobs/{job_id}/rest", status_code=202, responses=BUSY, summary="Ask again for what it did not bring")
def ask_for_rest(job_id: ById, person: Editor) -> JobRef:
    """Of a job of many addresses that has ended: those that failed or came too late, by a job of their own."""
    return JobRef(job_id=starting.rest(person, job_id), detail="it asks for what the other job did not bring")


@router.post("/jobs/{job_id}/run-now", status_code=202, responses=BUSY, summary="Do not let it wait any longer")
def run_now(job_id: ById, person: Editor) -> JobDetail:
    """One that waits for its time or its next try."""
    return _act(person, "hurried", lambda session: steering.run_now(session, job_id))


@router.post("/jobs/{job_id}/priority", status_code=202, responses=BUSY, summary="Change a job's priority")
def prioritise(job_id: ById, wish: PriorityIn, person: Editor) -> JobDetail:
    """Of one that waits. 9 is the most urgent."""
    act = {"priority": wish.priority}
    return _act(person, "prioritised", lambda session: steering.prioritise(session, job_id, wish.priority), act)


@router.post("/jobs/{job_id}/resolve", status_code=202, responses=BUSY, summary="Settle a dead letter")
def resolve(job_id: ById, wish: ReasonIn, person: Editor) -> JobDetail:
    """Nothing is to be done about it any more. It becomes a cancelled job that keeps its error and says why."""
    why = {"reason": wish.reason}
    return _act(person, "resolved", lambda session: steering.resolve(session, job_id, person.name, wish.reason), why)


@router.post("/jobs/{job_id}/reconcile", status_code=202, responses=BUSY, summary="Say whether it did happen")
def reconcile(job_id: ById, wish: HappenedIn, person: Editor) -> JobDetail:
    """For a job that needs a person's look. If it did happen it is done, else it runs again."""
    if wish.happened:
        return _act(
            person,
            "confirmed",
            lambda session: steering.it_happened(session, job_id, person.name, wish.note or ""),
            {"note": wish.note},
        )
    return _act(person, "denied", lambda session: steering.it_did_not_happen(session, job_id), {"note": wish.note})


@router.post("/jobs/{job_id}/fix", status_code=202, responses=BUSY, summary="Run it again with other arguments")
def fix(job_id: ById, wish: MendIn, person: Editor) -> JobDetail:
    """A dead or cancelled job. The arguments must be those that its task takes."""

    def mend(session: Session) -> Job:
        starting.check_things(session, wish.args)
        return steering.mend(session, job_id, wish.args)

    return _act(person, "fixed", mend, {"args": wish.args})


def _act(person: Person, word: str, verb: Callable[[Session], Job], detail: dict[str, Any] | None = None) -> JobDetail:
    with db.database().transaction() as session:
        job = verb(session)
        accounts.record(session, person, word, "job", job.id, {"task": job.task, **(detail or {})})
        return _detail(session, job)


def _detail(session: Session, job: Job) -> JobDetail:
    why = explanation.why_not_running(session, job)
    return JobDetail.whole(job, queries.attempts(session, job.id), why)
