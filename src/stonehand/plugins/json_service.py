"""Asking a service that speaks JSON over HTTP, and what its refusals mean."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from stonehand import http_client
from stonehand.channels.interfaces import LoginRefused
from stonehand.errors import Rejected, Unavailable
from stonehand.http_client import AccessDenied, HostUnavailable, PageMissing, Reply, Request, RequestRefused

LATE = 15.0  # seconds after which a service has surely done what it did not confirm, or will not do it
_SENT_AWAY = (425, 429)  # statuses that say that nothing was done


class AnswerOdd(Unavailable):
    """An answer that is not the service's: a login page, a maintenance page, half a page."""


class ServiceRefused(Rejected):
    """The service does not want this, and will not want it later; `code` is the status of its answer."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Service:
    """Who is asked: its name, what to do when it refuses the login, and how it says why it refuses.

    `reason` takes its answer, as JSON, and returns its words, or nothing if these are not its words. Of a service that
    is terse, a refusal without words is one as well.
    """

    name: str
    mend: str
    reason: Callable[[Any], str]
    is_terse: bool = False


def ask(
    service: Service,
    address: str,
    method: str = "GET",
    data: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
) -> Any:
    """The answer as JSON, None if it is empty on purpose.

    Raises `LoginRefused`, `ServiceRefused`, `PageMissing`, `AnswerOdd` and what else `http_client` finds.
    """
    body = encoded(data) if data is not None else None
    url = f"{address}?{urlencode(query)}" if query else address
    return answer(service, url, method, body, headers)


def answer(service: Service, url: str, method: str, body: bytes | None, headers: Mapping[str, str] | None) -> Any:
    """The same for a body that is bytes already, which may be no JSON if `headers` say so."""
    return _json(service, send(service, url, method, body, headers))


def encoded(data: Mapping[str, Any]) -> bytes:
    """JSON, the same each time for the same data."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True).encode()


def send(service: Service, url: str, method: str, body: bytes | None, headers: Mapping[str, str] | None) -> Reply:
    """The answer as it came. Raises what `ask` raises, but for what it says of data."""
    sent = ({"Content-Type": "application/json"} if body is not None else {}) | dict(headers or {})
    with meaning(service):
        return http_client.fetch(Request(url, method, sent, body, accept="application/json"))


@contextmanager
def meaning(service: Service) -> Iterator[None]:
    """What a refusal means: a login that does not work, a firewall that may let us through later, or bad data."""
    try:
        yield
    except AccessDenied as error:
        words = _why(service, error)
        raise LoginRefused(f"{service.name} refuses the login: {words}; {service.mend}") from error
    except PageMissing:
        raise
    except RequestRefused as error:
        words = _why(service, error)
        raise ServiceRefused(f"{service.name} refuses it ({error.code}): {words}", error.code) from error


def may_have_arrived(error: Unavailable) -> bool:
    """Whether what was sent may have been done, although no answer says so."""
    if isinstance(error, HostUnavailable):
        return error.code not in _SENT_AWAY
    return isinstance(error, AnswerOdd)


@contextmanager
def not_repeated_soon() -> Iterator[None]:
    """Something is made, perhaps long after we gave up on the answer: the next try must not look for it too early."""
    try:
        yield
    except Unavailable as error:
        if may_have_arrived(error):
            error.retry_after = max(error.retry_after or 0.0, LATE)
        raise


def _why(service: Service, error: AccessDenied | RequestRefused) -> str:
    """Raises `AnswerOdd` if the refusal is not the service's own."""
    if 300 <= error.code < 400:  # our own words: it sends on what must not go elsewhere
        return str(error)
    words = _words(service, error.body) or ("it does not say why" if service.is_terse else "")
    if not words:
        raise AnswerOdd(f"{error}; something before {service.name} refuses us") from error
    return words


def _words(service: Service, body: bytes) -> str:
    try:
        return " ".join(service.reason(json.loads(body)).split())[:200]
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        return ""


def _json(service: Service, reply: Reply) -> Any:
    if reply.status == 204:
        return None
    try:
        return json.loads(reply.body)
    except ValueError as error:
        raise AnswerOdd(
            f"{service.name} answered with a page instead of data; is a login or maintenance page in front?"
        ) from error
