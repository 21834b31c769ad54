"""The server sleeps until something comes, tells the right time, and ends when it is told."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

import httpx2
import pytest

from stonehand.db import utc_now
from stonehand.web import server
from tests.servers import wait_until

PROGRAM = """
import sys
from fastapi import FastAPI
from stonehand.web import server
server.serve(FastAPI(), int(sys.argv[1]))
"""


@pytest.fixture
def running() -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A server with an empty application, and its address."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
        process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(door.fileno())], pass_fds=[door.fileno()])
    try:
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def answers(address: str) -> httpx2.Response | None:
    try:
        return httpx2.get(f"{address}/docs", trust_env=False)
    except httpx2.HTTPError:
        return None


def test_each_answer_tells_the_time(running: tuple[subprocess.Popen[bytes], str]) -> None:
    _, address = running
    wait_until(lambda: answers(address) is not None, "it answers", 60)
    answer = answers(address)
    assert answer is not None
    assert abs((parsedate_to_datetime(answer.headers["date"]) - utc_now()).total_seconds()) < 20
    assert "server" not in answer.headers


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_wakes_it(running: tuple[subprocess.Popen[bytes], str], number: signal.Signals) -> None:
    process, address = running
    wait_until(lambda: answers(address) is not None, "it answers", 60)
    process.send_signal(number)
    process.wait(60)
    assert answers(address) is None


def test_the_date_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = server.Dated()
    monkeypatch.setattr(time, "time", lambda: 0.0)
    assert shared.default_headers == [(b"date", b"Thu, 01 Jan 1970 00:00:00 GMT")]
    monkeypatch.setattr(time, "time", lambda: 1.5)
    assert shared.default_headers == [(b"date", b"Thu, 01 Jan 1970 00:00:01 GMT")]


def test_it_says_when_it_cannot_start() -> None:
    program = PROGRAM.replace("FastAPI()", "FastAPI(lifespan=lambda _: 1 / 0)")
    with socket.create_server(("127.0.0.1", 0)) as door:
        done = subprocess.run(
            [sys.executable, "-c", program, str(door.fileno())],
            pass_fds=[door.fileno()],
            check=False,
            capture_output=True,
        )
    assert done.returncode == server.FAILED
