"""A small site on a loopback port, which the tests fill."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from stonehand import config, jobs
from stonehand.sources import tasks as _declared  # noqa: F401
from stonehand.sources.events import EntryFound, SourceAdded


@dataclass
class Site:
    """Pages by path: status, headers, body. `asked` keeps every path that was asked for."""

    url: str = ""
    pages: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def put(self, path: str, body: bytes | str, status: int = 200, **headers: str) -> str:
        body = body.encode() if isinstance(body, str) else body
        self.pages[path] = (status, {name.replace("_", "-"): value for name, value in headers.items()}, body)
        return self.url + path


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("STONEHAND_ALLOW_NETWORKS", "127.0.0.0/8")
    config.settings.cache_clear()
    made = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append(self.path)
            status, headers, body = made.pages.get(self.path, (404, {}, b"not here"))
            if headers.get("ETag") and self.headers.get("If-None-Match") == headers["ETag"]:
                status, body = 304, b""
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if status != 304:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture
def pipeline() -> Iterator[None]:
    """A table in which a found entry has no follower yet."""
    from stonehand.jobs import announcements

    before = dict(announcements._followers)
    jobs.follow([(SourceAdded, "sources.poll"), (EntryFound, "")])
    yield
    announcements._followers.clear()
    announcements._followers.update(before)


def feed(*numbers: int, tracking: str = "", title: str = "News") -> str:
    items = "".join(
        f"<item><guid>n{n}</guid><title>Item {n}</title><link>https://news.example/{n}{tracking}</link></item>"
        for n in numbers
    )
    return f"<rss><channel><title>{title}</title>{items}</channel></rss>"
