"""The pages of jobs: what runs, what waits and why; deeds for many; starting one by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import Response

from stonehand import db
from stonehand.errors import Rejected
from stonehand.jobs.desk import bulk
from stonehand.jobs.desk.bulk import Deed
from stonehand.jobs.schemas import JobIn
from stonehand.web import flash, starting
from stonehand.web.api.contract import Before
from stonehand.web.deps import Editor, Reader
from stonehand.web.flash import Flash
from stonehand.web.job_filter import Narrowed
from stonehand.web.pages import job_reading as reading
from stonehand.web.pages import job_start_reading, queue_reading
from stonehand.web.pages.job_reading import Wish
from stonehand.web.pages.showing import show
from stonehand.web.words import plural

router = APIRouter(include_in_schema=False)
Show = Annotated[str, Query(alias="show", pattern=f"^({'|'.join([*reading.SHOWN, *reading.SINGLE])})$")]
Id = Annotated[str, Query(pattern=r"^[0-9a-f-]{0,36}$")]
Task = Annotated[str, Query(max_length=100, pattern=r"^[\w.-]*$")]
Line = Annotated[str, Form(max_length=500)]
DONE = {
    "cancel": "{} cancelled; what runs stops after its present item.",
    "retry": "{} run again.",
    "prioritise": "{} changed.",
    "resolve": "{} resolved.",
    "mend": "{} run again with these arguments.",
}


async def given(request: Request) -> dict[str, str]:
    """The arguments that stand in a task's form."""
    form = await request.form()
    return {name[4:]: str(value) for name, value in form.items() if name.startswith("arg.")}


Given = Annotated[dict[str, str], Depends(given)]


@router.get("/jobs")
def index(
    request: Request, person: Reader, narrowed: Narrowed, state: Show = "unfinished", before: Before = None
) -> Response:
    """Jobs, newest first, perhaps only some, and the queues."""
    wish = Wish(state, narrowed, before or "")
    return show(request, person, "jobs/index.html", lambda session: reading.index(session, person, wish))


@router.get("/jobs/queues")
def queues(request: Request, person: Reader) -> Response:
    """Queues and workers: what waits, for how long, who runs what."""
    return show(request, person, "jobs/queues.html", lambda session: queue_reading.page(session, person))


@router.get("/jobs/bulk")
def deeds(request: Request, person: Editor, narrowed: Narrowed, state: Show = "unfinished") -> Response:
    """What could be done to all of them, and to how many."""
    wish = Wish(state, narrowed)
    return show(request, person, "jobs/bulk.html", lambda session: reading.deeds(session, wish))


@router.post("/jobs/bulk")
def do_to_many(
    person: Editor,
    narrowed: Narrowed,
    verb: Line,
    expected: Annotated[int, Form(ge=0)],
    value: Line = "",
    state: Show = "unfinished",
    last: Id = "",
) -> Response:
    """Do one of these deeds, to as many as were shown."""
    wish, deed = Wish(state, narrowed), Deed(verb, value, person.name)
    meant = replace(wish.filter(), last=last)
    try:
        deed.check()
        with db.database().read() as session:
            count = bulk.count(session, meant, verb)
        with db.database().transaction() as session:
            done, job_id = starting.many(session, person, meant, deed, count, expected)
    except Rejected as error:
        return flash.redirect(wish.href("/jobs/bulk"), Flash(sentence(error), "bad"))
    return told(verb, done, job_id, wish.href())


def told(verb: str, done: int, job_id: str | None, back: str) -> Response:
    """Say what became of a deed for many; if a job does it, show that."""
    if job_id:
        return flash.redirect(f"/jobs/{job_id}", Flash(f"This job does it to {plural(done, 'job')}.", "quiet"))
    return flash.redirect(back, Flash(DONE[verb].format(plural(done, "job")), "quiet"))


def sentence(error: Exception) -> str:
    """An error as a sentence."""
    words = str(error)
    return f"{words[:1].upper()}{words[1:]}."


@router.get("/jobs/new")
def new(request: Request, person: Editor, task: Task = "") -> Response:
    """The tasks that can be started by hand, or the form of one."""
    view = job_start_reading.form(person, task)
    return show(request, person, "jobs/new.html", lambda _: view)


@router.post("/jobs/new")
def start(request: Request, person: Editor, task: Task, args: Given) -> Response:
    """Start it."""
    try:
        wish = JobIn(task=task, args={name: value for name, value in args.items() if value})
        wanted = starting.check(person, wish)
        with db.database().transaction() as session:
            job_id = starting.start(session, person, wanted, wish)
    except Rejected as error:
        if error.status == 403:
            raise
        view = job_start_reading.form(person, task, args, sentence(error))
        return show(request, person, "jobs/new.html", lambda _: view, 422)
    return flash.redirect(f"/jobs/{job_id}", Flash("It runs as soon as a worker is free.", "quiet"))
