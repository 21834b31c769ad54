"""The three kinds of installation, on private servers that a test may kill, freeze, flush and start again."""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest
import redis

from stonehand import config, db
from tests.faults.tally import IS_LONG
from tests.servers import Postgres, RabbitMQ, Redis, Server

S = TypeVar("S", bound=Server)
STACKS = ("sqlite-filesystem", "postgresql-redis", "postgresql-rabbitmq")


def stacked(name: str, *more: object) -> Any:
    """One case of a test on this stack, with what it needs marked."""
    return pytest.param(name, *more, marks=[pytest.mark.rabbitmq] if "rabbitmq" in name else [])


def on(*names: str) -> pytest.MarkDecorator:
    """Run a test on these stacks in the short form, and on all of them in the long one."""
    return pytest.mark.parametrize("stack", [stacked(name) for name in (STACKS if IS_LONG else names)], indirect=True)


@dataclass(frozen=True)
class Stack:
    """One installation's servers; None is what is built in."""

    name: str
    database: Postgres | None
    broker: Redis | RabbitMQ | None

    def restart_database(self) -> None:
        """PostgreSQL ends at once, as in a crash, and comes back."""
        if self.database and self.database.process:
            self.database.send(signal.SIGQUIT)
            self.database.process.wait()
            self.database.start()

    def forget(self) -> None:
        """The broker loses every message, if it can do that."""
        if isinstance(self.broker, Redis):
            redis.Redis(port=self.broker.port).flushall()

    def kill_broker(self) -> None:
        """The broker dies without warning."""
        if self.broker:
            self.broker.kill()

    def start_broker(self) -> None:
        """It comes back."""
        if self.broker:
            self.broker.start()


class Servers:
    """Started when they are first wanted, and shared: a test that has killed one starts it again."""

    def __init__(self) -> None:
        self._made: dict[type[Server], Server] = {}

    def _up(self, kind: type[S]) -> S:
        server = self._made.get(kind) or self._made.setdefault(kind, kind())
        assert isinstance(server, kind)
        if server.process is None or server.process.poll() is not None:
            server.start()
        return server

    def stack(self, name: str, monkeypatch: pytest.MonkeyPatch) -> Stack:
        """The servers of this kind of installation, with a new database. Skips if one cannot be had."""
        if "rabbitmq" in name and RabbitMQ.program() is None:
            pytest.skip(RabbitMQ.WANTED)
        brokers: dict[str, Callable[[], Redis | RabbitMQ]] = {
            "redis": lambda: self._up(Redis),
            "rabbitmq": lambda: self._up(RabbitMQ),
        }
        kind, _, broker_name = name.partition("-")
        database = self._up(Postgres) if kind == "postgresql" else None
        broker = brokers[broker_name]() if broker_name in brokers else None
        if database:
            monkeypatch.setenv("STONEHAND_DATABASE_URL", database.make_database(db.new_id()))
        if broker:
            monkeypatch.setenv("STONEHAND_BROKER_URL", broker.url)
        config.settings.cache_clear()
        return Stack(name, database, broker)

    def remove(self) -> None:
        """End them all."""
        for server in self._made.values():
            server.remove()
