"""The sample newsroom as real HTTP on a loopback port; light enough to run as a thread of another process."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha256
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from threading import Event, Thread
from typing import Self
from urllib.parse import urlsplit

from stonehand.errors import Conflict
from stonehand.sample.edition import Edition
from stonehand.sample.routes import Route, routes

HOST = "127.0.0.1"
PIECES = 16


class PortTaken(Conflict):
    """Another program listens on the port that was asked for."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, port: int) -> None:
        self.paths: dict[str, Route] = {}
        self.stopping = Event()
        super().__init__((HOST, port), _Handler)

    def server_bind(self) -> None:
        TCPServer.server_bind(self)  # HTTPServer would ask the name service who we are
        self.server_name, self.server_port = HOST, self.server_address[1]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "StonehandSample/1"
    disable_nagle_algorithm = True
    timeout = 30
    server: _Server

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        route = self.server.paths.get(path)
        if route:
            self._answer(route)
        elif f"{path}/" in self.server.paths:
            self._send(HTTPStatus.MOVED_PERMANENTLY, {"Location": f"{path}/"}, b"")
        else:
            plain = {"Content-Type": "text/plain; charset=utf-8"}
            self._send(HTTPStatus.NOT_FOUND, plain, b"The sample newsroom has no such page.\n")

    do_HEAD = do_GET  # noqa: N815  the standard library chose the name

    def _answer(self, route: Route) -> None:
        body = route.body()
        headers = {
            "Content-Type": route.media_type,
            "ETag": f'W/"{sha256(body).hexdigest()[:20]}"',
            "Last-Modified": format_datetime(route.modified.replace(microsecond=0), usegmt=True),
            "Cache-Control": "no-cache",
            "Vary": "Accept-Encoding",
        }
        if self._is_known(headers["ETag"], route.modified):
            self._send(HTTPStatus.NOT_MODIFIED, headers, b"")
            return
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            headers["Content-Encoding"] = "gzip"
            body = gzip.compress(body, compresslevel=5, mtime=0)
        self._send(HTTPStatus.OK, headers, body, seconds=route.seconds)

    def _is_known(self, etag: str, modified: datetime) -> bool:
        if tags := self.headers.get("If-None-Match"):  # if there is a tag, the date does not count (RFC 9110, 13.2.2)
            return etag.removeprefix("W/") in (tag.strip().removeprefix("W/") for tag in tags.split(","))
        try:
            since = parsedate_to_datetime(self.headers.get("If-Modified-Since", ""))
        except ValueError:
            return False
        return since.tzinfo is not None and modified.replace(microsecond=0) <= since

    def _send(self, status: HTTPStatus, headers: dict[str, str], body: bytes, seconds: float = 0.0) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("X-Simulated", "Stonehand sample newsroom")
        if status != HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self._write(body, seconds)

    def _write(self, body: bytes, seconds: float) -> None:
        if not seconds:
            self.wfile.write(body)
            return
        size = -(-len(body) // PIECES)
        for start in range(0, len(body), size):
            if self.server.stopping.wait(seconds / PIECES):
                self.close_connection = True
                return
            self.wfile.write(body[start : start + size])

    def handle(self) -> None:
        try:
            super().handle()
        except ConnectionError:
            self.close_connection = True  # a reader that leaves early is not our trouble

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the standard library chose the name
        """Say nothing: whoever runs the newsroom has logs of their own."""


class Newsroom:
    """The simulator. Pass the same `epoch` (aware) and `port` again to bring back the very same newsroom.

    `port` 0 takes a free one; `slow_seconds` is how long the slow feed trickles. Raises `PortTaken` when made.
    """

    def __init__(self, port: int = 0, epoch: datetime | None = None, slow_seconds: float = 8.0) -> None:
        try:
            self._server = _Server(port)
        except OSError as error:
            raise PortTaken(f"The sample newsroom cannot listen on {HOST}:{port}: {error.strerror}") from error
        self.port = int(self._server.server_address[1])
        self.address = f"http://{HOST}:{self.port}"
        self.epoch = (epoch or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
        self._server.paths = routes(Edition(self.address, self.epoch), slow_seconds)
        self._thread = Thread(target=self._serve, name="sample-newsroom", daemon=True)
        self._look = 0.0

    @property
    def paths(self) -> list[str]:
        """Every path that answers."""
        return list(self._server.paths)

    def start(self, look: float = 0.5) -> Self:
        """Answer from a thread of its own, which looks every so many seconds whether it is to stop."""
        self._look = look
        self._thread.start()
        return self

    def _serve(self) -> None:
        self._server.serve_forever(self._look)

    def stop(self) -> None:
        """Stop answering, at once; safe to call twice and before `start`."""
        self._server.stopping.set()
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
