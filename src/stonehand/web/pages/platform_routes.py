"""The page of platforms: adding sites and logins, and trying logins out."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from stonehand import db
from stonehand.accounts.permissions import Person
from stonehand.errors import Conflict, Forbidden, Rejected
from stonehand.platforms import queries, service
from stonehand.platforms.interfaces import ConfigUnfit
from stonehand.platforms.schemas import LoginIn
from stonehand.web import flash
from stonehand.web.api.contract import ById
from stonehand.web.deps import Admin, Reader
from stonehand.web.flash import Flash
from stonehand.web.pages import platform_forms as forms
from stonehand.web.pages import platform_reading as reading
from stonehand.web.pages.platform_forms import NO_NUL, said
from stonehand.web.pages.showing import show

router = APIRouter(include_in_schema=False)
Name = Annotated[str, Form(max_length=150, pattern=NO_NUL)]
Secret = Annotated[str, Form(max_length=1000, pattern=NO_NUL)]
HERE = "platforms/index.html"
FORM = "platforms/edit.html"
Typed = Annotated[forms.Typed, Form()]


@router.get("/platforms")
def index(request: Request, person: Reader) -> Response:
    """Every platform with its logins."""
    return show(request, person, HERE, lambda session: reading.index(session, person))


@router.post("/platforms")
def add(request: Request, person: Admin, typed: Typed) -> Response:
    """Add a site by a preset, and what differs from it."""
    try:
        wish = typed.wish()
        with db.database().transaction() as session:
            made = service.add(session, person, wish).name
    except Forbidden:
        raise
    except (Rejected, Conflict) as error:
        look = partial(reading.index, person=person, form=typed.fields(error))
        return show(request, person, HERE, look, error.status)
    return flash.redirect("/platforms", Flash(f"Added {made}. Add a login there, and try it out."))


@router.get("/platforms/{platform_id}/edit")
def edit(request: Request, platform_id: ById, person: Admin) -> Response:
    """The form of a site."""
    return show(request, person, FORM, lambda session: reading.one(session, platform_id))


@router.post("/platforms/{platform_id}/edit")
def change(request: Request, platform_id: ById, person: Admin, typed: Typed) -> Response:
    """Change a site. What is wrong stands beside its field."""
    try:
        wish = typed.change()
        with db.database().transaction() as session:
            made = service.change(session, person, platform_id, wish).name
    except Forbidden:
        raise
    except (Rejected, Conflict) as error:
        look = partial(reading.one, platform_id=platform_id, form=typed.fields(error))
        return show(request, person, FORM, look, error.status)
    return flash.redirect("/platforms", Flash(f"Changed {made}. What goes there from now on goes by that."))


@router.post("/platforms/{platform_id}/remove")
def remove(platform_id: ById, person: Admin) -> Response:
    """Forget a site; what was written there stays."""
    with db.database().transaction() as session:
        name = queries.platform(session, platform_id).name
        service.remove(session, person, platform_id)
    return flash.redirect("/platforms", Flash(f"Removed {name}. What was written there stays.", "quiet"))


@router.post("/platforms/{platform_id}/logins")
def add_login(
    request: Request, platform_id: ById, person: Admin, username: Name = "", password: Secret = ""
) -> Response:
    """Add a login. The password is sealed and never shown."""
    try:
        wish = LoginIn(username=username, password=password)
        with db.database().transaction() as session:
            service.add_login(session, person, platform_id, wish)
    except Forbidden:
        raise
    except (Rejected, Conflict) as error:
        return _again(request, person, (platform_id, username, said(error)), error.status)
    return flash.redirect("/platforms", Flash(f"Added {username}. Try it out to see whether the site lets it in."))


def _again(request: Request, person: Person, wrong: tuple[str, str, str], status: int) -> Response:
    return show(request, person, HERE, lambda session: reading.index(session, person, wrong=wrong), status)


@router.post("/logins/{login_id}/password")
def set_password(login_id: ById, person: Admin, password: Secret = "") -> Response:
    """Give a login another password, and let it go on."""
    try:
        with db.database().transaction() as session:
            name = service.set_password(session, person, login_id, password).username
    except ConfigUnfit as error:
        return flash.redirect("/platforms", Flash(said(error), "bad"))
    return flash.redirect("/platforms", Flash(f"{name} has another password. Try it out."))


@router.post("/logins/{login_id}/test")
def test(login_id: ById, person: Admin) -> Response:
    """Let a job sign in; its page says what came of it."""
    with db.database().transaction() as session:
        job_id = service.try_out(session, person, login_id)
    return flash.redirect(f"/jobs/{job_id}", Flash("A job tries to sign in. Its result stands here.", "quiet"))


@router.post("/logins/{login_id}/enable")
def enable(login_id: ById, person: Admin) -> Response:
    """Let a login work again."""
    return _switch(login_id, person, True)


@router.post("/logins/{login_id}/disable")
def disable(login_id: ById, person: Admin) -> Response:
    """Switch a login off; its session ends here."""
    return _switch(login_id, person, False)


def _switch(login_id: str, person: Person, on: bool) -> Response:
    with db.database().transaction() as session:
        name = service.enable(session, person, login_id, on).username
    return flash.redirect("/platforms", Flash(f"{name} is switched {'on' if on else 'off'}.", "quiet"))


@router.post("/logins/{login_id}/remove")
def remove_login(login_id: ById, person: Admin) -> Response:
    """Forget a login with its sessions."""
    with db.database().transaction() as session:
        name = queries.login(session, login_id).username
        service.remove_login(session, person, login_id)
    return flash.redirect("/platforms", Flash(f"Removed {name}.", "quiet"))
