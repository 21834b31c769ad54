"""Signing in and out by the API, one's own tokens, and the first administrator."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic import Field, SecretStr

from stonehand import db
from stonehand.accounts import doors, queries, service
from stonehand.accounts.models import Token
from stonehand.accounts.permissions import PERMISSIONS, Person
from stonehand.accounts.schemas import LoginIn, LoginOut, PersonOut, SetupIn, TokenIn, TokenMade, TokenOut
from stonehand.web import security
from stonehand.web.api.contract import ById, Page, Wish, problems, whole
from stonehand.web.deps import Reader, bearer, public

router = APIRouter(prefix="/auth", tags=["auth"])
doors_router = APIRouter(prefix="/auth", tags=["auth"])
"""What needs no token, since it is where tokens come from."""


class PasswordIn(Wish):
    """One's present password and the one that replaces it."""

    current: SecretStr = Field(max_length=200)
    password: SecretStr = Field(max_length=200)


@doors_router.post("/login", dependencies=[public], responses=problems(429), summary="Sign in for a bearer token")
def login(wish: LoginIn, request: Request) -> LoginOut:
    """Send the token as `Authorization: Bearer ...`. It lives 12 hours, or until it signs out."""
    entered = doors.sign_in(db.database(), wish.email, wish.password.get_secret_value(), _address(request), "api")
    return LoginOut(access_token=entered.secret, expires_in=int(entered.lives.total_seconds()))


@doors_router.post(
    "/setup",
    status_code=201,
    dependencies=[public],
    responses=problems(409),
    summary="Make the first administrator",
)
def setup(wish: SetupIn) -> PersonOut:
    """Only once, with the secret of the setup link that was printed at the first start."""
    secret, password = wish.secret.get_secret_value(), wish.password.get_secret_value()
    return person_out(doors.complete_setup(db.database(), secret, wish.email, wish.name, password))


@router.post("/logout", status_code=204, summary="Sign out")
def logout(request: Request, person: Reader) -> Response:
    """End the session of this token or cookie. A token from `/auth/tokens` is revoked there instead."""
    secret = bearer(request) or request.cookies.get(security.session_cookie(), "")
    doors.sign_out(db.database(), secret)
    response = Response(status_code=204)
    security.drop_cookie(response, security.session_cookie())
    return response


@router.get("/me", summary="Who you are, and what you may do")
def me(person: Reader) -> PersonOut:
    """The person behind the token or cookie; a token may do less than its owner."""
    return person_out(person)


@router.put("/password", status_code=204, responses=problems(429), summary="Change your password")
def change_password(wish: PasswordIn, request: Request, person: Reader) -> None:
    """Needs the present one, and ends all your sessions."""
    current, password = wish.current.get_secret_value(), wish.password.get_secret_value()
    doors.change_password(db.database(), person, current, password, _address(request))


@router.get("/tokens", summary="Your tokens")
def tokens(person: Reader) -> Page[TokenOut]:
    """Newest first, the revoked and expired ones too. No secrets."""
    with db.database().read() as session:
        return whole([TokenOut.model_validate(token) for token in queries.tokens(session, person.id)])


@router.post("/tokens", status_code=201, summary="Make a token")
def create_token(wish: TokenIn, person: Reader) -> TokenMade:
    """Its secret is in this answer only. Its scopes cannot go beyond what you may do."""
    with db.database().transaction() as session:
        token, secret = service.create_token(session, person, wish.name, wish.scopes, wish.days)
        return _made(token, secret)


@router.delete("/tokens/{token_id}", status_code=204, responses=problems(404), summary="Revoke a token")
def revoke_token(token_id: ById, person: Reader) -> None:
    """At once: your own, or anybody's for an administrator."""
    with db.database().transaction() as session:
        service.revoke_token(session, person, token_id)


def person_out(person: Person) -> PersonOut:
    """A person at the border."""
    granted = [word for word in PERMISSIONS if person.may(word)]
    named = {name: getattr(person, name) for name in ("id", "email", "name", "role")}
    return PersonOut.model_validate({**named, "permissions": granted})


def _made(token: Token, secret: str) -> TokenMade:
    return TokenMade.model_validate({**TokenOut.model_validate(token).model_dump(), "secret": secret})


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"
