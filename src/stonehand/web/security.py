"""Between a browser and the desk: response headers, cookies, and proof that a request came from our own page."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable
from typing import Literal
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stonehand import config
from stonehand.errors import Forbidden

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_FIELD, CSRF_HEADER = "csrf_token", "x-csrf-token"
Failed = Callable[[Request, Exception], Awaitable[Response]]


class RequestForged(Forbidden):
    """An unsafe request did not prove that it came from one of our own pages."""


def is_https() -> bool:
    """Whether people reach us by https, so that cookies can be `Secure`."""
    return config.settings().public_url.startswith("https://")


def cookie_name(name: str) -> str:
    """`name` with the `__Host-` prefix where https allows it; no other host can then set the cookie."""
    return f"__Host-{name}" if is_https() else name


def session_cookie() -> str:
    """Name of the cookie that holds a session's secret."""
    return cookie_name("stonehand_session")


def visit_cookie() -> str:
    """Name of the cookie that ties forms to a browser nobody has signed in with yet."""
    return cookie_name("stonehand_visit")


def set_cookie(response: Response, name: str, value: str, seconds: int | None = None, strict: bool = False) -> None:
    """Set a cookie that scripts cannot read and other sites cannot send with a POST."""
    same_site: Literal["strict", "lax"] = "strict" if strict else "lax"
    response.set_cookie(name, value, max_age=seconds, path="/", secure=is_https(), httponly=True, samesite=same_site)


def drop_cookie(response: Response, name: str) -> None:
    """Make the browser forget a cookie."""
    response.delete_cookie(name, path="/", secure=is_https(), httponly=True)


def csrf_token(secret: str) -> str:
    """A token only the holder of the cookie `secret` can be given; masked to differ on every page (BREACH)."""
    mask = secrets.token_bytes(32)
    return base64.urlsafe_b64encode(mask + _xor(mask, _signature(secret))).decode()


def csrf_valid(secret: str, token: str) -> bool:
    """Whether `token` was made by `csrf_token` for this cookie."""
    try:
        raw = base64.urlsafe_b64decode(token.encode())
    except ValueError:
        return False
    return len(raw) == 64 and hmac.compare_digest(_xor(raw[:32], raw[32:]), _signature(secret))


def _signature(secret: str) -> bytes:
    return hmac.digest(secret.encode(), b"stonehand form", hashlib.sha256)


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


def check_origin(request: Request) -> None:
    """Raise `RequestForged` if the browser says that another site sent this request."""
    origin = request.headers.get("origin")
    if origin is None:
        if request.headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
            raise RequestForged("this form was sent by another site; open the page here and send it again")
        return
    if urlsplit(origin).netloc.lower() not in _own_hosts(request) or origin == "null":
        raise RequestForged(
            "this form was sent by another site; behind a proxy, set STONEHAND_PUBLIC_URL to its address"
        )


def _own_hosts(request: Request) -> set[str]:
    own = {request.headers.get("host", "").lower()}
    public = urlsplit(config.settings().public_url).netloc.lower()
    return own | ({public} if public else set())


async def check_csrf(request: Request) -> None:
    """Check origin and token of an unsafe request. Raises `RequestForged`."""
    check_origin(request)
    secret = request.cookies.get(session_cookie()) or request.cookies.get(visit_cookie())
    token = request.headers.get(CSRF_HEADER)
    if token is None and "form" in request.headers.get("content-type", ""):
        token = str((await request.form()).get(CSRF_FIELD, ""))
    if not secret or not token or not csrf_valid(secret, token):
        raise RequestForged("this form has grown old, or cookies are switched off; reload the page and send it again")


def safe_next(target: str | None) -> str:
    """`target` if it is a path on this site, else the first page; never a way out to another host."""
    if not target or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return "/"
    if any(ord(letter) < 32 for letter in target) or urlsplit(target).netloc:
        return "/"
    return target


def policy(nonce: str) -> str:
    """The Content-Security-Policy of every answer: our own files, scripts by nonce, nobody may frame us."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'nonce-{nonce}'",
            "style-src 'self'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "manifest-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-src 'self'",
            "frame-ancestors 'none'",
        )
    )


STRANGE = "; ".join(
    (
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'self'",
        "sandbox",
    )
)
"""The policy of a preview, which may say anything: it is drawn in a frame of ours, and does nothing."""


class SecurityHeaders:
    """Outermost layer: gives each request a nonce and each answer its headers, even when everything inside failed."""

    def __init__(self, app: ASGIApp, failed: Failed) -> None:
        self.app, self.failed = app, failed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["nonce"] = nonce
        started = False

        async def guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                _add_headers(MutableHeaders(scope=message), nonce, bool(scope["state"].get("is_strange")))
            await send(message)

        try:
            await self.app(scope, receive, guarded)
        except Exception as error:
            if started:
                raise
            response = await self.failed(Request(scope, receive), error)
            await response(scope, receive, guarded)


def _add_headers(headers: MutableHeaders, nonce: str, is_strange: bool) -> None:
    headers["Content-Security-Policy"] = STRANGE if is_strange else policy(nonce)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["X-Frame-Options"] = "SAMEORIGIN" if is_strange else "DENY"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    headers.setdefault("Cache-Control", "no-store")
    if is_https():
        headers["Strict-Transport-Security"] = "max-age=31536000"
