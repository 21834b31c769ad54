"""A post office and a listener on loopback ports, to be told what is wrong."""

from __future__ import annotations

import socketserver
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from stonehand import config


class PostOffice(socketserver.ThreadingTCPServer):
    """Enough of SMTP (RFC 5321) to be handed a letter, to ask for a password, and to refuse."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Counter)
        self.seal: ssl.SSLContext | None = None
        self.sealed_first = False
        """Encrypted from the first byte, not only after STARTTLS."""
        self.letters: list[Message] = []
        self.logins: list[str] = []
        self.refusal = b""
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Counter(socketserver.StreamRequestHandler):
    server: PostOffice

    def handle(self) -> None:
        if self.server.sealed_first and not self._seal():
            return
        self._say(b"220 post.example")
        while line := self.rfile.readline():
            verb = line.split()[0].upper() if line.split() else b""
            if verb == b"QUIT":
                self._say(b"221 bye")
                return
            self._answer(verb, line)

    def _answer(self, verb: bytes, line: bytes) -> None:
        if verb == b"EHLO":
            may_seal = self.server.seal and not isinstance(self.request, ssl.SSLSocket)
            self._say(b"250-post.example\r\n250 " + (b"STARTTLS" if may_seal else b"AUTH PLAIN"))
        elif verb == b"STARTTLS":
            self._say(b"220 go on")
            self._seal()
        elif verb == b"AUTH":
            self.server.logins.append(line.split()[-1].decode())
            self._say(b"535 no" if self.server.refusal.startswith(b"535") else b"235 welcome")
        elif verb == b"RCPT" and self.server.refusal:
            self._say(self.server.refusal)
        elif verb == b"DATA":
            self._say(b"354 go on")
            body = b"".join(iter(self.rfile.readline, b".\r\n"))
            self.server.letters.append(message_from_bytes(body, policy=default))
            self._say(b"250 taken")
        else:
            self._say(b"250 ok")

    def _seal(self) -> bool:
        assert self.server.seal
        try:
            self.request = self.server.seal.wrap_socket(self.request, server_side=True)
        except OSError:  # whoever called does not trust us
            return False
        self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", 0)
        return True

    def _say(self, words: bytes) -> None:
        self.wfile.write(words + b"\r\n")


@dataclass
class Listener:
    """Takes what is posted to it."""

    url: str = ""
    status: int = 200
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def post_office(monkeypatch: pytest.MonkeyPatch) -> Iterator[PostOffice]:
    office = PostOffice()
    monkeypatch.setenv("STONEHAND_ALERT_EMAIL_TO", "ada@example.org, night@example.org")
    monkeypatch.setenv("STONEHAND_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("STONEHAND_SMTP_PORT", str(office.port))
    monkeypatch.setenv("STONEHAND_SMTP_SECURITY", "none")
    config.settings.cache_clear()
    yield office
    office.shutdown()
    office.server_close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            made.heard.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(made.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield made
    server.shutdown()
    server.server_close()
