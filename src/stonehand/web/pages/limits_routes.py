"""The page of breakers and limits, and an operator's verbs on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from stonehand import db
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.channels import pausing
from stonehand.errors import Forbidden, NotFound, Rejected
from stonehand.jobs.limits import limit_targets
from stonehand.web import flash
from stonehand.web.api.limits import Name
from stonehand.web.deps import Admin, Reader
from stonehand.web.flash import Flash
from stonehand.web.pages import limits_reading as reading
from stonehand.web.pages.limits import Forms
from stonehand.web.pages.parts import Field
from stonehand.web.pages.showing import show

router = APIRouter(include_in_schema=False)
Word = Annotated[str, Form(max_length=200)]
Verb = Callable[[db.Session, Person, str], str]


@router.get("/limits")
def index(request: Request, person: Reader) -> Response:
    """What does not answer, what is limited, what is paused."""
    return show(request, person, "limits/index.html", lambda session: reading.index(session, person))


@router.post("/limits/pause")
def pause(request: Request, person: Admin, what: Word = "") -> Response:
    """Stop anything. What is wrong with its name stands beside it."""
    try:
        return _act(person, what, pausing.pause, "{} is paused. What runs goes on.", undo="/limits/{}/resume")
    except Forbidden:
        raise
    except (Rejected, NotFound) as error:
        return _again(request, person, Forms(pause=Field(what, _said(error))), error.status)


@router.post("/limits")
def set_limit(request: Request, person: Admin, target: Word = "", rate: Word = "", concurrency: Word = "") -> Response:
    """Set a limit. What is wrong stands beside the form."""
    try:
        with db.database().transaction() as session:
            wish = rate.strip() or None, _count(concurrency)
            name = limit_targets.set_limit(session, target, person.name, *wish)
            accounts.record(session, person, "limited", "limit", name, {"rate": wish[0], "concurrency": wish[1]})
    except Rejected as error:
        forms = Forms(target=Field(target, _said(error)), rate=Field(rate), concurrency=Field(concurrency))
        return _again(request, person, forms, error.status)
    return flash.redirect("/limits", Flash(f"{name} is limited from now on."))


def _count(typed: str) -> int | None:
    if not typed.strip():
        return None
    if not typed.strip().isdecimal():
        raise limit_targets.LimitUnfit(f"{typed[:20]!r} is not a number of jobs at once")
    return int(typed[:6])


@router.post("/limits/{target}/unset")
def unset_limit(target: Name, person: Admin) -> Response:
    """Forget what a person has set."""

    def lift(session: db.Session, who: Person, wanted: str) -> str:
        name = limit_targets.unset(session, wanted)
        accounts.record(session, who, "lifted", "limit", name)
        return name

    return _act(person, target, lift, "The limit of {} is lifted.")


@router.post("/limits/{target}/resume")
def resume(target: Name, person: Admin) -> Response:
    """Let go on what was paused."""
    return _act(person, target, pausing.resume, "{} goes on.")


@router.post("/breakers/{name}/hold")
def hold(name: Name, person: Admin) -> Response:
    """Ask nothing of it until somebody resets it."""
    return _act(person, name, pausing.pause, "{} is left alone until somebody resets it.", undo="/breakers/{}/reset")


@router.post("/breakers/{name}/reset")
def reset(name: Name, person: Admin) -> Response:
    """Ask it again, now."""
    return _act(person, name, pausing.reset, "{} is asked again. What waits for it goes on.")


def _act(person: Person, target: str, verb: Verb, words: str, undo: str = "") -> Response:
    with db.database().transaction() as session:
        name = verb(session, person, target)
    return flash.redirect("/limits", Flash(words.format(name), "quiet", undo.format(name)))


def _again(request: Request, person: Person, forms: Forms, status: int) -> Response:
    return show(request, person, "limits/index.html", lambda session: reading.index(session, person, forms), status)


def _said(error: Exception) -> str:
    words = str(error)
    return f"{words[:1].upper()}{words[1:]}."
