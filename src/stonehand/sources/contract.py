"""The contract of every kind of source, as tests that a plugin's author runs: subclass `SourceContract`.

    class TestLines(SourceContract):
        kind = Lines()
        content_type = "text/plain"

        def answer(self, path, things, base):
            return "\n".join(thing.url for thing in things)

Tests talk to a server on a loopback port. They need pytest to be found, and nothing of it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from pydantic import ValidationError

from stonehand import http_client
from stonehand.errors import Rejected, Unavailable
from stonehand.http_client import Reply, Request
from stonehand.sources.interfaces import Asked, Collected, SourceKind, TakesOptions
from stonehand.sources.readings import MOST_ENTRIES

PATIENCE = 1.0  # seconds that a test waits for a slow server
GARBAGE = (
    b"",
    b"\x00\xff\xfe" * 400,
    b"<!DOCTYPE html><title>Sign in</title><p>Please sign in.</p>",
    b"{",
    b'{"error": "no"}',
    b"[" * 50_000,
    b"<a>" * 50_000,
    b"just a few words",
)


@dataclass(frozen=True)
class Thing:
    """Something that the server names. `number` tells it from others."""

    number: int
    title: str
    url: str
    published: datetime


def things(*numbers: int) -> list[Thing]:
    """Things with titles, addresses and dates of their own."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    return [
        Thing(n, f"What happened on day {n}", f"https://news.example/{n}", start + timedelta(minutes=n))
        for n in numbers
    ]


