"""jobs.latency_*: from asking for a job, before its transaction begins, to the first line of its body."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.servers import Postgres, Redis

from benchmarks import bare, workshop
from benchmarks.newsrooms import wait_until
from stonehand import jobs

COUNT = 200
PAUSE = 0.02  # seconds between two, so that each meets a worker at rest

Send = Callable[[str, str], object]


def measure() -> Iterator[dict[str, Any]]:
    """The median of many single jobs, one after the other, with a worker at rest."""
    postgres, redis = Postgres(), Redis()
    postgres.start()
    redis.start()
    try:
        with bare.working(f"redis://127.0.0.1:{redis.port}/1") as celery:
            plain = median(lambda folder, name: celery.send_task("bare.stamp", [folder, name]))
        ours = _ours(postgres.make_database("latency"), redis.url)
    finally:
        postgres.remove()
        redis.remove()
    facts = {"baseline": "Celery alone on Redis", "ms": round(ours * 1000, 1), "baseline_ms": round(plain * 1000, 1)}
    yield {"figure": "jobs.latency_ratio", "value": round(ours / plain, 2), **facts}
    embedded = _ours()
    facts = {"baseline": "Celery alone on Redis", "baseline_ms": round(plain * 1000, 1)}
    yield {"figure": "jobs.latency_embedded_ms", "value": round(embedded * 1000, 1), **facts}


def _ours(*servers: str) -> float:
    with workshop.opened(*servers) as database, workshop.working(database):

        def send(folder: str, name: str) -> None:
            with database.transaction() as session:
                jobs.enqueue(session, "bench.stamp", {"folder": folder, "name": name})

        return median(send)


def median(send: Send) -> float:
    """Seconds from the call of `send` to the first line of the body, in the middle of many."""
    with tempfile.TemporaryDirectory() as folder:
        return statistics.median(_one(send, Path(folder), f"{number}") for number in range(COUNT))


def _one(send: Send, folder: Path, name: str) -> float:
    began = time.time()
    send(str(folder), name)
    wait_until((folder / name).exists)
    time.sleep(PAUSE)
    return float((folder / name).read_text()) - began
