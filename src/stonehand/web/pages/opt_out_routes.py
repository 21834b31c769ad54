"""The page of a platform's opt-outs: who wants no comments of ours."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from stonehand import db
from stonehand.accounts.permissions import Person
from stonehand.comments import optouts
from stonehand.comments.errors import OptOutNotFound
from stonehand.platforms import queries as platforms
from stonehand.web import flash
from stonehand.web.api.contract import ById
from stonehand.web.deps import Editor, Publisher, Reader
from stonehand.web.flash import Flash
from stonehand.web.pages.parts import BLANK, Field
from stonehand.web.pages.platforms import OptOutRow, OptOutsView
from stonehand.web.pages.showing import show

router = APIRouter(prefix="/platforms/{platform_id}/opt-outs", include_in_schema=False)
PAGE = "platforms/opt_outs.html"
NO_NUL = r"^[^\x00]*$"
Author = Annotated[str, Form(max_length=200, pattern=NO_NUL)]
Reason = Annotated[str, Form(max_length=500, pattern=NO_NUL)]
Whole = Annotated[str, Form(max_length=10)]


@router.get("")
def index(request: Request, platform_id: ById, person: Reader) -> Response:
    """Authors and whole sites that want no comments."""
    return show(request, person, PAGE, partial(_view, person=person, platform_id=platform_id))


@router.post("")
def add(
    request: Request, platform_id: ById, person: Editor, author: Author = "", reason: Reason = "", whole: Whole = ""
) -> Response:
    """Write nothing for them any more. The whole site is never meant by leaving the author out."""
    if not author.strip() and not whole:
        empty = Field("", "Say who, as the site shows the name.")
        look = partial(_view, person=person, platform_id=platform_id, author=empty, reason=Field(reason))
        return show(request, person, PAGE, look, 422)
    with db.database().transaction() as session:
        made = optouts.add(session, person, platform_id, "" if whole else author, reason)
        who = made.author or "the whole site"
    return flash.redirect(f"/platforms/{platform_id}/opt-outs", Flash(f"Nothing is written for {who} any more."))


@router.post("/{opt_out_id}/remove")
def remove(platform_id: ById, opt_out_id: ById, person: Publisher) -> Response:
    """Let comments be written there again."""
    with db.database().transaction() as session:
        if opt_out_id not in {each.id for each in optouts.every(session, platform_id)}:
            raise OptOutNotFound(f"platform {platform_id} has no opt-out {opt_out_id}")
        optouts.remove(session, person, opt_out_id)
    words = "Comments may be written there again. What was set aside stays so until somebody takes it up."
    return flash.redirect(f"/platforms/{platform_id}/opt-outs", Flash(words, "quiet"))


def _view(
    session: db.Session, person: Person, platform_id: str, author: Field = BLANK, reason: Field = BLANK
) -> OptOutsView:
    platform = platforms.platform(session, platform_id)
    rows = [
        OptOutRow(each.id, each.author, each.reason, each.created_by, each.created_at)
        for each in optouts.every(session, platform_id)
    ]
    may = person.may("edit"), person.may("publish")
    return OptOutsView(platform.id, platform.name, tuple(rows), author, reason, *may)
