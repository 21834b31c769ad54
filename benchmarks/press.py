"""Local hosts with a feed each and articles that are made while they are asked for, in a process of their own.

Every address of 127.0.0.0/8 answers: `/feed/FIRST/END` is a feed of these articles of the mixer, `/article/N` one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import format_datetime
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from xml.sax.saxutils import escape

from benchmarks import web_of_feeds
from benchmarks.mixing import Mixer, newest

IN_A_FEED = 200  # articles


def feeds(port: int, first: int, end: int) -> list[str]:
    """The addresses of feeds that name all these articles, each at a host of its own."""
    starts = range(first, end, IN_A_FEED)
    hosts = web_of_feeds.addresses(port, len(starts))
    return [f"{host}/feed/{start}/{min(start + IN_A_FEED, end)}" for host, start in zip(hosts, starts, strict=True)]


def links(feed: str) -> list[str]:
    """The addresses of the articles of a feed."""
    host, _, (first, end) = feed.partition("/feed/")[0], "", feed.split("/")[-2:]
    return [f"{host}/article/{number}" for number in range(int(first), int(end))]


@contextmanager
def served(pages: Mapping[str, bytes]) -> Iterator[int]:
    """The port at which all of them answer, until the end of the block."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(dict(pages), theirs), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.kill()
        process.join()


def _serve(pages: Mapping[str, bytes], pipe: Connection) -> None:
    asyncio.run(_forever(Mixer(pages, newest()), pipe))


async def _forever(mixer: Mixer, pipe: Connection) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(partial(_Talk, mixer), "0.0.0.0", 0, backlog=1000)
    pipe.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


class _Talk(asyncio.Protocol):
    """HTTP/1.1, one question after the other."""

    def __init__(self, mixer: Mixer) -> None:
        self._mixer = mixer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport, self._read = transport, b""

    def data_received(self, data: bytes) -> None:
        self._read += data
        while b"\r\n\r\n" in self._read:
            head, _, self._read = self._read.partition(b"\r\n\r\n")
            self._transport.write(_answer(self._mixer, head.decode("latin-1")))


def _answer(mixer: Mixer, head: str) -> bytes:
    path = head.split(" ", 2)[1].strip("/").split("/")
    if path[0] == "article":
        return _reply("200 OK", "text/html; charset=utf-8", mixer.page(int(path[1])))
    if path[0] == "feed":
        host = head.lower().partition("host: ")[2].partition("\r\n")[0]
        return _reply("200 OK", "application/rss+xml", _feed(mixer, host, range(int(path[1]), int(path[2]))))
    return _reply("404 Not Found", "text/plain", b"there is nothing here")


def _feed(mixer: Mixer, host: str, numbers: range) -> bytes:
    items = []
    for number in numbers:
        title, at = mixer.head(number)
        link = f"http://{host}/article/{number}"
        items.append(
            f"<item><guid>{link}</guid><title>{escape(title)}</title><link>{link}</link>"
            f"<pubDate>{format_datetime(at)}</pubDate></item>"
        )
    channel = f"<title>Outlet {host}</title><link>http://{host}/</link><language>en</language>{''.join(items)}"
    return f"<rss version='2.0'><channel>{channel}</channel></rss>".encode()


def _reply(status: str, kind: str, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body
