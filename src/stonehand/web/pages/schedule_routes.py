"""The pages of schedules: what comes again, its history, and changing it while everything runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from stonehand import db, pipeline
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.errors import Conflict, Rejected
from stonehand.jobs.clock import recurring
from stonehand.web import flash
from stonehand.web.api.contract import ById
from stonehand.web.api.schedules import Until, task_of
from stonehand.web.deps import Publisher, Reader
from stonehand.web.flash import Flash
from stonehand.web.pages import schedule_reading as reading
from stonehand.web.pages.schedule_forms import Typed
from stonehand.web.pages.schedules import Preview, SchedulesView, ScheduleView
from stonehand.web.pages.showing import show

router = APIRouter(prefix="/schedules", include_in_schema=False)
Sent = Annotated[Typed, Form()]
View = SchedulesView | ScheduleView


@router.get("")
def index(request: Request, person: Reader) -> Response:
    """Every schedule: when, what became of the last time, when next."""
    return show(request, person, "schedules/index.html", lambda session: reading.index(session, person))


@router.post("/preview")
def preview_new(request: Request, person: Publisher, typed: Sent) -> Response:
    """Say what a new timetable would do. Nothing is saved."""
    return _preview(request, person, "", typed)


@router.post("")
def create(request: Request, person: Publisher, typed: Sent) -> Response:
    """Make a schedule of one's own."""
    name = typed.name.strip()
    try:
        task, values = recurring.startable(typed.task.strip()), typed.values()
        person.require(recurring.permission(task))
        with db.database().transaction() as session:
            recurring.create(session, name, task, person.name, values)
            accounts.record(session, person, "added", "schedule", name, {"task": task.name, **values})
    except (Rejected, Conflict) as error:
        return _again(request, person, "", typed, error=_said(error), status=error.status)
    return flash.redirect("/schedules", Flash(f"Added {name}: {typed.table().words()}."))


@router.get("/{name}")
def one(request: Request, name: ById, person: Reader, before: Until = None) -> Response:
    """One schedule, its next times and its history."""
    return show(request, person, "schedules/schedule.html", lambda session: reading.one(session, person, name, before))


@router.post("/{name}/preview")
def preview(request: Request, name: ById, person: Publisher, typed: Sent) -> Response:
    """Say what another timetable would do. Nothing is saved."""
    return _preview(request, person, name, typed)


@router.post("/{name}/edit")
def edit(request: Request, name: ById, person: Publisher, typed: Sent) -> Response:
    """Change it; that counts at once."""
    task = task_of(person, name)
    try:
        values = typed.values()
        with db.database().transaction() as session:
            recurring.change(session, name, task, person.name, values)
            accounts.record(session, person, "changed", "schedule", name, values)
    except (Rejected, Conflict) as error:
        return _again(request, person, name, typed, error=_said(error), status=error.status)
    return flash.redirect(f"/schedules/{name}", Flash(f"Saved. It comes {typed.table().words()} from now on."))


@router.post("/{name}/enable")
def enable(name: ById, person: Publisher) -> Response:
    """Let it fire again."""

    def deed(session: db.Session) -> Flash:
        recurring.enable(session, name, person.name)
        return Flash(f"{name} is switched on. What it missed meanwhile is not made up for.")

    return _act(person, name, "enabled", deed)


@router.post("/{name}/disable")
def disable(name: ById, person: Publisher) -> Response:
    """Let it rest."""

    def deed(session: db.Session) -> Flash:
        recurring.disable(session, name, person.name)
        return Flash(f"{name} is switched off. A job of it that runs goes on.", "quiet", f"/schedules/{name}/enable")

    return _act(person, name, "disabled", deed)


@router.post("/{name}/run")
def run(name: ById, person: Publisher) -> Response:
    """Run it now."""

    def deed(session: db.Session) -> Flash:
        recurring.run_now(session, name, person.name)
        return Flash(f"{name} runs as soon as a worker is free.")

    return _act(person, name, "ran", deed)


@router.post("/{name}/reset")
def reset(name: ById, person: Publisher) -> Response:
    """Give it back to the pipeline."""

    def deed(session: db.Session) -> Flash:
        recurring.reset(session, name, pipeline.planned())
        return Flash(f"{name} comes again as the pipeline says.")

    return _act(person, name, "reset", deed)


@router.post("/{name}/remove")
def remove(name: ById, person: Publisher) -> Response:
    """Forget it and its history."""

    def deed(session: db.Session) -> Flash:
        recurring.remove(session, name)
        return Flash(f"Removed {name}.", "quiet")

    return _act(person, name, "removed", deed)


def _act(person: Person, name: str, verb: str, deed: Callable[[db.Session], Flash]) -> Response:
    task_of(person, name)
    try:
        with db.database().transaction() as session:
            said = deed(session)
            accounts.record(session, person, verb, "schedule", name)
    except Conflict as error:
        said = Flash(_said(error), "bad")
    return flash.redirect("/schedules", said)


def _preview(request: Request, person: Person, name: str, typed: Typed) -> Response:
    is_live = request.headers.get("hx-request") == "true"
    try:
        table = typed.table()
    except Rejected as error:
        wrong = Preview(error=_said(error))
        return _again(request, person, name, typed, wrong, status=200 if is_live else 422)
    with db.database().read() as session:
        found = reading.preview(table, db.now(session))
    return _again(request, person, name, typed, found)


def _again(
    request: Request,
    person: Person,
    name: str,
    typed: Typed,
    preview: Preview | None = None,
    error: str = "",
    status: int = 200,
) -> Response:
    """The page once more, with the form as it was typed."""

    def look(session: db.Session) -> View:
        view: View = reading.one(session, person, name) if name else reading.index(session, person)
        form = typed.form(view.form, error) if view.form else None
        return replace(view, form=form, preview=preview)

    template = "schedules/schedule.html" if name else "schedules/index.html"
    return show(request, person, template, look, status)


def _said(error: Exception) -> str:
    words = str(error)
    return f"{words[:1].upper()}{words[1:]}."
