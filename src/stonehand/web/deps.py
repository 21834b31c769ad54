"""What endpoints ask for: a session of the database, the person behind the request, and the permission it takes.

Every route declares either `requires("read")` (or another permission) or `public`; the app refuses to start otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request, params
from starlette.concurrency import run_in_threadpool

from stonehand import db
from stonehand.accounts import doors
from stonehand.accounts.permissions import Person
from stonehand.errors import Rejected, StonehandError
from stonehand.web import security


class SignInNeeded(StonehandError):
    """Nobody is signed in, or the token is unknown or has expired."""

    status = 401


def read_session() -> Iterator[db.Session]:
    """A session that only reads."""
    with db.database().read() as session:
        yield session


# With scope="request", which is FastAPI's default, the answer would leave before the commit.
Reading = Annotated[db.Session, Depends(read_session, scope="function")]


def bearer(request: Request) -> str | None:
    """The token of the `Authorization: Bearer` header."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def who(request: Request) -> Person | None:
    """Whoever sends this request, by token or by session cookie."""
    token, cookie = bearer(request), request.cookies.get(security.session_cookie())
    if not token and not cookie:
        return None
    if token:
        return doors.person_of_token(db.database(), token)
    return doors.person_of_session(db.database(), cookie or "")


class Public:
    """Declares that a route is open to everybody."""

    async def __call__(self, request: Request) -> Person | None:
        _check_storable(request)
        request.state.person = None
        if request.cookies.get(security.session_cookie()) or bearer(request):
            request.state.person = await run_in_threadpool(who, request)
        await _guard(request)
        person: Person | None = request.state.person
        return person


class ByAddress(Public):
    """Declares that a secret in the address is all it takes, as for a letter's link: mail programs post without our
    forms, so there is nothing to prove by a cookie, and nothing is done in anybody's name but the secret's."""

    async def __call__(self, request: Request) -> Person | None:
        request.state.person = None
        return None


class Requires:
    """Declares which permission a route takes."""

    def __init__(self, permission: str) -> None:
        self.permission = permission

    async def __call__(self, request: Request) -> Person:
        _check_storable(request)
        person: Person | None = await run_in_threadpool(who, request)
        request.state.person = person
        if person is None:
            raise SignInNeeded("sign in, or send a token that is valid, to see this")
        person.require(self.permission)
        await _guard(request)
        return person


def _check_storable(request: Request) -> None:
    """PostgreSQL has no NUL in texts, so one in a filter would look like a crash of ours."""
    if b"%00" in request.scope["query_string"]:
        raise Rejected("the address holds the character U+0000, which no text needs; leave it out")


async def _guard(request: Request) -> None:
    """Forgery needs a browser that adds cookies by itself; a bearer token is never added by itself."""
    if request.method in security.SAFE_METHODS or bearer(request):
        return
    is_api = request.url.path.startswith("/api/")
    if is_api and not request.cookies.get(security.session_cookie()):
        return
    await security.check_csrf(request)


public = Depends(Public())
by_address = Depends(ByAddress())
_REQUIRED = {word: Requires(word) for word in ("read", "edit", "publish", "admin")}
Reader = Annotated[Person, Depends(_REQUIRED["read"])]
Editor = Annotated[Person, Depends(_REQUIRED["edit"])]
Publisher = Annotated[Person, Depends(_REQUIRED["publish"])]
Admin = Annotated[Person, Depends(_REQUIRED["admin"])]
Visitor = Annotated[Person | None, public]


def requires(permission: str) -> params.Depends:
    """For `dependencies=[...]` of routes that do not need to know who it is."""
    return params.Depends(_REQUIRED[permission])
