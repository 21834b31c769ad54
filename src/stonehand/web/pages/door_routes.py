"""The ways in and out: signing in and out, and making the first administrator."""

from __future__ import annotations

import math
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from stonehand import db
from stonehand.accounts import doors, entering
from stonehand.accounts.doors import Entered
from stonehand.accounts.errors import (
    EmailMalformed,
    NameMissing,
    PasswordUnfit,
    SetupDone,
    SignInRefused,
    SignInThrottled,
)
from stonehand.errors import StonehandError
from stonehand.web import flash, rendering, security
from stonehand.web.deps import Visitor
from stonehand.web.flash import Flash
from stonehand.web.pages.accounts import SetupView, SignInView
from stonehand.web.pages.chrome import NOBODY
from stonehand.web.pages.parts import Field

router = APIRouter(include_in_schema=False)
Short = Annotated[str, Form(max_length=300)]
Secret = Annotated[str, Form(max_length=1000)]
ADMIN_EXISTS = Flash("This Stonehand has its administrator already; sign in.", "quiet")


@router.get("/sign-in")
def sign_in(request: Request, person: Visitor, next: Annotated[str, Query(max_length=2000)] = "/") -> Response:  # noqa: A002  the word in the address
    """The door; those who are in already are sent on."""
    target = security.safe_next(next)
    if person:
        return flash.redirect(target)
    return rendering.page(request, "accounts/sign_in.html", SignInView(target), NOBODY)


@router.post("/sign-in")
def enter(
    request: Request,
    _person: Visitor,
    email: Short = "",
    password: Secret = "",
    next: Annotated[str, Form(max_length=2000)] = "/",  # noqa: A002  as above
) -> Response:
    """Let somebody in who knows the password."""
    target = security.safe_next(next)
    try:
        entered = doors.sign_in(db.database(), email, password, address_of(request))
    except (SignInRefused, SignInThrottled, EmailMalformed) as error:
        view = SignInView(target, Field(email), error=_sentence(error))
        response: Response = rendering.page(request, "accounts/sign_in.html", view, NOBODY, error.status)
        if isinstance(error, SignInThrottled):
            response.headers["Retry-After"] = str(math.ceil(error.retry_after or 1))
        return response
    return _welcome(target, entered)


@router.post("/sign-out")
def leave(request: Request, _person: Visitor) -> Response:
    """End this session."""
    doors.sign_out(db.database(), request.cookies.get(security.session_cookie(), ""))
    response = flash.redirect("/sign-in", Flash("You are signed out.", "quiet"))
    security.drop_cookie(response, security.session_cookie())
    return response


@router.get("/setup")
def setup(request: Request, _person: Visitor, key: Annotated[str, Query(max_length=200)] = "") -> Response:
    """The form that makes the first administrator, for whoever has the link."""
    try:
        with db.database().read() as session:
            entering.check_setup_link(session, key)
    except SetupDone:
        return flash.redirect("/sign-in", ADMIN_EXISTS)
    return rendering.page(request, "accounts/setup.html", SetupView(key), NOBODY)


@router.post("/setup")
def complete_setup(
    request: Request,
    _person: Visitor,
    secret: Short = "",
    name: Short = "",
    email: Short = "",
    password: Secret = "",
) -> Response:
    """Make the first administrator, and let them in."""
    try:
        doors.complete_setup(db.database(), secret, email, name, password)
    except SetupDone:
        return flash.redirect("/sign-in", ADMIN_EXISTS)
    except (EmailMalformed, NameMissing, PasswordUnfit) as error:
        wrong = type(error)
        view = SetupView(
            secret,
            name=Field(name, _sentence(error) if wrong is NameMissing else ""),
            email=Field(email, _sentence(error) if wrong is EmailMalformed else ""),
            password=Field("", _sentence(error) if wrong is PasswordUnfit else ""),
        )
        return rendering.page(request, "accounts/setup.html", view, NOBODY, error.status)
    entered = doors.sign_in(db.database(), email, password, address_of(request))
    return _welcome("/", entered, Flash(f"Welcome, {entered.person.name}. This newsroom is yours."))


def address_of(request: Request) -> str:
    """The network address of whoever asks, by which attempts are counted."""
    return request.client.host if request.client else "unknown"


def _welcome(target: str, entered: Entered, message: Flash | None = None) -> Response:
    response = flash.redirect(target, message)
    seconds = int(entered.lives.total_seconds())
    security.set_cookie(response, security.session_cookie(), entered.secret, seconds)
    security.drop_cookie(response, security.visit_cookie())
    return response


def _sentence(error: StonehandError) -> str:
    words = str(error)
    return f"{words[:1].upper()}{words[1:]}."
