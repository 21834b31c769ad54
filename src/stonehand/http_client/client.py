"""One question asked to its end: headers, redirects by hand, the body within its caps, and a clear error otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import cache
from urllib.parse import urljoin

import httpcore2
import httpx2

from stonehand import __version__, config
from stonehand.http_client import answers, bodies
from stonehand.http_client.errors import AddressForbidden, HostUnavailable, RedirectLoop, RequestRefused, UrlMalformed
from stonehand.http_client.messages import Reply, Request
from stonehand.http_client.trail import Trail
from stonehand.http_client.transport import CONNECT_TIMEOUT
from stonehand.http_client.urls import origin, parse, shown

REDIRECTS = 5
PRODUCT = "Stonehand"  # what robots.txt calls us
TRAVELLING = frozenset(
    {"user-agent", "accept", "accept-encoding", "accept-language", "if-none-match", "if-modified-since"}
)
BODY_HEADERS = frozenset({"content-type", "content-length", "content-encoding", "transfer-encoding"})


async def ask(pool: httpcore2.AsyncConnectionPool, request: Request, trail: Trail) -> Reply:
    """Ask once, within `request.timeout` seconds for everything. Raises errors of this package and `BreakerOpen`."""
    patience = config.settings().fetch_timeout_seconds if request.timeout is None else request.timeout
    try:
        async with asyncio.timeout(patience):
            return await _follow(pool, request, trail)
    except TimeoutError as error:
        raise HostUnavailable(f"{shown(request.url)} took longer than {patience:g} s") from error


async def _follow(pool: httpcore2.AsyncConnectionPool, request: Request, trail: Trail) -> Reply:
    url, method, body, headers = parse(request.url), request.method.upper(), request.body, _headers(request)
    passed: list[str] = []
    moved, for_good = None, True
    while True:
        async with _sent_on(passed, url), _exchange(pool, url, method, headers, body) as answer:
            target = _target(url, answer) if request.follow else None
            if target is None:
                reply = await answers.reply(url, answer, request.max_bytes, tuple(passed))
                return replace(reply, moved=moved)
            code = answer.status
            await answers.excerpt(answer)
        if len(passed) == REDIRECTS:
            raise RedirectLoop(
                f"{shown(request.url)} was sent on more than {REDIRECTS} times, last to {shown(str(target))}"
            )
        passed.append(str(url))
        for_good = for_good and code in {301, 308}
        moved = str(target) if for_good else moved
        if code == 303 or (code in {301, 302} and method == "POST"):
            method, body = ("HEAD" if method == "HEAD" else "GET"), None
            headers = {name: value for name, value in headers.items() if name.lower() not in BODY_HEADERS}
        if origin(target) != origin(url):
            headers = _for_strangers(headers, body, target, code)
        await trail.come_to(target)
        url = target


@asynccontextmanager
async def _sent_on(passed: Sequence[str], url: httpx2.URL) -> AsyncIterator[None]:
    """An address that may not be reached says who led there: the operator has never heard of it."""
    try:
        yield
    except AddressForbidden as error:
        if not passed:
            raise
        raise AddressForbidden(f"{shown(passed[-1])} sends us on to {shown(str(url))}: {error}", error.host) from error


@asynccontextmanager
async def _exchange(
    pool: httpcore2.AsyncConnectionPool, url: httpx2.URL, method: str, headers: Mapping[str, str], body: bytes | None
) -> AsyncIterator[httpcore2.Response]:
    try:
        fields = [(b"Host", url.netloc), *_encoded(headers)]
        if body is not None or method in {"POST", "PUT", "PATCH"}:
            fields.append((b"Content-Length", str(len(body or b"")).encode()))
        address = httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        timeouts = {"timeout": {"connect": CONNECT_TIMEOUT}}
        async with pool.stream(method, address, headers=fields, content=body, extensions=timeouts) as answer:
            yield answer
    except (httpcore2.LocalProtocolError, UnicodeError) as error:
        message = f"the request to {shown(str(url))} has a method or header that HTTP cannot carry"
        raise UrlMalformed(message) from error  # what the error says may hold the header's secret
    except answers.NETWORK_ERRORS as error:
        raise HostUnavailable(f"{url.host} did not answer: {_reason(error)}") from error


def _encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("ascii"), value.encode("latin-1")) for name, value in headers.items()]


def _headers(request: Request) -> dict[str, str]:
    headers = {
        "User-Agent": user_agent(config.settings().contact),
        "Accept": request.accept or "*/*",
        "Accept-Encoding": bodies.ENCODINGS,
    }
    if request.etag:
        headers["If-None-Match"] = request.etag
    if request.modified:
        headers["If-Modified-Since"] = request.modified
    given = {name.lower() for name in request.headers}
    return {name: value for name, value in headers.items() if name.lower() not in given} | dict(request.headers)


def _for_strangers(headers: Mapping[str, str], body: bytes | None, target: httpx2.URL, code: int) -> dict[str, str]:
    """What may follow a redirect to another origin: nothing that could be a secret."""
    if body is not None:
        raise RequestRefused(
            f"asked to send the same data to {target.host} instead; if it has moved there, give that address", code
        )
    return {name: value for name, value in headers.items() if name.lower() in TRAVELLING}


@cache
def user_agent(contact: str) -> str:
    """Who we are and whom to ask about us."""
    whom = "".join(char for char in contact if " " <= char <= "~").strip() or "self-hosted newsroom"
    return f"{PRODUCT}/{__version__} (+{whom})"


def _target(url: httpx2.URL, answer: httpcore2.Response) -> httpx2.URL | None:
    if answer.status not in {301, 302, 303, 307, 308}:
        return None
    location = httpx2.Headers(answer.headers).get("location", "")
    if not location:
        raise RequestRefused(f"{shown(str(url))} sends us on, but does not say where", answer.status)
    try:
        return parse(urljoin(str(url), location))
    except ValueError as error:
        raise UrlMalformed(f"{shown(str(url))} sends us on to {shown(location)}: {error}") from error


def _reason(error: BaseException) -> str:
    if isinstance(error, httpcore2.TimeoutException):
        return str(error) or f"no connection within {CONNECT_TIMEOUT:g} s"
    return str(error) or type(error).__name__
