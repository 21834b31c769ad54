"""One's own account: who one is, one's tokens, one's password."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from stonehand import db
from stonehand.accounts import doors, queries, service
from stonehand.accounts.errors import ExpiryUnfit, NameMissing, PasswordUnfit, ScopeUnknown, SignInRefused
from stonehand.accounts.models import Token
from stonehand.accounts.permissions import PERMISSIONS, Person
from stonehand.web import flash, rendering, security
from stonehand.web.api.contract import ById
from stonehand.web.deps import Reader
from stonehand.web.flash import Flash
from stonehand.web.pages.accounts import AccountView, TokenRow
from stonehand.web.pages.chrome import chrome
from stonehand.web.pages.door_routes import Secret, Short, address_of
from stonehand.web.pages.parts import BLANK, Badge, Field, Tab

router = APIRouter(prefix="/account", include_in_schema=False)
MAY = {"read": "read", "edit": "edit", "publish": "publish", "admin": "look after people and settings"}
DAYS = 90


@router.get("")
def account(request: Request, person: Reader) -> Response:
    """Who you are."""
    return _page(request, person)


@router.post("/tokens")
def make_token(
    request: Request,
    person: Reader,
    scope: Annotated[list[str], Form(default_factory=list, max_length=10)],
    name: Short = "",
    days: Annotated[str, Form(max_length=10)] = str(DAYS),
) -> Response:
    """Make a token, and show its secret this once."""
    lives = int(days) if days.isdecimal() else 0
    try:
        with db.database().transaction() as session:
            _, secret = service.create_token(session, person, name, scope, lives)
    except (NameMissing, ScopeUnknown) as error:
        return _page(request, person, error.status, token_name=Field(name, f"{error}."), days=Field(days))
    except ExpiryUnfit as error:
        return _page(request, person, error.status, token_name=Field(name), days=Field(days, f"{error}."))
    return _page(request, person, secret=secret)


@router.post("/tokens/{token_id}/revoke")
def revoke(token_id: ById, person: Reader) -> Response:
    """End a token at once."""
    with db.database().transaction() as session:
        service.revoke_token(session, person, token_id)
    return flash.redirect("/account", Flash("The token no longer works.", "quiet"))


@router.post("/password")
def change_password(request: Request, person: Reader, current: Secret = "", password: Secret = "") -> Response:
    """Replace one's password. It ends all one's sessions, and begins this one anew."""
    try:
        doors.change_password(db.database(), person, current, password, address_of(request))
    except SignInRefused as error:
        return _page(request, person, 422, current=Field("", f"{error}."))
    except PasswordUnfit as error:
        return _page(request, person, error.status, password=Field("", f"{error}."))
    entered = doors.sign_in(db.database(), person.email, password, address_of(request))
    response = flash.redirect("/account", Flash("Your password is changed, and you are signed out everywhere else."))
    seconds = int(entered.lives.total_seconds())
    security.set_cookie(response, security.session_cookie(), entered.secret, seconds)
    return response


def tabs(person: Person, here: str) -> tuple[Tab, ...]:
    """The pages about people that `person` may see."""
    pages = {"You": "/account"} | ({"People": "/users", "Audit log": "/audit"} if person.may("admin") else {})
    return tuple(Tab(words, href, active=href == here) for words, href in pages.items())


def _page(request: Request, person: Person, status: int = 200, **changes: Any) -> Response:
    with db.database().read() as session:
        moment = db.now(session)
        rows = tuple(_row(token, moment) for token in queries.tokens(session, person.id))
        frame = chrome(session, person)
    view = AccountView(
        name=person.name,
        email=person.email,
        role=person.role,
        may=", ".join(words for word, words in MAY.items() if person.may(word)),
        tokens=rows,
        scopes=tuple(word for word in PERMISSIONS if person.may(word)),
        tabs=tabs(person, "/account"),
        days=Field(str(DAYS)),
        token_name=BLANK,
    )
    return rendering.page(request, "accounts/account.html", replace(view, **changes), frame, status)


def _row(token: Token, moment: datetime) -> TokenRow:
    works = token.revoked_at is None and token.expires_at > moment
    badge = Badge("Works", "good") if works else Badge("Revoked" if token.revoked_at else "Expired")
    return TokenRow(
        id=token.id,
        name=token.name,
        prefix=token.prefix,
        scopes=", ".join(token.scopes),
        badge=badge,
        expires_at=token.expires_at,
        last_used_at=token.last_used_at,
        can_revoke=works,
    )
