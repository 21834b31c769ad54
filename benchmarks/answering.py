"""A quick HTTP server in a process of its own, at all of 127.0.0.0/8: it must answer faster than anybody asks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection

Answer = Callable[[bytes], bytes]
"""From the head of a question to the whole reply."""


@contextmanager
def served(make: Callable[[], Answer], delay: float = 0.0) -> Iterator[int]:
    """The port until the end of the block. `make` is called in the process; each question waits `delay` seconds."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(make, delay, theirs), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.kill()
        process.join()


def reply(status: str, kind: str, body: bytes, more: str = "") -> bytes:
    """The whole reply. `more` are further lines of its head."""
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{more}Content-Length: {len(body)}\r\n\r\n".encode() + body


def _serve(make: Callable[[], Answer], delay: float, pipe: Connection) -> None:
    asyncio.run(_forever(partial(_Talk, make(), delay), pipe))


async def _forever(talk: Callable[[], asyncio.Protocol], pipe: Connection) -> None:
    server = await asyncio.get_running_loop().create_server(talk, "0.0.0.0", 0, backlog=1000)
    pipe.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


class _Talk(asyncio.Protocol):
    """HTTP/1.1, one question after the other."""

    def __init__(self, answer: Answer, delay: float) -> None:
        self._answer, self._delay = answer, delay

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport, self._read = transport, b""

    def data_received(self, data: bytes) -> None:
        self._read += data
        while b"\r\n\r\n" in self._read:
            head, _, self._read = self._read.partition(b"\r\n\r\n")
            self._reply(self._answer(head))

    def _reply(self, answer: bytes) -> None:
        if self._delay:
            asyncio.get_running_loop().call_later(self._delay, self._transport.write, answer)
        else:
            self._transport.write(answer)
