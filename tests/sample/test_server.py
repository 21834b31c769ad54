"""The newsroom answers as a real server would: types, conditions, compression, redirects, and in its own time."""

from __future__ import annotations

import gzip
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from stonehand import supervisor
from stonehand.sample import Newsroom, PortTaken, outlets
from stonehand.sample.outlets import SLOW

FEED = "/harbour-gazette/feed.xml"


@contextmanager
def _ask(newsroom: Newsroom, path: str, method: str = "GET", **headers: str) -> Iterator[HTTPResponse]:
    connection = HTTPConnection("127.0.0.1", newsroom.port, timeout=5)
    connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    yield connection.getresponse()
    connection.close()


def test_every_path_and_every_source_answers(newsroom: Newsroom) -> None:
    connection = HTTPConnection("127.0.0.1", newsroom.port, timeout=5)
    for path in [*newsroom.paths, *(urlsplit(url).path for url in outlets(newsroom.address))]:
        connection.request("GET", path)
        reply = connection.getresponse()
        assert reply.status == 200, path
        assert reply.read(), path
        assert reply.getheader("X-Simulated") == "Stonehand sample newsroom"
    connection.close()


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/", "text/html; charset=utf-8"),
        (FEED, "application/rss+xml; charset=utf-8"),
        ("/tarn-valley-post/atom.xml", "application/atom+xml; charset=utf-8"),
        ("/meridian-review/feed.json", "application/feed+json; charset=utf-8"),
        ("/robots.txt", "text/plain; charset=utf-8"),
    ],
)
def test_media_types(newsroom: Newsroom, path: str, media_type: str) -> None:
    with _ask(newsroom, path) as reply:
        assert reply.getheader("Content-Type") == media_type


def test_known_etag_or_date_gets_an_empty_304(newsroom: Newsroom) -> None:
    with _ask(newsroom, FEED) as reply:
        etag, modified = reply.headers["ETag"], reply.headers["Last-Modified"]
    for headers in ({"If_None_Match": etag}, {"If_Modified_Since": modified}):
        with _ask(newsroom, FEED, **headers) as reply:
            assert reply.status == 304
            assert reply.read() == b""


@pytest.mark.parametrize(
    "headers",
    [
        {"If_None_Match": '"other"'},
        {"If_Modified_Since": "Thu, 01 Jan 2026 00:00:00 GMT"},
        {"If_Modified_Since": "yesterday"},
    ],
)
def test_other_conditions_get_the_whole(newsroom: Newsroom, headers: dict[str, str]) -> None:
    with _ask(newsroom, FEED, **headers) as reply:
        assert reply.status == 200


def test_gzip_only_when_asked(newsroom: Newsroom) -> None:
    with _ask(newsroom, FEED) as reply:
        plain = reply.read()
        assert reply.getheader("Content-Encoding") is None
    with _ask(newsroom, FEED, Accept_Encoding="gzip, br") as reply:
        packed = reply.read()
        assert reply.getheader("Content-Encoding") == "gzip"
    assert len(packed) < len(plain) / 2
    assert gzip.decompress(packed) == plain


def test_head_has_no_body_and_missing_slash_redirects_and_the_rest_is_404(newsroom: Newsroom) -> None:
    with _ask(newsroom, FEED, method="HEAD") as reply:
        assert (reply.status, reply.read()) == (200, b"")
    with _ask(newsroom, "/kestrel-wire") as reply:
        assert (reply.status, reply.getheader("Location")) == (301, "/kestrel-wire/")
    with _ask(newsroom, "/kestrel-wire/stories/none") as reply:
        assert reply.status == 404


def test_slow_feed_trickles(newsroom: Newsroom) -> None:
    began = time.monotonic()
    with _ask(newsroom, f"/{SLOW}") as reply:
        reply.read(1)
        first = time.monotonic() - began
        reply.read()
    assert first < 0.3 <= time.monotonic() - began


def test_stop_does_not_wait_for_a_slow_reader() -> None:
    newsroom = Newsroom(slow_seconds=60).start()
    with _ask(newsroom, f"/{SLOW}"):
        began = time.monotonic()
        newsroom.stop()
        newsroom.stop()
        assert time.monotonic() - began < 5
    with pytest.raises(ConnectionRefusedError), _ask(newsroom, "/"):
        pass


def test_same_epoch_and_port_bring_back_the_same_newsroom(newsroom: Newsroom) -> None:
    with Newsroom(epoch=newsroom.epoch) as first, _ask(first, FEED) as reply:
        port, before = first.port, reply.read()
    with Newsroom(port=port, epoch=newsroom.epoch) as again, _ask(again, FEED) as reply:
        assert reply.read() == before
    with Newsroom(port=port, epoch=newsroom.epoch + timedelta(hours=1)) as later, _ask(later, FEED) as reply:
        assert reply.read() != before


def test_taken_port_is_named(newsroom: Newsroom) -> None:
    with pytest.raises(PortTaken, match=str(newsroom.port)):
        Newsroom(port=newsroom.port)


def test_module_starts_for_people_who_want_to_look() -> None:
    command = [sys.executable, "-m", "stonehand.sample", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ.copy()) as process:
        assert process.stdout
        address = process.stdout.readline().split()[-1]
        with urlopen(address) as reply:
            assert b"Stonehand sample newsroom" in reply.read()
        process.terminate()
        assert process.wait(timeout=10) == 0


def test_a_second_start_on_the_same_data_says_so_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, socket.create_server(("127.0.0.1", 0)) as door:
        port = taken.getsockname()[1]
        words = ["supervisor", "--fd", str(door.fileno()), "--sample-port", str(port)]
        monkeypatch.setattr("sys.argv", [*words, "--sample-epoch", "2026-05-17T08:00:00+00:00"])
        assert supervisor.main() == 1
    said = capsys.readouterr().err
    assert said.startswith(f"stonehand: The sample newsroom cannot listen on 127.0.0.1:{port}")
    assert "runs on this data directory already" in said
