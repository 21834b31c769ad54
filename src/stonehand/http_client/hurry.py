"""Not waiting for the few that are slow: once half have answered, the rest get a few times as long, then are left.

An answer that is given up is no failure of its host: the question can be asked again where there is time to wait.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection
from math import ceil
from typing import TypeVar

from stonehand.http_client.errors import StillSilent

T = TypeVar("T")
Asking = Collection[asyncio.Task[T]]

HALF = 0.5  # of the questions
AGAIN = 3.0  # times as long as half of them took
LEAST = 0.5  # seconds for the rest
MOST = 3.0  # seconds for all


async def settle(asking: Asking[T], longest: float = MOST) -> None:
    """Wait for answers, but not for stragglers, and no longer than so many seconds; the rest are cancelled."""
    if not asking:
        return
    began = time.monotonic()
    await _half(asking, longest)
    took = time.monotonic() - began
    left = min(max(AGAIN * took, LEAST), longest - took)
    await _until_done(asking, left)
    for each in asking:
        each.cancel()
    await asyncio.gather(*asking, return_exceptions=True)


async def _half(asking: Asking[T], longest: float) -> None:
    enough, deadline = ceil(HALF * len(asking)), time.monotonic() + longest
    while sum(each.done() for each in asking) < enough and time.monotonic() < deadline:
        await _until_done(asking, deadline - time.monotonic(), asyncio.FIRST_COMPLETED)


async def _until_done(asking: Asking[T], seconds: float, until: str = asyncio.ALL_COMPLETED) -> None:
    waiting = [each for each in asking if not each.done()]
    if waiting and seconds > 0:
        await asyncio.wait(waiting, timeout=seconds, return_when=until)


def outcome(asked: asyncio.Task[T]) -> T | StillSilent:
    """What came of one that has been settled."""
    if asked.cancelled():
        return StillSilent("it was slower than the others, and is asked again with more patience")
    return asked.result()
