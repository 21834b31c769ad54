"""The pages of prompts: the library, one prompt with its editor, what was rehearsed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from stonehand import db
from stonehand.accounts.permissions import Person
from stonehand.drafts.pieces import Instructions
from stonehand.errors import Conflict, NotFound, Rejected
from stonehand.prompts import queries, service
from stonehand.rehearsals import previewing
from stonehand.rehearsals import service as rehearsing
from stonehand.rehearsals.service import Caps
from stonehand.rehearsals.subjects import Subject
from stonehand.web import flash
from stonehand.web.api.contract import ID, ById
from stonehand.web.deps import Editor, Reader
from stonehand.web.flash import Flash
from stonehand.web.pages import parts, rehearsal_reading
from stonehand.web.pages import prompt_reading as reading
from stonehand.web.pages.prompts import MessageView, PreviewView, PromptView, Wishes
from stonehand.web.pages.rehearsal_reading import money
from stonehand.web.pages.showing import show
from stonehand.web.words import number as figure

router = APIRouter(include_in_schema=False)
NO_NUL = r"^[^\x00]*$"
Words = Annotated[str, Form(max_length=500, pattern=NO_NUL)]
Text = Annotated[str, Field(max_length=500, pattern=NO_NUL)]
Old = Annotated[int, Query(ge=0, le=9_999_999)]
HERE = "prompts/prompt.html"


class Typed(BaseModel):
    """The editor's fields as they were sent. `subject` is such as `story:ID`."""

    template: Annotated[str, Field(max_length=20_000, pattern=NO_NUL)] = ""
    note: Text = ""
    subject: Annotated[str, Field(pattern=r"^((story|article|draft):[A-Za-z0-9._-]{1,64})?$")] = ""
    words: Annotated[str, Field(pattern=r"^\s*\d{0,5}\s*$")] = ""
    tone: Text = ""
    language: Annotated[str, Field(pattern=r"^[A-Za-z-]{0,10}$")] = ""
    keyword: Text = ""
    wish: Text = ""

    def about(self) -> Subject:
        """What it is tried on."""
        kind, _, id_ = self.subject.partition(":")
        told = self._instructions()
        return Subject(**{f"{kind}_id": id_} if kind else {}, instructions=told if told != Instructions() else None)

    def _instructions(self) -> Instructions:
        return Instructions(
            keyword=self.keyword, tone=self.tone, words=int(self.words or 0), language=self.language, note=self.wish
        )

    def wishes(self) -> Wishes:
        """What was asked for, to be shown again."""
        return Wishes(self.words, self.tone, self.language, self.keyword, self.wish)


Sent = Annotated[Typed, Form()]


@router.get("/prompts")
def index(request: Request, person: Reader) -> Response:
    """Every prompt."""
    return show(request, person, "prompts/index.html", lambda session: reading.index(session, person))


@router.post("/prompts")
def create(
    request: Request, person: Editor, key: Annotated[str, Form(max_length=64, pattern=ID)], name: Words = ""
) -> Response:
    """Make a prompt that begins as another one."""
    try:
        with db.database().transaction() as session:
            made = service.copy(session, person, key, name).slug
    except (Rejected, Conflict, NotFound) as error:
        field = parts.Field(name, _said(error))
        return show(
            request,
            person,
            "prompts/index.html",
            lambda session: replace(reading.index(session, person), name=field),
            error.status,
        )
    return flash.redirect(f"/prompts/{made}", Flash(f"“{name}” is made. Change what it says, and try it."))


@router.get("/prompts/rehearsals/{rehearsal_id}")
def rehearsal(request: Request, rehearsal_id: ById, person: Reader) -> Response:
    """One rehearsal, old beside new."""
    return show(
        request, person, "prompts/rehearsal.html", lambda session: rehearsal_reading.view(session, rehearsal_id)
    )


@router.get("/prompts/{key}")
def one(request: Request, key: ById, person: Reader, old: Old = 0) -> Response:
    """One prompt; `old` is a version to compare with."""
    return show(request, person, HERE, lambda session: reading.one(session, person, key, old))


@router.post("/prompts/{key}/preview")
def preview(request: Request, key: ById, person: Editor, typed: Sent) -> Response:
    """What exactly would be sent; nothing is."""
    return show(request, person, HERE, lambda session: _previewed(session, person, key, typed))


def _previewed(session: db.Session, person: Person, key: str, typed: Typed) -> PromptView:
    view = _again(reading.one(session, person, key), session, typed)
    try:
        prompt = previewing.typed(queries.prompt(session, key), typed.template)
        found = previewing.preview(session, prompt, typed.about())
    except (Rejected, NotFound) as error:
        return replace(view, preview=PreviewView(error=_said(error)))
    cost = found.estimate
    costs = (
        f"About {figure(cost.input_tokens)} tokens are sent and at most {figure(cost.most_output_tokens)} come back;"
        f" an answer costs at most {money(cost.worst_micro)}, and a second round as much again."
    )
    messages = tuple(MessageView(each.role, each.text) for each in found.messages)
    return replace(view, preview=PreviewView(found.title, costs, messages, found.can_ask))