class Lookalike:
    """A server that says what the contract wants said. `answer` makes the body of a path."""

    def __init__(self, contract: SourceContract) -> None:
        self.things: Sequence[Thing] = ()
        self.status, self.headers = 200, dict[str, str]()
        self.body: bytes | None = None
        """Instead of what the contract answers."""
        self.mode = ""
        """`redirect` sends on, `drip` is slow, `endless` never stops."""
        lookalike = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                with suppress(OSError):  # whoever asked has seen enough
                    lookalike.serve(self, contract)

            def log_message(self, *_: Any) -> None:
                """Tests are quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.base = f"http://127.0.0.1:{self._server.server_port}"
        http_client.allow_address("127.0.0.1", self._server.server_port)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def serve(self, asked: BaseHTTPRequestHandler, contract: SourceContract) -> None:
        """Answer one request."""
        if self.mode == "redirect" and not asked.path.startswith("/there"):
            return _send(asked, 301, {"Location": f"/there{asked.path}"}, b"")
        if self.mode in ("drip", "endless"):
            return _flood(asked, contract.content_type, 0.2 if self.mode == "drip" else 0.0)
        path = asked.path.removeprefix("/there")
        body = self.body if self.body is not None else contract.answer(path, self.things, self.base)
        body = body.encode() if isinstance(body, str) else body
        etag = f'"{hash(body)}"'
        if self.status == 200 and asked.headers.get("If-None-Match") == etag:
            return _send(asked, 304, {"ETag": etag}, b"")
        return _send(asked, self.status, {"ETag": etag, "Content-Type": contract.content_type} | self.headers, body)

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()


def _send(asked: BaseHTTPRequestHandler, status: int, headers: Mapping[str, str], body: bytes) -> None:
    asked.send_response(status)
    for name, value in headers.items():
        asked.send_header(name, value)
    if status != 304:
        asked.send_header("Content-Length", str(len(body)))
    asked.end_headers()
    asked.wfile.write(body)


def _flood(asked: BaseHTTPRequestHandler, content_type: str, pause: float) -> None:
    asked.send_response(200)
    asked.send_header("Content-Type", content_type)
    asked.end_headers()
    for _ in range(400):
        asked.wfile.write(b" " if pause else b" " * 65_536)
        asked.wfile.flush()
        time.sleep(pause)


class SourceContract:
    """What every kind of source keeps. Set `kind`, write `answer`, and change what is different with your kind."""

    kind: ClassVar[Any]
    content_type: ClassVar[str] = "application/json"
    conditional: ClassVar[bool] = True
    """Whether it asks with the etag of the last answer."""
    empty_is_trouble: ClassVar[bool] = False
    """Whether a document that names nothing means that it was read in the wrong way."""
    formless: ClassVar[bool] = False
    """Whether any document can be read, as plain text can: then garbage names nothing, and is no error."""
    bad_options: ClassVar[Sequence[Mapping[str, Any]]] = ()

    def answer(self, path: str, things: Sequence[Thing], base: str) -> str | bytes:
        """What the server says at `path` if it names these things."""
        raise NotImplementedError

    def url(self, base: str) -> str:
        """The address that somebody gives."""
        return f"{base}/list"

    def options(self, base: str) -> Mapping[str, Any]:
        """The options of such a source."""
        return {}

    # ── how the tests ask ──

    @contextmanager
    def server(self) -> Iterator[Lookalike]:
        """A server of this test's own."""
        lookalike = Lookalike(self)
        try:
            yield lookalike
        finally:
            lookalike.close()

    def asked(self, server: Lookalike, **known: Any) -> Asked:
        """The question, with options as Stonehand hands them over."""
        kind, given = self.kind, dict(self.options(server.base))
        if isinstance(kind, TakesOptions):
            given = kind.options.model_validate(given).model_dump()
        return Asked(self.url(server.base), options=given, **known)

    def look(self, server: Lookalike, **known: Any) -> Collected:
        """Ask once."""
        kind: SourceKind = self.kind
        return kind.collect(self.asked(server, **known), _fetch)

    def _refused(self, server: Lookalike, kind: type[Exception]) -> Exception:
        raised: Exception | None = None
        try:
            found = self.look(server)
        except (Rejected, Unavailable) as error:
            raised = error
        if raised is not None:
            assert isinstance(raised, kind), f"it raised {type(raised).__name__}, which is no {kind.__name__}: {raised}"
            assert str(raised), "its error says nothing"
            return raised
        raise AssertionError(f"it raised nothing, and collected {len(found.reading.entries)} entries")

    # ── the contract ──

    def test_it_says_what_it_is(self) -> None:
        kind: SourceKind = self.kind
        assert kind.kind
        assert kind.kind == kind.kind.strip().lower()
        assert kind.title
        assert isinstance(kind.polled, bool)

    def test_new(self) -> None:
        with self.server() as server:
            server.things = things(1, 2)
            before = self.look(server).reading.entries
            server.things = things(1, 2, 3)
            after = self.look(server).reading.entries
        assert {each.url for each in before} == {each.url for each in things(1, 2)}
        assert all("What happened on day" in each.title for each in before if each.title)
        keys = {each.key for each in before}
        assert [each.url for each in after if each.key not in keys] == [things(3)[0].url], "keys must stay the same"

    def test_duplicate(self) -> None:
        with self.server() as server:
            server.things = things(1, 1, 2)
            found = self.look(server).reading.entries
        assert len(found) == len({each.key for each in found}) == 2

    def test_empty(self) -> None:
        with self.server() as server:
            if self.empty_is_trouble:
                self._refused(server, Rejected)
            else:
                found = self.look(server)
                assert (found.reading.entries, found.unchanged) == ((), False)

    def test_unchanged(self) -> None:
        with self.server() as server:
            server.things = things(1)
            first = self.look(server)
            again = self.look(server, etag=first.etag, modified=first.modified)
        assert bool(first.etag) == self.conditional
        assert again.unchanged == self.conditional
        assert again.etag == first.etag, "it must go on asking with the same etag"
        assert bool(again.reading.entries) != self.conditional

    def test_garbage(self) -> None:
        with self.server() as server:
            for body in GARBAGE:
                server.body = body
                if self.formless:
                    assert self.look(server).reading.entries == ()
                else:
                    self._refused(server, Rejected)

    def test_huge(self) -> None:
        with self.server() as server:
            server.things = things(*range(1, MOST_ENTRIES + 300))
            assert 0 < len(self.look(server).reading.entries) <= MOST_ENTRIES
            server.mode = "endless"
            self._refused(server, Rejected)

    def test_slow(self) -> None:
        with self.server() as server:
            server.mode, began = "drip", time.monotonic()
            self._refused(server, Unavailable)
        assert time.monotonic() - began < 10 * PATIENCE

    def test_refused(self) -> None:
        with self.server() as server:
            for server.status in (401, 403, 404, 410, 451):
                self._refused(server, Rejected)

    def test_away(self) -> None:
        with self.server() as server:
            for server.status in (500, 503):
                self._refused(server, Unavailable)
            server.status, server.headers = 429, {"Retry-After": "77"}
            error = self._refused(server, Unavailable)
        assert getattr(error, "retry_after", None) == 77, "what the server says about when to come again must be kept"

    def test_redirect(self) -> None:
        with self.server() as server:
            server.things, server.mode = things(1, 2), "redirect"
            found = self.look(server).reading.entries
        assert {each.url for each in found} == {each.url for each in things(1, 2)}

    def test_bad_options(self) -> None:
        for options in self.bad_options:
            try:
                self.kind.options.model_validate(dict(options))
            except ValidationError:
                continue
            raise AssertionError(f"it took these options: {dict(options)}")

    def test_dry_run_equals_real(self) -> None:
        with self.server() as server:
            server.things = things(1, 2, 3)
            before = dict(vars(self.kind))
            with ThreadPoolExecutor(4) as threads:
                looks = list(threads.map(lambda _: self.look(server), range(4)))
        assert all(look == looks[0] for look in looks)
        assert vars(self.kind) == before, "one object serves every source, so it keeps no state"


def _fetch(request: Request) -> Reply:
    return http_client.fetch(replace(request, timeout=PATIENCE, breaker=False))
