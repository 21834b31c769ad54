"""The server of desk and API: uvicorn, but for looking ten times a second whether it is to end, and what time it is."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from email.utils import formatdate
from functools import lru_cache
from types import FrameType

import uvicorn
from fastapi import FastAPI
from uvicorn.server import ServerState

PARTING = 3  # seconds for answers that are under way
FAILED = 3  # the exit code of uvicorn where it cannot start


class Dated(ServerState):
    """What answers have in common; the date is looked up when somebody asks."""

    @property
    def default_headers(self) -> list[tuple[bytes, bytes]]:
        """The headers of every answer."""
        return [(b"date", _date(int(time.time())))]

    @default_headers.setter
    def default_headers(self, _: list[tuple[bytes, bytes]]) -> None:
        """Uvicorn sets them once before its first answer."""


@lru_cache(1)
def _date(second: int) -> bytes:
    return formatdate(second, usegmt=True).encode()


class Calm(uvicorn.Server):
    """Sleeps until something comes, where uvicorn wakes ten times a second."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.server_state = Dated()
        self._wake: Callable[[], object] | None = None

    async def main_loop(self) -> None:
        """Until a signal tells to end."""
        told, loop = asyncio.Event(), asyncio.get_running_loop()
        self._wake = lambda: loop.call_soon_threadsafe(told.set)
        if not self.should_exit:
            await told.wait()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """What a signal does."""
        super().handle_exit(sig, frame)
        if self._wake is not None:
            self._wake()


def serve(application: FastAPI, door: int) -> None:
    """Serve at a listening socket (its number) until told to end. Exits with 3 if it cannot start."""
    config = uvicorn.Config(
        application,
        fd=door,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=PARTING,
    )
    server = Calm(config)
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(FAILED)
