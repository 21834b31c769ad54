"""What an answer means: a reply with its body, or the error that its status stands for."""

from __future__ import annotations

import asyncio
import time
from email.utils import parsedate_to_datetime

import httpcore2
import httpx2

from stonehand.errors import StonehandError
from stonehand.http_client import bodies
from stonehand.http_client.errors import (
    AccessDenied,
    BodyTooLarge,
    BodyUndecodable,
    HostUnavailable,
    PageMissing,
    RequestRefused,
)
from stonehand.http_client.messages import Reply
from stonehand.http_client.urls import shown

LONGEST_WAIT = 86_400.0  # seconds; no Retry-After puts us off for more than a day
EXCERPT = 64 * 1024  # bytes kept of what a server says when it refuses
EXCERPT_SECONDS = 2.0
WORTH_REPEATING = frozenset({408, 425, 429})
NETWORK_ERRORS = (
    httpcore2.NetworkError,
    httpcore2.TimeoutException,
    httpcore2.RemoteProtocolError,
    httpcore2.ConnectionNotAvailable,
    OSError,
)


async def reply(url: httpx2.URL, answer: httpcore2.Response, limit: int, passed: tuple[str, ...]) -> Reply:
    """The answer with its body. Raises what a status of 400 and more stands for."""
    headers = httpx2.Headers(answer.headers)
    if answer.status >= 400:
        raise _refusal(url, answer.status, headers, await excerpt(answer))
    try:
        body = await _body(answer, headers, limit)
    except (BodyTooLarge, BodyUndecodable) as error:
        raise type(error)(f"{shown(str(url))}: {error}") from error
    return Reply(str(url), answer.status, headers, body, passed)


async def _body(answer: httpcore2.Response, headers: httpx2.Headers, limit: int) -> bytes:
    announced = headers.get("content-length", "") if answer.status != 304 else ""
    return await bodies.read(answer.aiter_stream(), headers.get("content-encoding", ""), announced, limit)


async def excerpt(answer: httpcore2.Response) -> bytes:
    """The body if it is short and comes quickly, else nothing. Reading it keeps the connection usable."""
    try:
        async with asyncio.timeout(EXCERPT_SECONDS):
            return await _body(answer, httpx2.Headers(answer.headers), EXCERPT)
    except (BodyTooLarge, BodyUndecodable, TimeoutError, *NETWORK_ERRORS):
        return b""


def _refusal(url: httpx2.URL, code: int, headers: httpx2.Headers, body: bytes) -> StonehandError:
    if code >= 500 or code in WORTH_REPEATING:
        wait = retry_after(headers.get("retry-after"))
        reason = "an error of the server" if code >= 500 else "it asks to be left alone for a while"
        return HostUnavailable(f"{shown(str(url))} answered {code}, {reason}", wait, code)
    if code in {404, 410}:
        return PageMissing(f"{shown(str(url))} does not exist ({code})", code, body)
    if code in {401, 403, 451}:
        return AccessDenied(f"{shown(str(url))} may not be read by us ({code})", code, body)
    return RequestRefused(f"{shown(str(url))} refused the request ({code})", code, body)


def retry_after(value: str | None) -> float | None:
    """Seconds that a Retry-After header asks us to wait, 0 to a day, or None if it says nothing we understand."""
    if not value:
        return None
    try:
        seconds = float(value) if value.strip().isdecimal() else parsedate_to_datetime(value).timestamp() - time.time()
    except ValueError:
        return None
    return min(max(seconds, 0.0), LONGEST_WAIT)
