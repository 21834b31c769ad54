"""Many questions at once: stragglers are left to others, and what comes does not fill the memory."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from stonehand import http_client
from stonehand.http_client import Request, StillSilent, bodies, hurry, outlet
from stonehand.http_client.errors import NoRoom

from .conftest import Script, Site, answer

pytestmark = pytest.mark.usefixtures("loopback")


def _holds(release: threading.Event) -> Script:
    def script(connection: socket.socket, _: bytes) -> None:
        release.wait(20)
        connection.sendall(answer(body=b"late"))

    return script


@pytest.fixture
def release() -> threading.Event:
    return threading.Event()


def test_a_straggler_is_left_and_the_others_are_kept(site: Site, release: threading.Event) -> None:
    paths = [f"/{number}" for number in range(5)]
    site.scripts |= {path: answer(body=b"here") for path in paths} | {"/slow": _holds(release)}
    began = time.monotonic()
    replies = http_client.fetch_all([Request(site.url(path)) for path in [*paths, "/slow"]], 6, hurried=True)
    took = time.monotonic() - began
    release.set()
    assert isinstance(replies[-1], StillSilent)
    assert [reply.body for reply in replies[:-1] if isinstance(reply, http_client.Reply)] == [b"here"] * 5
    assert hurry.LEAST <= took < hurry.MOST + 8


def test_where_nobody_answers_all_are_left_in_time(site: Site, release: threading.Event) -> None:
    site.scripts |= {path: _holds(release) for path in ("/a", "/b", "/c")}
    began = time.monotonic()
    replies = http_client.fetch_all([Request(site.url(path)) for path in ("/a", "/b", "/c")], 3, hurried=True)
    release.set()
    assert [type(reply) for reply in replies] == [StillSilent] * 3
    assert time.monotonic() - began < hurry.MOST + 8


def test_who_has_patience_hears_the_last_answer(site: Site) -> None:
    def later(connection: socket.socket, _: bytes) -> None:
        time.sleep(hurry.LEAST + 0.5)
        connection.sendall(answer(body=b"late"))

    site.scripts |= {"/": answer(body=b"here"), "/slow": later}
    replies = http_client.fetch_all([Request(site.url()), Request(site.url("/slow"))], 2)
    assert [reply.body for reply in replies if isinstance(reply, http_client.Reply)] == [b"here", b"late"]


def test_bodies_that_come_together_share_their_room(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlet, "ROOM", 300_000)
    paths = [f"/{number}" for number in range(6)]
    site.scripts |= dict.fromkeys(paths, answer(body=b"x" * 100_000))
    replies = http_client.fetch_all([Request(site.url(path)) for path in paths], 6)
    came = [reply for reply in replies if isinstance(reply, http_client.Reply)]
    assert 1 <= len(came) <= 3, "what was kept fits"
    assert {type(reply) for reply in replies if reply not in came} == {NoRoom}, "the others are no failures of the host"


def test_one_body_alone_always_has_room() -> None:
    room = bodies.Room(10)
    room.take(100, alone=100)
    with pytest.raises(NoRoom):
        room.take(1, alone=1)
    room.give_back(101)
    room.take(5, alone=5)
