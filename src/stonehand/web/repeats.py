"""Asking twice for the same thing: with an `Idempotency-Key`, the second request gets the first one's answer.

As the IETF's draft (draft-ietf-httpapi-idempotency-key-header) has it: same key and same request, the kept answer;
another request, 422; while the first one has not ended, 409. Keys belong to a user and are kept for a day.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stonehand import db, log
from stonehand.accounts import repeats
from stonehand.accounts.repeats import Kept
from stonehand.errors import Rejected, StonehandError
from stonehand.web import deps, problems

KEY = re.compile(r'"?([\x21\x23-\x5b\x5d-\x7e]{1,255})"?')
EXEMPT = ("/api/v1/auth/", "/api/v1/users")  # nothing is started there, and secrets must not be kept
OLD = re.compile(r"/jobs|/admin/collect")
REPLAYED = "Idempotency-Replayed"
WITHDRAWN = {401, 403, 413, 429}  # answers that say nothing of the request itself; asking again may go better
HEADERS = ("content-type", "location")


class KeyUnusable(Rejected):
    """An Idempotency-Key is 1 to 255 visible characters, perhaps in quotes."""


class Repeats:
    """Keeps the answers to requests that carry a key."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = Headers(scope=scope).get("idempotency-key") if _is_meant(scope) else None
        if key is None:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            await self._once(request, key, send)
        except StonehandError as error:
            response = await problems.on_known(request, error)
            await response(scope, receive, send)
        except HTTPException as error:  # the body is too large
            response = await problems.on_http(request, error)
            await response(scope, receive, send)

    async def _once(self, request: Request, key: str, send: Send) -> None:
        person = await run_in_threadpool(deps.who, request)
        if person is None:  # the route will say so
            await self._app(request.scope, request.receive, send)
            return
        body = await request.body()
        name, mark = person.id, fingerprint(request, body)
        kept = await run_in_threadpool(_begin, name, _checked(key), mark)
        if kept is not None:
            await _replay(kept, send)
            return
        answer = _Answer(send)
        try:
            await self._app(request.scope, _again(body, request.receive), answer)
        finally:
            await run_in_threadpool(_end, name, _checked(key), answer.kept())


class _Answer:
    """Passes an answer on, and remembers it."""

    def __init__(self, send: Send) -> None:
        self._send, self._status = send, 0
        self._headers: dict[str, str] = {}
        self._body = bytearray()
        self._is_whole = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            headers = MutableHeaders(scope=message)
            self._headers = {name: headers[name] for name in HEADERS if name in headers}
        elif message["type"] == "http.response.body":
            self._body += message.get("body", b"")
            self._is_whole = not message.get("more_body", False)
        await self._send(message)

    def kept(self) -> Kept | None:
        """What to keep; None if the same request may be tried anew."""
        if not self._is_whole or self._status >= 500 or self._status in WITHDRAWN:
            return None
        return Kept(self._status, self._headers, bytes(self._body))


def _is_meant(scope: Scope) -> bool:
    return scope["type"] == "http" and scope["method"] == "POST" and heeds(scope["path"])


def heeds(path: str) -> bool:
    """Whether a POST there may carry a key."""
    return bool(OLD.fullmatch(path)) or (path.startswith("/api/v1/") and not path.startswith(EXEMPT))


def _checked(key: str) -> str:
    found = KEY.fullmatch(key.strip())
    if found is None:
        raise KeyUnusable("the Idempotency-Key is not 1 to 255 visible characters; a new UUID is a good one")
    return found[1]


def fingerprint(request: Request, body: bytes) -> str:
    """What tells this request from others: where it goes and what it says."""
    said = hashlib.sha256()
    for part in (request.method, request.url.path, request.url.query):
        said.update(part.encode() + b"\0")
    said.update(body)
    return said.hexdigest()


def _begin(person_id: str, key: str, mark: str) -> Kept | None:
    with db.database().transaction() as session:
        return repeats.begin(session, person_id, key, mark)


def _end(person_id: str, key: str, answer: Kept | None) -> None:
    try:
        with db.database().transaction() as session:
            repeats.end(session, person_id, key, answer)
    except StonehandError as error:  # who asks again is told that nobody knows how it ended
        log.logger(__name__).warning("an answer could not be kept", error=str(error))


async def _replay(kept: Kept, send: Send) -> None:
    headers: Sequence[tuple[bytes, bytes]] = [
        *((name.encode(), value.encode()) for name, value in kept.headers.items()),
        (b"content-length", str(len(kept.body)).encode()),
        (REPLAYED.lower().encode(), b"true"),
    ]
    await send({"type": "http.response.start", "status": kept.status, "headers": headers})
    await send({"type": "http.response.body", "body": kept.body})


def _again(body: bytes, receive: Receive) -> Receive:
    """The body once more, for who reads it next."""
    given = False

    async def read() -> Any:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return read
