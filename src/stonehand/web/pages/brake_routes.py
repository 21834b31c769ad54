"""The button on every page: stop everything, and let it go on."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from stonehand import db
from stonehand.brakes import service
from stonehand.web import flash
from stonehand.web.deps import Publisher
from stonehand.web.flash import Flash

router = APIRouter(include_in_schema=False)
Reason = Annotated[str, Form(max_length=500, pattern=r"^[^\x00]*$")]


@router.post("/stop-everything")
def stop(person: Publisher, reason: Reason = "") -> Response:
    """Nothing leaves the machine from now on."""
    with db.database().transaction() as session:
        service.stop_everything(session, person, reason)
    return flash.redirect("/", Flash("Everything that leaves this machine is stopped.", "bad"))


@router.post("/resume-everything")
def resume(person: Publisher) -> Response:
    """What waited goes out now."""
    with db.database().transaction() as session:
        gone = service.resume_everything(session, person)
    return flash.redirect("/", Flash("Everything goes on." if gone else "Nothing was stopped.", "quiet"))
