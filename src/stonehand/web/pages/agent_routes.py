"""The pages of agents: the table, one agent, its form, and its verbs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from stonehand import db
from stonehand.accounts.permissions import Person
from stonehand.agents import queries, quotas, service, timing
from stonehand.agents.models import Agent
from stonehand.agents.schemas import AgentChange, AgentIn
from stonehand.errors import Conflict, Rejected
from stonehand.web import flash
from stonehand.web.api.contract import ById
from stonehand.web.deps import Editor, Reader
from stonehand.web.flash import Flash
from stonehand.web.pages import agent_forms as forms
from stonehand.web.pages import agent_reading as reading
from stonehand.web.pages.agent_forms import Short, Typed
from stonehand.web.pages.agents import AgentView
from stonehand.web.pages.showing import show

router = APIRouter(prefix="/agents", include_in_schema=False)
Before = Annotated[str | None, Query(pattern=r"^[0-9a-f-]{1,64}$")]
Sent = Annotated[Typed, Form()]


class Wanted(BaseModel):
    """What somebody wants an agent to write about, as it is typed."""

    topic: Short = ""
    keyword: Short = ""


class Reason(BaseModel):
    """Why an agent should rest, as it is typed."""

    why: Short = ""


@router.get("")
def index(request: Request, person: Reader) -> Response:
    """Every agent: when it writes, what it did last, what it has used this month."""
    return show(request, person, "agents/index.html", lambda session: reading.index(session, person))


@router.get("/new")
def new(request: Request, person: Editor) -> Response:
    """The form of a new agent."""
    return _form(request, person, forms.blank(), None)


@router.post("/new")
def create(request: Request, person: Editor, typed: Sent) -> Response:
    """Make an agent."""
    try:
        wanted = typed.told(AgentIn)
        with db.database().transaction() as session:
            made = service.create(session, person, wanted.wish(), wanted.wanted())
    except (Rejected, Conflict) as error:
        return _form(request, person, typed, None, _said(error))
    return flash.redirect(f"/agents/{made.id}", Flash(f"{made.name} is at work."))


def _form(request: Request, person: Person, typed: Typed, agent: Agent | None, error: str = "") -> Response:
    look = lambda session: forms.form(session, typed, agent, error)  # noqa: E731
    return show(request, person, "agents/form.html", look, 422 if error else 200)


@router.get("/{agent_id}")
def one(request: Request, agent_id: ById, person: Reader, before: Before = None) -> Response:
    """One agent: what it would do next, its next runs, its history and what it cost."""
    look = lambda session: reading.one(session, person, agent_id, before)  # noqa: E731
    return show(request, person, "agents/agent.html", look)


@router.get("/{agent_id}/edit")
def edit(request: Request, agent_id: ById, person: Editor) -> Response:
    """The form of an agent."""
    with db.database().read() as session:
        agent = queries.agent(session, agent_id)
        typed = forms.of(session, agent)
    return _form(request, person, typed, agent)


@router.post("/{agent_id}/edit")
def change(request: Request, agent_id: ById, person: Editor, typed: Sent) -> Response:
    """Change an agent."""
    with db.database().read() as session:
        agent = queries.agent(session, agent_id)
    try:
        wanted = typed.told(AgentChange)
        with db.database().transaction() as session:
            found = queries.agent(session, agent_id)
            when = wanted.when(timing.when(timing.schedule(session, found)))
            service.change(session, person, found.id, wanted.changes(quotas.of(found)), when)
    except (Rejected, Conflict) as error:
        return _form(request, person, typed, agent, _said(error))
    return flash.redirect(f"/agents/{agent_id}", Flash("Saved. It counts from the next run on."))


@router.post("/{agent_id}/run")
def run(agent_id: ById, person: Editor) -> Response:
    """Let it write now."""

    def deed(session: db.Session) -> Flash:
        service.run_now(session, person, agent_id)
        return Flash("It looks for something to write about; this page tells what came of it.")

    return _act(agent_id, deed)


@router.post("/{agent_id}/write")
def write(request: Request, agent_id: ById, person: Editor, wanted: Annotated[Wanted, Form()]) -> Response:
    """Let it write about a topic."""
    try:
        with db.database().transaction() as session:
            service.write_about(session, person, agent_id, wanted.model_dump())
    except (Rejected, Conflict) as error:
        said = _said(error)

        def look(session: db.Session) -> AgentView:
            view = reading.one(session, person, agent_id)
            return replace(view, topic=wanted.topic, keyword=wanted.keyword, error=said)

        return show(request, person, "agents/agent.html", look, error.status)
    return flash.redirect(f"/agents/{agent_id}", Flash(f"It looks for articles about “{wanted.topic}”."))


@router.post("/{agent_id}/pause")
def pause(agent_id: ById, person: Editor, reason: Annotated[Reason, Form()]) -> Response:
    """Let it rest."""

    def deed(session: db.Session) -> Flash:
        found = service.pause(session, person, agent_id, reason.why)
        return Flash(f"{found.name} rests.", "quiet", f"/agents/{agent_id}/resume")

    return _act(agent_id, deed)


@router.post("/{agent_id}/resume")
def resume(agent_id: ById, person: Editor) -> Response:
    """Let it work again."""
    return _act(agent_id, lambda session: Flash(f"{service.resume(session, person, agent_id).name} is at work again."))


@router.post("/{agent_id}/remove")
def remove(agent_id: ById, person: Editor) -> Response:
    """Take it away; its drafts and its history stay."""
    with db.database().transaction() as session:
        gone = service.remove(session, person, agent_id).name
    return flash.redirect("/agents", Flash(f"{gone} is gone; its drafts and its history stay.", "quiet"))


def _act(agent_id: str, deed: Callable[[db.Session], Flash]) -> Response:
    try:
        with db.database().transaction() as session:
            said = deed(session)
    except (Rejected, Conflict) as error:
        said = Flash(_said(error), "bad")
    return flash.redirect(f"/agents/{agent_id}", said)


def _said(error: Exception) -> str:
    words = str(error)
    return f"{words[:1].upper()}{words[1:]}."
