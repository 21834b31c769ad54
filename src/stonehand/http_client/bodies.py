"""Read a body in pieces, unpack it in pieces, and stop as soon as it is more than was asked for."""

from __future__ import annotations

import sys
import zlib
from collections.abc import AsyncIterable, Iterator
from contextvars import ContextVar
from typing import Protocol

import brotli

from stonehand.http_client.errors import BodyTooLarge, BodyUndecodable, NoRoom

ENCODINGS = "gzip, deflate, br"
PIECE = 64 * 1024  # bytes unpacked at a time
RATIO = 200  # unpacked bytes for each byte sent
RATIO_FLOOR = 256 * 1024  # bytes; below it, honest pages may be packed this well


class Room:
    """The memory that bodies which are asked for together may fill, in bytes. One body at least always fits."""

    def __init__(self, size: int) -> None:
        self._size, self._used = size, 0

    def take(self, size: int, alone: int) -> None:
        """Use some of it for a body of `alone` bytes by now. Raises `NoRoom`."""
        self._used += size
        if self._used > max(self._size, alone):
            raise NoRoom("too much came at the same time; it is read later", 1.0)

    def give_back(self, size: int) -> None:
        """A body was thrown away."""
        self._used -= size


UNBOUNDED = Room(sys.maxsize)
room: ContextVar[Room] = ContextVar("room", default=UNBOUNDED)
"""Of the questions that are asked together here."""


class _Unpacker(Protocol):
    def unpack(self, data: bytes) -> Iterator[bytes]: ...

    def finished(self) -> bool: ...


class _Zlib:
    """gzip and deflate; the latter is found in two forms on the web."""

    def __init__(self, window: int) -> None:
        self._window = window
        self._inner = zlib.decompressobj(window)
        self._started = False

    def unpack(self, data: bytes) -> Iterator[bytes]:
        more = bool(data)
        while more:
            piece = self._piece(data)
            self._started = True
            if piece:
                yield piece
            data = self._next_member() if self._inner.eof else self._inner.unconsumed_tail
            more = bool(data) or len(piece) == PIECE

    def _piece(self, data: bytes) -> bytes:
        try:
            return self._inner.decompress(data, PIECE)
        except zlib.error:
            if self._started or self._window != zlib.MAX_WBITS:
                raise
            self._inner = zlib.decompressobj(-zlib.MAX_WBITS)
            return self._inner.decompress(data, PIECE)

    def _next_member(self) -> bytes:
        rest = self._inner.unused_data
        if self._window > zlib.MAX_WBITS and rest[:2] == b"\x1f\x8b":
            self._inner = zlib.decompressobj(self._window)
            return rest
        return b""  # some servers pad with zeros

    def finished(self) -> bool:
        return self._inner.eof or not self._started


class _Brotli:
    def __init__(self) -> None:
        self._inner = brotli.Decompressor()
        self._started = False

    def unpack(self, data: bytes) -> Iterator[bytes]:
        if self._inner.is_finished():
            return
        self._started = True
        piece = self._inner.process(data, output_buffer_limit=PIECE)
        while piece:
            yield piece
            piece = b"" if self._inner.is_finished() else self._inner.process(b"", output_buffer_limit=PIECE)

    def finished(self) -> bool:
        return self._inner.is_finished() or not self._started


class _Plain:
    def unpack(self, data: bytes) -> Iterator[bytes]:
        yield data

    def finished(self) -> bool:
        return True


def _unpacker(encoding: str) -> _Unpacker:
    match encoding.strip().lower():
        case "" | "identity" | "none" | "utf-8":  # the last two are mistakes seen in the wild
            return _Plain()
        case "gzip" | "x-gzip":
            return _Zlib(zlib.MAX_WBITS | 16)
        case "deflate":
            return _Zlib(zlib.MAX_WBITS)
        case "br":
            return _Brotli()
    raise BodyUndecodable(f"the body is packed as {encoding[:40]!r}, which we did not offer")


async def read(chunks: AsyncIterable[bytes], encoding: str, announced: str, limit: int) -> bytes:
    """The unpacked body. Raises `BodyTooLarge` over `limit` bytes, sent or unpacked, and `BodyUndecodable`.

    `announced` is the Content-Length header, so that what is said to be too large is never read.
    """
    if announced.isdecimal() and int(announced) > limit:
        raise BodyTooLarge(f"the body has {int(announced):,} bytes, more than the {limit:,} allowed")
    unpacker, body = _unpacker(encoding), bytearray()
    try:
        await _fill(body, chunks, unpacker, limit)
    except BaseException as error:
        room.get().give_back(len(body))
        if isinstance(error, (zlib.error, brotli.error)):
            raise BodyUndecodable(f"the body is not what its header {encoding!r} says: {error}") from error
        raise
    if not unpacker.finished():
        raise BodyUndecodable(f"the body packed as {encoding!r} ends too early")
    return bytes(body)


async def _fill(body: bytearray, chunks: AsyncIterable[bytes], unpacker: _Unpacker, limit: int) -> None:
    sent, shared = 0, room.get()
    async for chunk in chunks:
        sent += len(chunk)
        if sent > limit:
            raise BodyTooLarge(f"the body has more than the {limit:,} bytes allowed")
        for piece in unpacker.unpack(chunk):
            body += piece
            shared.take(len(piece), len(body))
            _weigh(len(body), sent, limit)


def _weigh(unpacked: int, sent: int, limit: int) -> None:
    if unpacked > limit:
        raise BodyTooLarge(f"the body unpacks to more than the {limit:,} bytes allowed")
    if unpacked > RATIO_FLOOR and unpacked > RATIO * sent:
        raise BodyTooLarge(f"the body unpacks to over {RATIO} times its size, like a bomb")
