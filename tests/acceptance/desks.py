"""A running desk, as `stonehand start` gives it: found by what it prints, and used through its API."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
import psutil

from tests.acceptance.newsrooms import COMMAND, House
from tests.servers import LONGEST_START, wait_until

EMAIL, PASSWORD = "ada@example.org", "correct horse battery"


@dataclass
class Desk:
    """The address of a desk, somebody signed in, and the processes behind it."""

    process: subprocess.Popen[str]
    address: str
    setup_key: str
    client: httpx2.Client

    def get(self, path: str, **query: Any) -> Any:
        """GET /api/v1... as JSON."""
        try:
            answer = self.client.get(f"/api/v1{path}", params=query)
        except httpx2.TransportError:  # the server had just closed the idle connection
            answer = self.client.get(f"/api/v1{path}", params=query)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    def post(self, path: str, body: Any = None) -> Any:
        """POST /api/v1... as JSON."""
        answer = self.client.post(f"/api/v1{path}", json=body if body is not None else {})
        assert answer.status_code < 300, f"{path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def sign_in(self) -> None:
        """Set the first administrator up with the one-time link, and sign in for a token."""
        person = {"secret": self.setup_key, "email": EMAIL, "name": "Ada", "password": PASSWORD}
        if self.setup_key:
            self.post("/auth/setup", person)
        token = self.post("/auth/login", {"email": EMAIL, "password": PASSWORD})["access_token"]
        self.client.headers["Authorization"] = f"Bearer {token}"

    def part(self, name: str) -> psutil.Process | None:
        """The process of one part."""
        for child in psutil.Process(self.process.pid).children():
            if name in child.cmdline():
                return child
        return None

    def kill_part(self, name: str) -> None:
        """SIGKILL a part with all its children; the supervisor starts it anew."""
        part = self.part(name)
        if part is not None:
            os.killpg(part.pid, signal.SIGKILL)
            wait_until(lambda: not part.is_running() or part.status() == psutil.STATUS_ZOMBIE, f"{name} dies")


@contextmanager
def started(house: House, *arguments: str) -> Iterator[Desk]:
    """`stonehand start` on a free port, until the end of the block."""
    with (house.folder.parent / "start.log").open("a") as log:
        process = subprocess.Popen(
            [*COMMAND, "start", "--port", "0", *arguments],
            env=house.environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    try:
        address, key = _printed(process)
        with httpx2.Client(base_url=address, timeout=30, trust_env=False) as client:
            desk = Desk(process, address, key, client)
            wait_until(lambda: _answers(client), "the desk answers", LONGEST_START)
            yield desk
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(40) == 0, "start ends well on SIGTERM"


def _printed(process: subprocess.Popen[str]) -> tuple[str, str]:
    address = key = ""
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"Stonehand is at (\S+)", line):
            address = found[1]
        if found := re.search(r"/setup\?key=(\S+)", line):
            key = found[1]
        if address and (key or "ready" in line.lower()):
            break
    return address, key


def _answers(client: httpx2.Client) -> bool:
    try:
        return client.get("/healthz").status_code == 200
    except httpx2.TransportError:
        return False
