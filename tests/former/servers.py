"""Redis with TLS, and Redis watched by a sentinel: servers of the tests' own."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path

import redis

from tests.servers import Redis, Server


class TlsRedis(Redis):
    """Redis that speaks TLS only, with a certificate that is signed by an authority of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.authority = self.folder / "ca.pem"
        _make_certificates(self.folder)

    @property
    def url(self) -> str:
        """For Celery: the certificate is checked by our authority."""
        return f"rediss://localhost:{self.port}/0?ssl_ca_certs={self.authority}"

    @property
    def careless_url(self) -> str:
        """Without the authority, so that the certificate cannot be trusted."""
        return f"rediss://localhost:{self.port}/0"

    def command(self) -> Sequence[str]:
        files = {"tls-cert-file": "server.pem", "tls-key-file": "server.key", "tls-ca-cert-file": "ca.pem"}
        tls = [word for name, file in files.items() for word in (f"--{name}", str(self.folder / file))]
        plain = [*super().command()]
        plain[plain.index("--port") + 1] = "0"
        return [program_with_tls() or "", *plain[1:], "--tls-port", str(self.port), "--tls-auth-clients", "no", *tls]

    def answers(self) -> bool:
        try:
            return bool(redis.Redis("localhost", self.port, ssl=True, ssl_ca_certs=str(self.authority)).ping())
        except redis.ConnectionError:
            return False


def program_with_tls() -> str | None:
    """A server at hand that was built with TLS."""
    programs = [shutil.which(name) for name in ("valkey-server", "redis-server")]
    return next((program for program in programs if program and _knows_tls(program)), None)


def _knows_tls(program: str) -> bool:
    libraries = subprocess.run(["ldd", program], check=False, capture_output=True).stdout
    return b"libssl" in libraries


def _make_certificates(folder: Path) -> None:
    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], check=True, capture_output=True, cwd=folder)

    key = ("-newkey", "rsa:2048", "-nodes", "-days", "2")
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Stonehand tests")
    openssl("req", *key[:-2], "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost")
    (folder / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1")
    signing = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "names")
    openssl("x509", "-req", "-in", "server.csr", *signing, "-out", "server.pem")


class Sentinel(Server):
    """A sentinel that watches one Redis, and tells clients where it is."""

    MASTER = "newsroom"

    def __init__(self, master: Redis) -> None:
        super().__init__()
        self.master = master
        self._file = self.folder / "sentinel.conf"
        self._file.write_text(
            f"port {self.port}\nbind 127.0.0.1\ndir {self.folder}\nsentinel announce-ip 127.0.0.1\n"
            f"sentinel monitor {self.MASTER} 127.0.0.1 {master.port} 1\n"
        )

    @property
    def url(self) -> str:
        """For Celery."""
        return f"sentinel://127.0.0.1:{self.port}"

    def command(self) -> Sequence[str]:
        return [self.master.command()[0], str(self._file), "--sentinel"]

    def answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 2) as wire:
                wire.sendall(b"PING\r\n")
                return wire.recv(5) == b"+PONG"
        except OSError:
            return False
