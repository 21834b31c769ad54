"""One thread and one pool of connections for each process, through which everything goes out."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

import httpcore2

from stonehand import stopwatch, tracing
from stonehand.errors import StonehandError
from stonehand.http_client import bodies, client, hurry, trail, transport
from stonehand.http_client.messages import MEGABYTE, Reply, Request
from stonehand.http_client.trail import Trail
from stonehand.limits import circuits
from stonehand.limits.errors import BreakerOpen

T = TypeVar("T")
ROOM = 32 * MEGABYTE  # for the bodies of what is asked together


class Outlet:
    """An event loop in a thread of its own, and the pool that lives on it."""

    def __init__(self, pool: httpcore2.AsyncConnectionPool | None = None) -> None:
        self.pool = pool or transport.pool()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="http", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for `work`; if the waiting is interrupted, the work is cancelled too."""
        waiting = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return waiting.result()
        except BaseException:
            waiting.cancel()
            raise

    def close(self) -> None:
        """Hang up and end the thread."""
        self.run(self.pool.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class _Current:
    """The outlet of this process. A forked child starts its own, for threads and sockets do not survive a fork."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self.lock = threading.Lock()
        self.outlet: Outlet | None = None

    def get(self) -> Outlet:
        if self.outlet is None:
            with self.lock:
                self.outlet = self.outlet or Outlet()
        return self.outlet


_current = _Current()
os.register_at_fork(after_in_child=_current.forget)


def fetch(request: Request | str, hurried: bool = False) -> Reply:
    """Ask and wait. Raises the errors of this package; a status of 400 and more is one of them.

    Raises `BreakerOpen` without asking, if the host does not answer these days; if `hurried`, `StillSilent` after a few
    seconds.
    """
    asked = Request(request) if isinstance(request, str) else request
    stopwatch.assert_no_transaction(f"fetching {asked.url}")
    with tracing.span(f"HTTP {asked.method}", "client"):
        (outcome,) = fetch_all([asked], 1, hurried)
    if isinstance(outcome, StonehandError):
        raise outcome
    return outcome


def fetch_all(
    requests: Sequence[Request], concurrency: int, hurried: bool = False, longest: float = hurry.MOST
) -> list[Reply | StonehandError]:
    """Ask many, `concurrency` at a time. Each answer or error stands where its request stood; none disturbs another.

    If `hurried`, nobody waits for stragglers, or longer than `longest` seconds: they come back as `StillSilent`.
    """
    stopwatch.assert_no_transaction(f"fetching {len(requests)} addresses")
    outlet, trails = _current.get(), trail.begin(requests)
    ended: list[Reply | BaseException] = [KeyboardInterrupt()] * len(requests)
    try:
        outcomes = outlet.run(_all(outlet.pool, requests, trails, max(1, concurrency), longest if hurried else None))
        ended = list(outcomes)
    finally:
        kept = [(each, end) for each, end in zip(trails, ended, strict=True) if isinstance(each, Trail)]
        circuits.report(report for each, end in kept for report in each.reports(end))
    return outcomes


async def _all(
    pool: httpcore2.AsyncConnectionPool,
    requests: Sequence[Request],
    trails: Sequence[Trail | BreakerOpen],
    concurrency: int,
    longest: float | None,
) -> list[Reply | StonehandError]:
    gate = asyncio.Semaphore(concurrency)
    bodies.room.set(bodies.Room(ROOM))

    async def one(request: Request, its_trail: Trail | BreakerOpen) -> Reply | StonehandError:
        if isinstance(its_trail, BreakerOpen):
            return its_trail
        async with gate:
            try:
                return await client.ask(pool, request, its_trail)
            except StonehandError as error:
                return error

    if longest is None:
        return list(await asyncio.gather(*map(one, requests, trails)))
    asking = [asyncio.create_task(one(*each)) for each in zip(requests, trails, strict=True)]
    await hurry.settle(asking, longest)
    return [hurry.outcome(asked) for asked in asking]


def close() -> None:
    """Hang up every connection of this process; the next fetch makes new ones."""
    with _current.lock:
        outlet, _current.outlet = _current.outlet, None
    if outlet:
        outlet.close()
