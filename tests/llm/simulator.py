"""A simulator of a language model's server on loopback. It is no model: a test scripts what each call is answered.

It speaks three dialects, by the path that is asked: OpenAI's, Anthropic's and Google's.
"""

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


def _openai(content: str, usage: Any, finish: str) -> dict[str, Any]:
    return {
        "model": "<script>simulated</script>",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": finish}],
        "usage": usage if usage is not None else {"prompt_tokens": 100, "completion_tokens": 50},
    }


def _anthropic(content: str, usage: Any, finish: str) -> dict[str, Any]:
    return {
        "type": "message",
        "role": "assistant",
        "model": "simulated-claude",
        "content": [{"type": "thinking", "thinking": "{}", "signature": "x"}, {"type": "text", "text": content}],
        "stop_reason": "max_tokens" if finish == "length" else "end_turn",
        "usage": usage if usage is not None else {"input_tokens": 100, "output_tokens": 50},
    }


def _google(content: str, usage: Any, finish: str) -> dict[str, Any]:
    counted = {"promptTokenCount": 100, "candidatesTokenCount": 30, "thoughtsTokenCount": 20, "totalTokenCount": 150}
    parts = [{"text": "{}", "thought": True}, {"text": content}]
    reason = "MAX_TOKENS" if finish == "length" else "STOP"
    return {
        "candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": reason, "index": 0}],
        "usageMetadata": usage if usage is not None else counted,
        "modelVersion": "simulated-gemini",
    }


BODIES: dict[str, Callable[[str, Any, str], dict[str, Any]]] = {
    "openai": _openai,
    "anthropic": _anthropic,
    "google": _google,
}


@dataclass
class Exchange:
    """One call: what was asked, and the means to answer it."""

    question: dict[str, Any]
    headers: dict[str, str]
    handler: BaseHTTPRequestHandler
    released: threading.Event

    @property
    def dialect(self) -> str:
        """`anthropic`, `google` or `openai`."""
        path = self.handler.path
        return "anthropic" if path.endswith("/messages") else "google" if ":generateContent" in path else "openai"

    @property
    def wants_schema(self) -> bool:
        """Whether an answer in a JSON schema was asked for."""
        thinking = self.question.get("generationConfig", {})
        return bool({"response_format", "output_config"} & set(self.question)) or "responseJsonSchema" in thinking

    def answer(self, content: str, *, usage: Any = None, finish: str = "stop") -> None:
        """Answer with a completion; `finish` is `stop` or `length`."""
        self.send(200, json.dumps(BODIES[self.dialect](content, usage, finish)).encode())

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

    origin: str
    script: Script
    exchanges: list[Exchange] = field(default_factory=list)

    @property
    def base_url(self) -> str:
        """For OpenAI's dialect."""
        return f"{self.origin}/v1"

    def address(self, provider: str) -> str:
        """The base address of a provider here."""
        return {"anthropic": self.origin, "google": f"{self.origin}/v1beta"}.get(provider, self.base_url)


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
    simulator = Simulator(f"http://127.0.0.1:{server.server_address[1]}", script)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield simulator
    finally:
        released.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
