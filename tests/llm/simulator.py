"""A simulator of an OpenAI-compatible server on loopback. It is no model: a test scripts what each call is answered."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Script = Callable[["Exchange"], None]


@dataclass
class Exchange:
    """One call: what was asked, and the means to answer it."""

    question: dict[str, Any]
    headers: dict[str, str]
    handler: BaseHTTPRequestHandler
    released: threading.Event

    def answer(self, content: str, *, usage: Any = None, finish: str = "stop") -> None:
        """Answer with a chat completion."""
        body = {
            "model": "<script>simulated</script>",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": finish}],
            "usage": usage if usage is not None else {"prompt_tokens": 100, "completion_tokens": 50},
        }
        self.send(200, json.dumps(body).encode())

    def send(self, status: int, body: bytes, headers: dict[str, str] | None = None, length: int | None = None) -> None:
        """Answer with bytes; `length` may claim more than there are."""
        self.handler.send_response(status)
        self.handler.send_header("Content-Type", "application/json")
        self.handler.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in (headers or {}).items():
            self.handler.send_header(name, value)
        self.handler.end_headers()
        self.handler.wfile.write(body)
        self.handler.wfile.flush()

    def hang(self) -> None:
        """Say nothing until the test is over."""
        self.released.wait(20)
        self.handler.close_connection = True

    def cut(self) -> None:
        """Break the connection."""
        self.handler.connection.shutdown(socket.SHUT_RDWR)


@dataclass
class Simulator:
    """The running server and every call it got."""

    base_url: str
    script: Script
    exchanges: list[Exchange] = field(default_factory=list)


@contextmanager
def running(script: Script) -> Iterator[Simulator]:
    """Serve `script` on a port of the system's choice."""
    released = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            exchange = Exchange(question, dict(self.headers.items()), self, released)
            simulator.exchanges.append(exchange)
            simulator.script(exchange)

        def log_message(self, *_: Any) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    simulator = Simulator(f"http://127.0.0.1:{server.server_address[1]}/v1", script)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield simulator
    finally:
        released.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
