"""A web of many hosts on one port, one loopback address each: most are well, some hold on. A simulator.

`python -m tests.lookalikes.slow_web PORT WELL ILL` serves it until it is stopped.
"""

from __future__ import annotations

import asyncio
import random
import struct
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from socket import SO_LINGER, SOL_SOCKET, create_connection

from tests.servers import Server

WORDS = ("harbour", "board", "voted", "tide", "gates", "after", "long", "debate", "about", "who", "would", "pay")


def well(count: int) -> list[str]:
    """The addresses of hosts that answer at once."""
    return [f"127.7.{number // 200}.{number % 200 + 1}" for number in range(count)]


def ill(count: int) -> list[str]:
    """The addresses of hosts that do not, each in one of the ways of `ILLS`."""
    return [f"127.8.{number // 200}.{number % 200 + 1}" for number in range(count)]


Write = asyncio.StreamWriter


async def _silent(writer: Write) -> None:
    await asyncio.sleep(3600)


async def _drips_headers(writer: Write) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-More: yes\r\n")
        await writer.drain()
        await asyncio.sleep(0.5)


async def _drips_body(writer: Write) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100000\r\n\r\n")
    while True:
        writer.write(b"<p>")
        await writer.drain()
        await asyncio.sleep(0.5)


async def _never_ends(writer: Write) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
    while True:
        writer.write(b"more and more " * 10_000)
        await writer.drain()
        await asyncio.sleep(0.2)  # its own work must not be what slows the others down


async def _is_broken(writer: Write) -> None:
    writer.write(b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n")


async def _resets(writer: Write) -> None:
    writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))


ILLS: tuple[Callable[[Write], Awaitable[None]], ...] = (
    *(_drips_headers, _drips_body, _silent, _drips_body),
    *(_never_ends, _is_broken, _resets, _drips_headers),
)


async def _answer(reader: asyncio.StreamReader, writer: Write) -> None:
    address = writer.get_extra_info("sockname")[0]
    with suppress(OSError, asyncio.IncompleteReadError):
        while request := await reader.readuntil(b"\r\n\r\n"):
            if address.startswith("127.8."):
                last = int(address.rpartition(".")[2])
                await ILLS[last % len(ILLS)](writer)
                break
            writer.write(_page(address + request.split(b" ", 2)[1].decode()))
            await writer.drain()
    writer.close()


def _page(name: str) -> bytes:
    """Its own words for each address: pages that are the same would be kept once, and their writers wait."""
    draw = random.Random(name)
    text = "".join(f"<p>{' '.join(draw.choices(WORDS, k=60))}.</p>" for _ in range(12))
    body = f"<html><head><title>{name}</title></head><body><article>{text}</article></body></html>".encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


async def _serve(port: int, healthy: int, sick: int) -> None:
    server = await asyncio.start_server(_answer, [*well(healthy), *ill(sick)], port, backlog=200)
    async with server:
        await server.serve_forever()


class SlowWeb(Server):
    """It, in a process of its own."""

    def __init__(self, healthy: int, sick: int) -> None:
        super().__init__()
        self.healthy, self.sick = healthy, sick

    def command(self) -> list[str]:
        here = f"PYTHONPATH={Path(__file__).parents[2]}"
        return ["env", here, sys.executable, "-m", __name__, str(self.port), str(self.healthy), str(self.sick)]

    def answers(self) -> bool:
        with suppress(OSError), create_connection((well(1)[0], self.port), 1):
            return True
        return False

    def urls(self, pages: int) -> tuple[list[str], list[str]]:
        """So many pages of each host that is well, and one of each that is not."""
        good = [f"http://{host}:{self.port}/{page}" for page in range(pages) for host in well(self.healthy)]
        return good, [f"http://{host}:{self.port}/" for host in ill(self.sick)]


if __name__ == "__main__":
    asyncio.run(_serve(*map(int, sys.argv[1:4])))
