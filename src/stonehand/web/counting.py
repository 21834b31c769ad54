"""Counts requests by route and status, and gives each an id that its logs carry."""

from __future__ import annotations

import re
import threading
import time
from bisect import bisect_left
from collections import Counter

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stonehand import log, tracing
from stonehand.db import new_id
from stonehand.metrics.exposition import Family

BOUNDS = (0.005, 0.02, 0.1, 0.5, 2.0, 10.0)  # seconds
ENDLESS = "/stream"  # stays open as long as its page
NOWHERE = "none"
API = "/api/v1"  # which the route of an included router does not say
OURS = re.compile(r"[A-Za-z0-9._-]{8,64}")


class Counts:
    """What this process has answered."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._buckets: Counter[tuple[str, int]] = Counter()
        self._seconds: Counter[str] = Counter()

    def count(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one answer."""
        with self._lock:
            self._requests[route, method, status] += 1
            if route != ENDLESS:
                self._buckets[route, bisect_left(BOUNDS, seconds)] += 1
                self._seconds[route] += seconds  # type: ignore[assignment]

    def families(self) -> list[Family]:
        """As metrics."""
        with self._lock:
            requests, buckets, seconds = dict(self._requests), Counter(self._buckets), dict(self._seconds)
        counted = Family("stonehand_http_requests_total", "counter", "Answers of the desk and the API, by route.")
        for (route, method, status), number in sorted(requests.items()):
            counted.add(number, {"route": route, "method": method, "status": str(status)})
        lasted = Family("stonehand_http_request_seconds", "histogram", "How long they took, by route.")
        for route in sorted(seconds):
            up_to = [sum(buckets[route, at] for at in range(last + 1)) for last in range(len(BOUNDS) + 1)]
            lasted.add_histogram(BOUNDS, up_to[:-1], up_to[-1], seconds[route], {"route": route})
        return [counted, lasted]


COUNTS = Counts()


class Counting:
    """Outermost but for the headers: sees every answer."""

    def __init__(self, app: ASGIApp, counts: Counts = COUNTS) -> None:
        self._app, self._counts = app, counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status, request_id = time.monotonic(), 500, _request_id(scope)

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        try:
            with tracing.span("request", "server", _parent(scope)) as spot:
                with log.bound(request=request_id, trace=tracing.trace_of(tracing.current())):
                    await self._app(scope, receive, noting)
                spot.rename(f"{_method(scope)} {_route(scope)}", **{"http.response.status_code": status})
        finally:
            self._counts.count(_route(scope), _method(scope), status, time.monotonic() - began)


def _request_id(scope: Scope) -> str:
    """The caller's, if it looks like one; else a new one."""
    given = Headers(scope=scope).get("x-request-id", "")
    return given if OURS.fullmatch(given) else new_id()


def _parent(scope: Scope) -> str | None:
    return Headers(scope=scope).get("traceparent")


def _route(scope: Scope) -> str:
    """The route's pattern, such as `/jobs/{job_id}`: never the address itself, which may hold anything."""
    pattern = str(getattr(scope.get("route"), "path", "") or NOWHERE)
    is_api = scope["path"].startswith(API) and pattern != NOWHERE and not pattern.startswith(API)
    return API + pattern if is_api else pattern


def _method(scope: Scope) -> str:
    known = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
    return scope["method"] if scope["method"] in known else "OTHER"
