"""Bodies that are too much, packed to burst, or broken; memory stays small."""

from __future__ import annotations

import gzip
import socket
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import brotli
import pytest

from stonehand import http_client
from stonehand.http_client import Request
from stonehand.http_client.errors import BodyTooLarge, BodyUndecodable

from .conftest import Site, answer

pytestmark = pytest.mark.usefixtures("loopback")
TEXT = b"".join(f"<p>Line {n} of a page that is worth reading.</p>".encode() for n in range(9000))


def _raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


PACKED = {
    "identity": TEXT,
    "gzip": gzip.compress(TEXT),
    "x-gzip": gzip.compress(TEXT[:1000]) + gzip.compress(TEXT[1000:]),
    "GZIP": gzip.compress(TEXT) + b"\0" * 512,
    "deflate": zlib.compress(TEXT),
    "Deflate": _raw_deflate(TEXT),
    "br": brotli.compress(TEXT, quality=5),
}


@contextmanager
def at_most(megabytes: float) -> Iterator[None]:
    tracemalloc.start()
    yield
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < megabytes * 1024 * 1024


@pytest.mark.parametrize("encoding", PACKED)
def test_packed_bodies_come_out_whole(site: Site, encoding: str) -> None:
    site.scripts["/"] = answer(body=PACKED[encoding], content_encoding=encoding)
    assert http_client.fetch(site.url()).body == TEXT


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
def test_packed_bodies_byte_by_byte(site: Site, encoding: str) -> None:
    data = PACKED[encoding]
    chunks = b"".join(b"1\r\n" + data[n : n + 1] + b"\r\n" for n in range(300)) + b"%x\r\n" % (len(data) - 300)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    site.scripts["/"] = head + chunks + data[300:] + b"\r\n0\r\n\r\n"
    assert http_client.fetch(site.url()).body == TEXT


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
def test_an_empty_body_needs_no_packing(site: Site, encoding: str) -> None:
    site.scripts["/"] = answer(content_encoding=encoding)
    assert http_client.fetch(site.url()).body == b""


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
def test_a_bomb_does_not_burst(site: Site, encoding: str) -> None:
    zeros = bytes(40 * 1024 * 1024)
    pack = {"gzip": gzip.compress, "deflate": zlib.compress, "br": lambda data: brotli.compress(data, quality=4)}
    site.scripts["/"] = answer(body=pack[encoding](zeros), content_encoding=encoding)
    del zeros
    with at_most(8), pytest.raises(BodyTooLarge, match=r"127\.0\.0\.1"):
        http_client.fetch(site.url())


def test_what_unpacks_to_more_than_allowed_stops_there(site: Site) -> None:
    site.scripts["/"] = answer(body=gzip.compress(TEXT), content_encoding="gzip")
    with pytest.raises(BodyTooLarge, match="unpacks to more"):
        http_client.fetch(Request(site.url(), max_bytes=100_000))
    assert http_client.fetch(Request(site.url(), max_bytes=len(TEXT))).body == TEXT


def test_a_small_page_may_be_packed_well(site: Site) -> None:
    page = b" " * 200_000
    site.scripts["/"] = answer(body=brotli.compress(page), content_encoding="br")
    assert http_client.fetch(site.url()).body == page


def test_fifty_megabytes_announced_are_not_read(site: Site) -> None:
    sent = []

    def pour(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 52428800\r\n\r\n")
        for _megabyte in range(50):
            connection.sendall(bytes(1024 * 1024))
            sent.append(1)

    site.scripts["/"] = pour
    with at_most(4), pytest.raises(BodyTooLarge, match="52,428,800"):
        http_client.fetch(site.url())
    assert len(sent) < 20


def test_fifty_megabytes_not_announced_are_cut_off(site: Site) -> None:
    sent = []

    def pour(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _megabyte in range(50):
            connection.sendall(b"100000\r\n" + bytes(1024 * 1024) + b"\r\n")
            sent.append(1)

    site.scripts["/"] = pour
    with at_most(24), pytest.raises(BodyTooLarge, match="5,242,880"):
        http_client.fetch(site.url())
    assert len(sent) < 30


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", b"not packed at all"),
        ("br", b"not packed at all"),
        ("deflate", b"\xff\xff\xff\xff not packed"),
        ("gzip", PACKED["gzip"][:-500]),
        ("br", PACKED["br"][:-50]),
        ("deflate", PACKED["deflate"][:-50]),
        ("zstd", b"x"),
        ("gzip, gzip", gzip.compress(PACKED["gzip"])),
    ],
)
def test_broken_or_unknown_packing(site: Site, encoding: str, body: bytes) -> None:
    site.scripts["/"] = answer(body=body, content_encoding=encoding)
    with pytest.raises(BodyUndecodable, match=r"127\.0\.0\.1"):
        http_client.fetch(site.url())


def test_a_bomb_in_a_refusal_only_loses_its_words(site: Site) -> None:
    site.scripts["/"] = answer(404, brotli.compress(bytes(10_000_000), quality=4), content_encoding="br")
    with at_most(4), pytest.raises(http_client.PageMissing) as caught:
        http_client.fetch(site.url())
    assert caught.value.body == b""
