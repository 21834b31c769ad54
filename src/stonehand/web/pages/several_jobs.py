"""Several jobs from one form: a chain, or a group with one that follows."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from stonehand import db
from stonehand.accounts.permissions import Person
from stonehand.errors import Rejected
from stonehand.jobs import queries
from stonehand.jobs.schemas import JobIn
from stonehand.web import flash, starting
from stonehand.web.deps import Editor
from stonehand.web.flash import Flash
from stonehand.web.pages import job_start_reading
from stonehand.web.pages.job_routes import sentence
from stonehand.web.pages.jobs import SeveralView
from stonehand.web.pages.showing import show
from stonehand.web.words import plural

router = APIRouter(include_in_schema=False)
MOST = 100  # lines


class StepUnreadable(Rejected):
    """A line of the form is no job."""


class Typed(BaseModel):
    """The form as it was sent: one job a line, its task first, then its arguments as name=value."""

    steps: Annotated[str, Field(max_length=20_000)] = ""
    how: Literal["chain", "group"] = "chain"
    then: Annotated[str, Field(max_length=1000)] = ""

    def wishes(self) -> list[JobIn]:
        """The jobs of the lines. Raises `StepUnreadable`, which names the line."""
        lines = [(number, line) for number, line in enumerate(self.steps.splitlines(), 1) if line.strip()]
        if not 1 <= len(lines) <= MOST:
            raise StepUnreadable(f"write one job a line, 1 to {MOST} of them, such as: sources.poll source_id=ID")
        return [_step(line, f"line {number}") for number, line in lines]

    def last(self) -> JobIn | None:
        """The job that follows a group."""
        return _step(self.then, "the one after them") if self.then.strip() and self.how == "group" else None


def _step(line: str, where: str) -> JobIn:
    task, *words = line.split()
    pairs = [word.partition("=") for word in words]
    unfit = next((name for name, equals, _ in pairs if not (name and equals)), None)
    if unfit is not None:
        raise StepUnreadable(f"{where}: {unfit[:80]!r} is not of the form name=value")
    return JobIn(task=task[:100], args={name: value for name, _, value in pairs})


@router.get("/jobs/several")
def several(request: Request, person: Editor) -> Response:
    """The form."""
    view = SeveralView(job_start_reading.form(person, "").tasks)
    return show(request, person, "jobs/several.html", lambda _: view)


@router.post("/jobs/several")
def start(request: Request, person: Editor, typed: Annotated[Typed, Form()]) -> Response:
    """Start them, all or none."""
    try:
        ids = _ask(person, typed.wishes(), typed)
    except Rejected as error:
        if error.status == 403:
            raise
        tasks = job_start_reading.form(person, "").tasks
        view = SeveralView(tasks, typed.steps, typed.how, typed.then, sentence(error))
        return show(request, person, "jobs/several.html", lambda _: view, 422)
    with db.database().read() as session:
        flow = queries.job(session, ids[0]).flow_id or ""
    said = f"{plural(len(ids), 'job')} accepted; each begins when its turn comes."
    return flash.redirect(f"/jobs?show=all&flow={flow}", Flash(said, "quiet"))


def _ask(person: Person, wishes: list[JobIn], typed: Typed) -> list[str]:
    then = typed.last()
    for wish in [*wishes, *([then] if then else [])]:
        starting.check(person, wish)
    with db.database().transaction() as session:
        if typed.how == "chain":
            return starting.chain(session, person, wishes)
        return starting.group(session, person, wishes, then)
