"""Many local hosts, each an address of 127.0.0.0/8, with a feed that mostly has not changed and some pages.

A server of its own in a process of its own: it must answer faster than anybody asks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection

CHANGED = 20  # one feed in so many has something new each time
PARAGRAPH = "<p>The council met on Tuesday and spoke for three hours about the harbour, its piers and their owners.</p>"


def addresses(port: int, count: int) -> list[str]:
    """So many different hosts."""
    return [f"http://127.{1 + n // 62_500}.{1 + n // 250 % 250}.{1 + n % 250}:{port}" for n in range(count)]


@contextmanager
def served(delay: float = 0.0) -> Iterator[int]:
    """The port on which all of 127.0.0.0/8 answers, each question after `delay` seconds, until the end of the block."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, delay), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.kill()
        process.join()


def _serve(pipe: Connection, delay: float) -> None:
    asyncio.run(_forever(pipe, delay))


async def _forever(pipe: Connection, delay: float) -> None:
    talk = partial(_Talk, delay)
    server = await asyncio.get_running_loop().create_server(talk, "0.0.0.0", 0, backlog=1000)
    pipe.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


_asked: dict[bytes, int] = {}


class _Talk(asyncio.Protocol):
    """HTTP/1.1, one question after the other."""

    def __init__(self, delay: float) -> None:
        self._delay = delay

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport, self._read = transport, b""

    def data_received(self, data: bytes) -> None:
        self._read += data
        while b"\r\n\r\n" in self._read:
            head, _, self._read = self._read.partition(b"\r\n\r\n")
            self._reply(_answer(head))

    def _reply(self, answer: bytes) -> None:
        if self._delay:
            asyncio.get_running_loop().call_later(self._delay, self._transport.write, answer)
        else:
            self._transport.write(answer)


def _answer(head: bytes) -> bytes:
    path, lower = head.split(b" ", 2)[1], head.lower()
    if path == b"/robots.txt":
        return _reply(b"404 Not Found", b"none", b"text/plain")
    host = lower.partition(b"host: ")[2].partition(b"\r\n")[0]
    if not path.startswith(b"/feed"):
        page = f"<html><head><title>{path.decode()}</title></head><body>{PARAGRAPH * 60}</body></html>"
        return _reply(b"200 OK", page.encode(), b"text/html")
    _asked[host] = times = _asked.get(host, -1) + 1
    number = sum(host)
    news = times // 2 if number % CHANGED == 0 else 0
    tag = f'"{news}"'.encode()
    if b"if-none-match: " + tag in lower:
        return b"HTTP/1.1 304 Not Modified\r\nETag: " + tag + b"\r\n\r\n"
    items = "".join(
        f"<item><guid>{host.decode()}-{n}</guid><title>Item {n}</title><link>http://{host.decode()}/{n}</link>"
        f"<description>{PARAGRAPH[3:-4]}</description></item>"
        for n in range(news, news + 10)
    )
    feed = f"<rss version='2.0'><channel><title>{host.decode()}</title>{items}</channel></rss>"
    return _reply(b"200 OK", feed.encode(), b"application/rss+xml", b"ETag: " + tag + b"\r\n")


def _reply(status: bytes, body: bytes, kind: bytes, more: bytes = b"") -> bytes:
    head = b"HTTP/1.1 " + status + b"\r\nContent-Type: " + kind + b"\r\n" + more
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body
