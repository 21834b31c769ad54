"""What an operator wants of the broker beyond doorbells: empty it, and ask how it is set up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from stonehand import log
from stonehand.errors import StonehandError
from stonehand.jobs.broker import engine
from stonehand.jobs.errors import BrokerUnreachable


@dataclass(frozen=True)
class Memory:
    """How a Redis or Valkey server treats its memory. Sizes are in bytes; `most` is 0 if nothing limits it."""

    used: int
    most: int
    policy: str
    may_ask: bool = True
    """Whether the server let us see its configuration; hosted ones often do not."""


@contextmanager
def _connected() -> Iterator[Any]:
    engine.reach()  # in a few seconds at most, which not every library promises
    try:
        with engine.app().connection_for_write(connect_timeout=3) as connection:
            yield connection
    except StonehandError:
        raise
    except Exception as error:  # each broker's library has its own
        raise BrokerUnreachable(f"the broker {engine.address()} does not answer: {log.redact(str(error))}") from error


def empty(queues: Sequence[str]) -> int:
    """Take every waiting doorbell of these queues out of the broker. Returns how many. Raises `BrokerUnreachable`."""
    declared = engine.app().amqp.queues
    with _connected() as connection:
        return sum(_purge(declared[name](connection.default_channel)) for name in queues)


def _purge(queue: Any) -> int:
    queue.declare()  # RabbitMQ closes the channel over a queue that it does not know
    return int(queue.purge() or 0)


def is_redis() -> bool:
    """Whether the broker is Redis or speaks like it."""
    return bool(engine.app().connection_for_read().transport.driver_type == "redis")


def redis_memory() -> Memory:
    """How the Redis server treats its memory. Raises `BrokerUnreachable`."""
    with _connected() as connection:
        client = connection.default_channel.client
        found = client.info("memory")
        policy = str(found.get("maxmemory_policy", ""))
        try:
            policy = str(client.config_get("maxmemory-policy").get("maxmemory-policy", policy))
        except Exception:  # a hosted server does not let everybody ask
            return Memory(int(found["used_memory"]), int(found.get("maxmemory", 0)), policy, may_ask=bool(policy))
        return Memory(int(found["used_memory"]), int(found.get("maxmemory", 0)), policy)