def _again(view: PromptView, session: db.Session, typed: Typed, error: str = "") -> PromptView:
    """The page once more, with what was typed."""
    purpose = queries.prompt(session, view.slug).purpose
    chosen = tuple(reading.subjects(session, purpose, typed.subject))
    return replace(view, template=typed.template, note=typed.note, wishes=typed.wishes(), subjects=chosen, error=error)


@router.post("/prompts/{key}/save")
def save(request: Request, key: ById, person: Editor, typed: Sent) -> Response:
    """Save the next version."""
    try:
        with db.database().transaction() as session:
            saved = service.edit(session, person, key, typed.template, typed.note)
            slug, number = saved.slug, saved.version
    except (Rejected, Conflict) as error:
        said, status = _said(error), error.status
        return show(
            request,
            person,
            HERE,
            lambda session: _again(reading.one(session, person, key), session, typed, said),
            status,
        )
    return flash.redirect(f"/prompts/{slug}", Flash(f"Saved; version {number} counts from now on."))


@router.post("/prompts/{key}/try")
def try_it(key: ById, person: Editor, typed: Sent) -> Response:
    """Ask a model once; what comes back is shown and never kept as a draft."""

    def deed(session: db.Session) -> tuple[str, Flash]:
        prompt = previewing.typed(queries.prompt(session, key), typed.template)
        made = rehearsing.ask_try(session, person, prompt, typed.about())
        return f"/prompts/rehearsals/{made.id}", Flash("It is asked as soon as a worker is free.", "quiet")

    return _act(f"/prompts/{key}", deed)


@router.post("/prompts/{key}/replay")
def replay(
    key: ById,
    person: Editor,
    against: Annotated[str, Form(max_length=80, pattern=r"^[A-Za-z0-9_.-]*(@\d{1,7})?$")] = "",
    stories: Annotated[int, Form(ge=1, le=50)] = 10,
    cap: Annotated[float, Form(ge=0, le=1_000_000)] = 1.0,
) -> Response:
    """Replay it over the stories of the last 30 days."""

    def deed(session: db.Session) -> tuple[str, Flash]:
        caps = Caps(stories, round(cap * 1_000_000))
        made = rehearsing.ask_replay(session, person, queries.prompt(session, key), against, caps)
        return f"/prompts/rehearsals/{made.id}", Flash("It begins as soon as a worker is free.", "quiet")

    return _act(f"/prompts/{key}", deed)


@router.post("/prompts/{key}/versions/{number}/restore")
def restore(key: ById, number: ById, person: Editor) -> Response:
    """Go back to what a version said."""

    def deed(session: db.Session) -> tuple[str, Flash]:
        wanted = int(number) if number.isdecimal() and len(number) < 8 else 0
        found = service.go_back(session, person, key, wanted)
        return f"/prompts/{found.slug}", Flash(f"Version {found.version} says what version {wanted} said.")

    return _act(f"/prompts/{key}", deed)


@router.post("/prompts/{key}/rename")
def rename(key: ById, person: Editor, name: Words = "", description: Words = "") -> Response:
    """Change its name and what it is for."""

    def deed(session: db.Session) -> tuple[str, Flash]:
        return f"/prompts/{service.rename(session, person, key, name, description).slug}", Flash("Saved.")

    return _act(f"/prompts/{key}", deed)


@router.post("/prompts/{key}/use")
def use(key: ById, person: Editor) -> Response:
    """Use it where nobody names another."""

    def deed(session: db.Session) -> tuple[str, Flash]:
        return f"/prompts/{key}", Flash(f"“{service.choose(session, person, key).name}” is used from now on.")

    return _act(f"/prompts/{key}", deed)


@router.post("/prompts/{key}/retire")
def retire(key: ById, person: Editor) -> Response:
    """Offer it no longer."""

    def deed(session: db.Session) -> tuple[str, Flash]:
        return "/prompts", Flash(f"“{service.retire(session, person, key).name}” is retired.", "quiet")

    return _act(f"/prompts/{key}", deed)


@router.post("/prompts/{key}/bring-back")
def bring_back(key: ById, person: Editor) -> Response:
    """Offer it again."""

    def deed(session: db.Session) -> tuple[str, Flash]:
        return f"/prompts/{key}", Flash(f"“{service.bring_back(session, person, key).name}” is offered again.")

    return _act(f"/prompts/{key}", deed)


def _act(otherwise: str, deed: Callable[[db.Session], tuple[str, Flash]]) -> Response:
    """Do it and go where it leads; what is wrong is said on the page that it came from."""
    try:
        with db.database().transaction() as session:
            target, said = deed(session)
    except (Rejected, Conflict) as error:
        return flash.redirect(otherwise, Flash(_said(error), "bad"))
    return flash.redirect(target, said)


def _said(error: Exception) -> str:
    words = str(error)
    return f"{words[:1].upper()}{words[1:]}."
