"""Answers without an end, and packed ones that burst: measured in a process of its own, within 64 MB and its time."""

from __future__ import annotations

import gzip
import itertools
import json
import os
import socket
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import brotli
import pytest

from .conftest import Script, Site, answer

TIMEOUT = 2.0  # seconds; 30 where nobody says otherwise
LATE = 2.0  # seconds beyond it that a machine under load may take
MEGABYTES = 64.0
MEGABYTE = 1024 * 1024
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def pour(head: bytes, piece: bytes, pause: float = 0.0) -> Callable[[socket.socket, bytes], None]:
    """Send a head, and then the same for ever."""

    def send(connection: socket.socket, _: bytes) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(piece)
            time.sleep(pause)

    return send


def chunk(piece: bytes) -> bytes:
    return b"%x\r\n" % len(piece) + piece + b"\r\n"


def headed(encoding: str) -> bytes:
    return OK + f"Content-Encoding: {encoding}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()


def deflated(megabytes: int, wbits: int) -> bytes:
    packer = zlib.compressobj(9, wbits=wbits)
    return b"".join(packer.compress(bytes(MEGABYTE)) for _ in range(megabytes)) + packer.flush()


def brotlied(megabytes: int) -> bytes:
    packer = brotli.Compressor(quality=4)
    return b"".join((*(packer.process(bytes(MEGABYTE)) for _ in range(megabytes)), packer.finish()))


def somewhere(connection: socket.socket, head: bytes) -> None:
    """On and on, each time to an address that was never asked for."""
    connection.sendall(answer(302, location=f"/on/{time.monotonic_ns()}", connection="close"))


class Ways(dict[str, Script]):
    """What is sent, by the first part of a path."""

    def get(self, path: str, otherwise: Script) -> Script:  # type: ignore[override]
        return super().get(path.split("/")[1], otherwise)


class Hostile(Site):
    """A site that answers by the first part of the path."""

    def __init__(self) -> None:
        super().__init__()
        endless, noise = zlib.compressobj(wbits=31), os.urandom(MEGABYTE)
        stream = b"".join(endless.compress(bytes(MEGABYTE)) for _ in range(8)) + endless.flush(zlib.Z_SYNC_FLUSH)
        self.scripts = Ways(
            {
                "gzip": answer(body=deflated(200, 31), content_encoding="gzip"),
                "deflate": answer(body=deflated(200, 15), content_encoding="deflate"),
                "raw-deflate": answer(body=deflated(200, -15), content_encoding="deflate"),
                "brotli": answer(body=brotlied(200), content_encoding="br"),
                "zstd": answer(body=b"\x28\xb5\x2f\xfd" + bytes(1000), content_encoding="zstd"),
                "gzip-in-gzip": answer(body=gzip.compress(deflated(100, 31)), content_encoding="gzip, gzip"),
                "empty-members": answer(body=gzip.compress(b"") * 50_000, content_encoding="gzip"),
                "members": answer(body=gzip.compress(bytes(20_000)) * 20_000, content_encoding="gzip"),
                "bomb-in-404": answer(404, brotlied(200), content_encoding="br"),
                "bomb-in-302": answer(302, brotlied(200), content_encoding="br", location="/on/1"),
                "fast-body": pour(CHUNKED, chunk(noise)),
                "fast-body-until-closed": pour(OK + b"\r\n", noise),
                "fast-packed-body": pour(headed("gzip"), chunk(stream)),
                "slow-body": pour(CHUNKED, chunk(b"x"), 0.05),
                "slow-packed-body": pour(
                    headed("gzip") + chunk(gzip.compress(b"x")[:10]), chunk(b"\0\0\0\xff\xff"), 0.05
                ),
                "tiny-chunks": pour(CHUNKED, chunk(b"x") * 1000),
                "empty-extensions": pour(CHUNKED, b"1;" + b"e" * 60_000),
                "fast-headers": pour(OK, b"X-More: " + b"x" * 900 + b"\r\n"),
                "slow-headers": pour(OK, b"X: y\r\n", 0.05),
                "one-long-header": pour(OK + b"X-Long: ", b"x" * 10_000),
                "one-long-status": pour(b"HTTP/1.1 200 ", b"x" * 10_000),
                "hints-for-ever": pour(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"),
                "trailers-for-ever": pour(CHUNKED + b"0\r\n", b"X-More: x\r\n"),
                "announced": pour(OK + b"Content-Length: 99999999999\r\n\r\n", noise),
                "announced-twice": answer(body=b"x", content_length="99999999999"),
                "nothing": pour(b"", b"", 0.05),
                "redirects": somewhere,
                "redirects-with-bodies": pour(
                    b"HTTP/1.1 302 Found\r\nLocation: /on/1\r\nTransfer-Encoding: chunked\r\n\r\n", chunk(noise)
                ),
                "on": somewhere,
            }
        )


@pytest.fixture(scope="module")
def outcomes() -> Iterator[dict[str, dict[str, Any]]]:
    hostile = Hostile()
    command = [sys.executable, "-m", "tests.http_client.endless", f"{TIMEOUT:g}"]
    urls = [hostile.url(f"/{name}/{number}") for name, number in zip(hostile.scripts, itertools.count(), strict=False)]
    seen = {"STONEHAND_ALLOW_NETWORKS": "127.0.0.0/8", "PATH": os.environ["PATH"]}
    done = subprocess.run([*command, *urls], capture_output=True, text=True, timeout=200, check=True, env=seen)
    yield {line["url"].split("/")[3]: line for line in map(json.loads, done.stdout.splitlines())}
    hostile.close()


EXPECTED = {
    **dict.fromkeys(("gzip", "deflate", "raw-deflate", "brotli", "members"), "BodyTooLarge"),
    **dict.fromkeys(("zstd", "gzip-in-gzip"), "BodyUndecodable"),
    **dict.fromkeys(("fast-body", "fast-body-until-closed", "fast-packed-body", "announced"), "BodyTooLarge"),
    **dict.fromkeys(("slow-body", "slow-packed-body", "slow-headers", "nothing"), "HostUnavailable"),
    **dict.fromkeys(("fast-headers", "one-long-header", "one-long-status", "hints-for-ever"), "HostUnavailable"),
    **dict.fromkeys(("redirects", "redirects-with-bodies", "on"), "RedirectLoop"),
    "bomb-in-302": ("RedirectLoop", "HostUnavailable"),  # its body is left unread, which may break the connection
    "bomb-in-404": "PageMissing",
    "empty-members": "0 bytes",
    "announced-twice": "HostUnavailable",
    "tiny-chunks": ("BodyTooLarge", "HostUnavailable"),
    "empty-extensions": "HostUnavailable",
    "trailers-for-ever": "HostUnavailable",
}


@pytest.mark.parametrize("name", EXPECTED)
def test_it_ends_in_time_and_takes_no_room(outcomes: dict[str, dict[str, Any]], name: str) -> None:
    came = outcomes[name]
    assert came["said"].startswith(EXPECTED[name]), came["said"]
    assert came["seconds"] < TIMEOUT + LATE
    assert came["megabytes"] < MEGABYTES


def test_every_way_is_expected(outcomes: dict[str, dict[str, Any]]) -> None:
    assert set(outcomes) == set(EXPECTED)
