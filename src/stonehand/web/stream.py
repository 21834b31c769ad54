"""Live pages: one stream of "something changed" events, fed by one watcher for all listeners of this process.

    GET /stream?topic=jobs&topic=stories   ->   id: 7 / event: changed-jobs / data: 7

A page re-fetches the named block when its topic's event arrives. Nobody listens: nothing polls.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from types import FrameType
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import StreamingResponse

from stonehand import db, log
from stonehand.changes import ChangeCounter
from stonehand.web import topics
from stonehand.web.deps import Reader

PERIOD = 0.75  # seconds between two looks at the database, while somebody listens
ALIVE = 20.0  # seconds between two comments that keep proxies from closing a quiet stream
Counter = Callable[[], str]
router = APIRouter(include_in_schema=False)


class Hub:
    """Who listens to what, and the one watcher that works while anybody does. Lives in one event loop."""

    def __init__(self, database: Callable[[], db.Database] = db.database, period: float = PERIOD) -> None:
        self._database, self._period = database, period
        self._listeners: dict[asyncio.Queue[str | None], frozenset[str]] = {}
        self._prints: dict[str, str] = {}
        self._watcher: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self.closed = False

    async def listen(self, wanted: frozenset[str]) -> AsyncIterator[str | None]:
        """Names of topics as they change; None when it has been quiet for long. Ends when the hub closes."""
        queue: asyncio.Queue[str | None] = asyncio.Queue()
        self._listeners[queue] = wanted
        self._ensure_watcher()
        try:
            while not self.closed:
                try:
                    async with asyncio.timeout(ALIVE):
                        topic = await queue.get()
                except TimeoutError:
                    yield None
                    continue
                if topic is None:
                    return
                yield topic
        finally:
            del self._listeners[queue]

    @property
    def watching(self) -> bool:
        """Whether anything polls."""
        return self._watcher is not None and not self._watcher.done()

    def close_soon(self) -> None:
        """`close` from another thread or from a signal handler."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.close)
        self.closed = True

    def close(self) -> None:
        """End every stream."""
        self.closed = True
        for queue in self._listeners:
            queue.put_nowait(None)

    def _ensure_watcher(self) -> None:
        self._loop = asyncio.get_running_loop()
        if not self.watching:
            self._watcher = self._loop.create_task(self._watch())

    async def _watch(self) -> None:
        counter = ChangeCounter(self._database())
        seen: str | None = None
        try:
            while self._listeners and not self.closed:
                try:
                    count = await asyncio.to_thread(counter)
                    if count != seen:
                        await self._tell()
                    seen = count
                except Exception as error:  # the database may be away for a while; the pages stay as they are
                    log.logger(__name__).warning("the watcher could not look", reason=str(error))
                    counter.close()
                await asyncio.sleep(self._period)
        finally:
            self._prints.clear()
            counter.close()

    async def _tell(self) -> None:
        wanted = frozenset().union(*self._listeners.values())
        prints = await asyncio.to_thread(topics.fingerprints, self._database(), wanted)
        changed = {topic for topic, value in prints.items() if self._prints.get(topic, value) != value}
        self._prints.update(prints)
        for queue, topics_wanted in self._listeners.items():
            for topic in sorted(changed & topics_wanted):
                queue.put_nowait(topic)


async def _events(hub: Hub, wanted: frozenset[str]) -> AsyncIterator[bytes]:
    yield b"retry: 2000\n: listening\n\n"
    number = 0
    async for topic in hub.listen(wanted):
        number += 1
        yield f"event: {topics.event_name(topic)}\ndata: {number}\n\n".encode() if topic else b": still here\n\n"


@router.get("/stream")
async def stream(
    request: Request, topic: Annotated[list[str], Query(max_length=8)], _person: Reader
) -> StreamingResponse:
    """Server-sent events for the topics a page shows."""
    hub: Hub = request.app.state.hub
    wanted = frozenset(topics.check(name) for name in topic)
    return StreamingResponse(_events(hub, wanted), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


@contextlib.contextmanager
def ended_by_signals(hub: Hub) -> Iterator[None]:
    """Close `hub` as soon as the process is told to stop: the server waits for open streams before it says goodbye."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def told(number: int, frame: FrameType | None) -> None:
        hub.close_soon()
        handler = before[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)
        elif handler == signal.SIG_DFL:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)

    for number in before:
        signal.signal(number, told)
    try:
        yield
    finally:
        for number, handler in before.items():
            if signal.getsignal(number) is told:
                signal.signal(number, handler)
