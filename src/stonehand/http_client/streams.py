"""A connection whose pool can ask cheaply whether it is still open.

The pool asks every idle connection, each time that somebody wants one. By anyio's attributes each answer costs as much
as a third of a request; here the socket itself is asked.
"""

from __future__ import annotations

import select
import socket
import ssl
from typing import Any

import httpcore2


class Stream(httpcore2.AsyncNetworkStream):
    """What a network has connected, with a short way to its socket."""

    def __init__(self, inner: httpcore2.AsyncNetworkStream) -> None:
        self._inner = inner
        self._socket: Any = inner.get_extra_info("socket")

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return await self._inner.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        await self._inner.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.AsyncNetworkStream:
        return Stream(await self._inner.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable" and self._socket is not None:
            return is_readable(self._socket)
        return self._inner.get_extra_info(info)


def is_readable(connected: socket.socket) -> bool:
    """Whether something can be read. Of an idle connection that means: its other end has hung up."""
    number = connected.fileno()
    if number < 0:
        return True
    asked = select.poll()
    asked.register(number, select.POLLIN)
    return bool(asked.poll(0))
