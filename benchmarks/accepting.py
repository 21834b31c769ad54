"""jobs.accept_p99_ms: how long accepting a job takes while the broker is down: dead, and alive but silent."""

from __future__ import annotations

import signal
import statistics
import time
from collections.abc import Iterator
from typing import Any

from tests.servers import Postgres, Redis

from benchmarks import workshop
from stonehand import jobs
from stonehand.db import Database

COUNT = 300
PAUSE = 0.02  # seconds between two


def measure() -> Iterator[dict[str, Any]]:
    """The worse of the two ways of being down, beside the same with the broker up."""
    postgres, redis = Postgres(), Redis()
    postgres.start()
    redis.start()
    try:
        with workshop.opened(postgres.make_database("accepting"), redis.url) as database:
            up = _p99(database)
            redis.send(signal.SIGSTOP)
            silent = _p99(database)
            redis.kill()
            dead = _p99(database)
    finally:
        redis.remove()
        postgres.remove()
    yield {
        "figure": "jobs.accept_p99_ms",
        "value": round(max(silent, dead) * 1000, 1),
        "baseline": "the same with the broker up",
        "baseline_ms": round(up * 1000, 1),
        "silent_ms": round(silent * 1000, 1),
        "dead_ms": round(dead * 1000, 1),
    }


def _p99(database: Database) -> float:
    return statistics.quantiles([_one(database) for _ in range(COUNT)], n=100)[98]


def _one(database: Database) -> float:
    time.sleep(PAUSE)
    began = time.monotonic()
    with database.transaction() as session:
        jobs.enqueue(session, "bench.single", {})
    return time.monotonic() - began
