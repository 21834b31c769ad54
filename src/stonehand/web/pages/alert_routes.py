"""The page of alerts and backups, and what an administrator can do there."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from stonehand import db
from stonehand.alerts import service
from stonehand.alerts.errors import MuteUnfit, NoWay
from stonehand.web import flash
from stonehand.web.deps import Admin, Reader
from stonehand.web.flash import Flash
from stonehand.web.pages import alert_reading as reading
from stonehand.web.pages.showing import show

router = APIRouter(prefix="/ops/alerts", include_in_schema=False)
HERE = "/ops/alerts"
MUTED_FOR = timedelta(hours=1)
Target = Annotated[str, Form(max_length=200, pattern=r"^[^\x00]*$")]


@router.get("")
def index(request: Request, person: Reader) -> Response:
    """What is wrong, what was, what is muted; and the backups."""
    return show(request, person, "ops/alerts.html", lambda session: reading.index(session, person))


@router.post("/test")
def test(person: Admin) -> Response:
    """Send a test message by every way."""
    try:
        with db.database().transaction() as session:
            sent = service.test(session, person)
    except NoWay as error:
        return flash.redirect(HERE, Flash(_sentence(error), "bad"))
    return flash.redirect(HERE, Flash(f"A test message is on its way by {', '.join(sent)}."))


@router.post("/mute")
def mute(person: Admin, target: Target = "") -> Response:
    """Send nothing of an alert for an hour."""
    try:
        with db.database().transaction() as session:
            service.mute(session, person, target, MUTED_FOR)
    except MuteUnfit as error:
        return flash.redirect(HERE, Flash(_sentence(error), "bad"))
    return flash.redirect(HERE, Flash(f"Nothing of {target} is sent for an hour.", "quiet"))


@router.post("/unmute")
def unmute(person: Admin, target: Target = "") -> Response:
    """Send again."""
    with db.database().transaction() as session:
        service.unmute(session, person, target)
    return flash.redirect(HERE, Flash(f"{target} is told again."))


def _sentence(error: Exception) -> str:
    words = str(error)
    return f"{words[:1].upper()}{words[1:]}."
