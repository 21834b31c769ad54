"""A scripted site on loopback, a resolver that knows only what it is told, and a network that writes down every try."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from ipaddress import ip_address

import httpcore2
import httpx2
import pytest

from stonehand import config, http_client
from stonehand.http_client import outlet, transport

Script = Callable[[socket.socket, bytes], None] | bytes


def answer(status: int = 200, body: bytes = b"", **headers: str) -> bytes:
    """The bytes of a whole answer; `content_type="..."` becomes `Content-Type: ...`."""
    lines = [f"HTTP/1.1 {status} Because", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-').title()}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


class Site:
    """Answers `path` with its bytes, or lets its script write to the socket."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.scripts: dict[str, Script] = {}
        self.requests: list[bytes] = []
        self.connections = 0
        self._tls = tls
        self._closing = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, path: str = "/") -> str:
        return f"http{'s' if self._tls else ''}://127.0.0.1:{self.port}{path}"

    def close(self) -> None:
        self._closing.set()
        self._listener.close()

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            while self._answer_one(connection):
                pass
        except OSError:
            pass
        finally:
            connection.close()

    def _answer_one(self, connection: socket.socket) -> bool:
        head = b""
        while b"\r\n\r\n" not in head:
            piece = connection.recv(65536)
            if not piece:
                return False
            head += piece
            if head[:1] == b"\x16":  # a TLS greeting, which a plain site does not understand
                connection.sendall(answer(400))
                return False
        missing = int(self._value(head, "Content-Length") or 0) - len(head.partition(b"\r\n\r\n")[2])
        while missing > 0:
            piece = connection.recv(missing)
            head, missing = head + piece, missing - len(piece)
        self.requests.append(head)
        script = self.scripts.get(head.split(b" ")[1].decode(), answer(404, b"nothing here"))
        if isinstance(script, bytes):
            connection.sendall(script)
            return True
        script(connection, head)
        return False

    def header(self, name: str, request: int = -1) -> str | None:
        """What the client sent in this header."""
        return self._value(self.requests[request], name)

    @staticmethod
    def _value(head: bytes, name: str) -> str | None:
        for line in head.decode("latin-1").split("\r\n")[1:]:
            key, _, value = line.partition(":")
            if key.lower() == name.lower():
                return value.strip()
        return None


class RecordingNetwork(httpcore2.AsyncNetworkBackend):
    """Writes down every try. Public addresses are played by loopback ports, or do not answer; nothing leaves."""

    def __init__(self) -> None:
        self.tried: list[tuple[str, int]] = []
        self.played_by: dict[tuple[str, int], int] = {}
        self._real = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        self.tried.append((host, port))
        if (host, port) in self.played_by:
            return await self._real.connect_tcp("127.0.0.1", self.played_by[host, port], timeout)
        if ip_address(host).is_loopback:
            return await self._real.connect_tcp(host, port, timeout)
        raise httpcore2.ConnectError("nobody plays this address")


class Names:
    """Each question for a name takes its next answer; the last one stays."""

    def __init__(self) -> None:
        self.answers: dict[str, list[list[str]]] = {}
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        queue = self.answers.get(host)
        if not queue:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return queue.pop(0) if len(queue) > 1 else queue[0]


class World:
    """What a test plays with."""

    def __init__(self) -> None:
        self.names = Names()
        self.network = RecordingNetwork()

    def begin(self, trusted: ssl.SSLContext | None = None) -> None:
        http_client.close()
        backend = transport.GuardedBackend(self.names, self.network)
        outlet._current.outlet = outlet.Outlet(transport.pool(backend, trusted or _system_trust()))


@cache
def _system_trust() -> ssl.SSLContext:
    return httpx2.create_ssl_context(trust_env=False)  # slow to load, so once for all tests


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    world.begin()
    yield world
    http_client.close()


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.close()


@pytest.fixture
def setting(monkeypatch: pytest.MonkeyPatch) -> Callable[[Mapping[str, str]], None]:
    """Change settings for this test."""

    def change(values: Mapping[str, str]) -> None:
        for name, value in values.items():
            monkeypatch.setenv(config.PREFIX + name, value)
        config.settings.cache_clear()

    return change


@pytest.fixture
def loopback(setting: Callable[[Mapping[str, str]], None], world: World) -> World:
    """A world whose operator has opened loopback."""
    setting({"ALLOW_NETWORKS": "127.0.0.0/8"})
    return world
