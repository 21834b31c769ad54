"""A server in threads of this process that can fail as real ones do, request by request, without waiting for a clock.

A lookalike says how its requests are called (`step`) and what they do (`obey`). What befalls the next request of a
step is written into `script`; what came late is done when the test says so (`catch_up`).
"""

from __future__ import annotations

import json
import random
import socket
import threading
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

HTML = b"<!DOCTYPE html><html><body><h1>500 Internal Server Error</h1></body></html>"
LOST = ("late", "lost", "unheard", "error", "error after")  # after these, nobody who asked knows what happened
MISFORTUNES = (*LOST, "login page")
REFUSALS = ("401", "403", "409", "429", "429 in 7")


@dataclass(frozen=True)
class Asked:
    """One request. Of a name in the query that comes twice, all values are in `every`."""

    method: str
    path: str
    query: Mapping[str, str]
    every: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    @property
    def data(self) -> Any:
        """The body as JSON, or its fields if it is a form."""
        if self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return {name: values[-1] for name, values in parse_qs(self.body.decode()).items()}
        return json.loads(self.body) if self.body else {}


@dataclass(frozen=True)
class Shown:
    """An answer that is a page. Of a header that comes several times, the values are a list."""

    text: str
    status: int = 200
    headers: Mapping[str, str | list[str]] = field(default_factory=dict)


class Refused(Exception):
    """An answer that refuses, in the words of whoever is imitated."""

    def __init__(self, status: int, said: Any, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(str(said))
        self.status, self.said, self.headers = status, said, dict(headers or {})


class Faulty(ABC):
    """One server. Subclasses keep what it knows, so that a test can count."""

    def __init__(self) -> None:
        self.script: dict[str, list[str]] = {}
        self.asked: Counter[str] = Counter()
        self.seen: list[Asked] = []
        self.chance, self.draw = 0.0, random.Random(1)
        self.patience = 1.5
        self.lock = threading.RLock()
        self.port = 0
        self._late: list[Asked] = []
        self._connections: set[socket.socket] = set()
        self.start()

    @abstractmethod
    def step(self, asked: Asked) -> str:
        """What a request is called in `script`: `POST /posts`, `PUT /posts/ID`."""

    @abstractmethod
    def obey(self, asked: Asked) -> Any:
        """Do it and answer with something for JSON, or with a page as `Shown`. Raises `Refused`."""

    def refusal(self, status: int) -> Any:
        """The body of an answer that refuses for a reason of the script."""
        return {"error": f"refused with {status}"}

    @property
    def url(self) -> str:
        """The address of the server."""
        return f"http://127.0.0.1:{self.port}"

    def catch_up(self) -> None:
        """Do now what came late."""
        late, self._late = self._late, []
        for asked in late:
            with suppress(Refused):
                self.obey(asked)

    def befall(self, step: str, what: str) -> None:
        """Let this befall the next request of a step."""
        self.script.setdefault(step, []).append(what)

    def unhappened(self) -> list[str]:
        """Steps of the script that have not been asked for yet."""
        return [step for step, rest in self.script.items() if rest]

    def misfortune(self, step: str) -> str:
        """What befalls this request."""
        with self.lock:
            self.asked[step] += 1
            if self.script.get(step):
                return self.script[step].pop(0)
            return self.draw.choice(MISFORTUNES) if self.draw.random() < self.chance else ""

    def start(self) -> None:
        """Answer, on the same port as before."""
        this = self

        class Handler(_Handler):
            server_of_ours = this

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, *_: object) -> None:
                """A client that hangs up is nothing to tell of."""

        self._server = Server(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        """End at once, with every connection. What was done is kept."""
        self._server.shutdown()
        self._server.server_close()
        for connection in list(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[Self]:
        """A server until the end of the block."""
        made = cls()
        try:
            yield made
        finally:
            made.stop()


class _Handler(BaseHTTPRequestHandler):
    server_of_ours: Faulty
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.server_of_ours._connections.add(self.connection)

    def finish(self) -> None:
        self.server_of_ours._connections.discard(self.connection)
        with suppress(OSError):
            super().finish()

    def do_GET(self) -> None:
        ours, asked = self.server_of_ours, self._read()
        if asked is None:  # the client was killed in the middle of its question
            self.close_connection = True
            return
        ours.seen.append(asked)
        befalls = ours.misfortune(ours.step(asked))
        if befalls == "hang":
            time.sleep(ours.patience)
        if befalls == "late":
            ours._late.append(asked)
        if befalls in ("unheard", "hang", "late"):
            self.close_connection = True
        elif befalls in ("error", "login page"):
            self._answer(500 if befalls == "error" else 200, HTML, "text/html; charset=UTF-8")
        elif befalls[:1].isdigit():
            self._refuse(befalls)
        else:
            self._obey(asked, befalls)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815

    def _read(self) -> Asked | None:
        parts = urlsplit(self.path)
        every = parse_qs(parts.query)
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        headers = {name.lower(): value for name, value in self.headers.items()}
        query = {name: values[-1] for name, values in every.items()}
        return Asked(self.command, parts.path, query, every, headers, body) if len(body) == length else None

    def _refuse(self, words: str) -> None:
        code, _, wait = words.partition(" in ")
        headers = {"Retry-After": wait} if wait else {}
        self._answer(int(code), json.dumps(self.server_of_ours.refusal(int(code))).encode(), headers=headers)

    def _obey(self, asked: Asked, befalls: str) -> None:
        try:
            status, said, headers = 200, self.server_of_ours.obey(asked), dict[str, str]()
        except Refused as error:
            status, said, headers = error.status, error.said, error.headers
        if befalls == "lost":
            self.close_connection = True
        elif befalls == "error after":
            self._answer(500, HTML, "text/html; charset=UTF-8")
        elif isinstance(said, Shown):
            self._answer(said.status, said.text.encode(), "text/html; charset=UTF-8", said.headers)
        else:
            self._answer(status, json.dumps(said).encode() if status != 204 else b"", headers=headers)

    def _answer(
        self,
        status: int,
        body: bytes,
        content_type: str = "application/json; charset=utf-8",
        headers: Mapping[str, str | list[str]] | None = None,
    ) -> None:
        with suppress(OSError):
            self.send_response(status)
            for name, value in {
                "Content-Type": content_type,
                "Content-Length": str(len(body)),
                **(headers or {}),
            }.items():
                for each in value if isinstance(value, list) else [value]:
                    self.send_header(name, each)
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""
