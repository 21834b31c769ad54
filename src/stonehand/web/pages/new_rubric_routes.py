"""The empty form of a rubric in the browser."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from stonehand import db
from stonehand.accounts.permissions import Person
from stonehand.rubrics import service
from stonehand.rubrics.errors import RubricInvalid, RubricTaken
from stonehand.web import flash
from stonehand.web.deps import Editor
from stonehand.web.flash import Flash
from stonehand.web.pages import new_rubric, rubric_fields
from stonehand.web.pages.new_rubric import TypedRubric
from stonehand.web.pages.showing import show

router = APIRouter(include_in_schema=False)
Sent = Annotated[TypedRubric, Form()]


@router.get("/rubrics/new")
def blank(request: Request, person: Editor) -> Response:
    """The form, empty."""
    return _form(request, person, TypedRubric())


@router.post("/rubrics/new")
def make(request: Request, person: Editor, typed: Sent) -> Response:
    """Make it; or show the form again, with another criterion or with what is wrong."""
    if typed.more:
        return _form(request, person, typed)
    definition, wrong = new_rubric.read(typed)
    if wrong:
        return _form(request, person, typed, wrong)
    try:
        with db.database().transaction() as session:
            made = service.create(session, person, typed.name, typed.purpose, definition).slug
    except (RubricInvalid, RubricTaken) as error:  # the definition was read before, so it is the name
        return _form(request, person, typed, {"name": rubric_fields.sentence(str(error))})
    return flash.redirect(f"/rubrics/{made}", Flash(f"“{typed.name.strip()}” is made. Try it out on real articles."))


def _form(request: Request, person: Person, typed: TypedRubric, wrong: dict[str, str] | None = None) -> Response:
    status = 422 if wrong else 200
    return show(request, person, "rubrics/new.html", lambda _: new_rubric.view(typed, wrong), status)
