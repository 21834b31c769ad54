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
    """The median of many single jobs, one after the other, each beside one of Celery alone, with workers at rest."""
    postgres, redis = Postgres(), Redis()
    postgres.start()
    redis.start()
    try:
        plain, ours = _both(redis, postgres.make_database("latency"), redis.url)
        yield {"figure": "jobs.latency_ratio", "value": round(ours / plain, 2), **_facts(plain, ours)}
        plain, ours = _both(redis)
        yield {"figure": "jobs.latency_embedded_ms", "value": round(ours * 1000, 1), **_facts(plain, ours)}
    finally:
        postgres.remove()
        redis.remove()


def _facts(plain: float, ours: float) -> dict[str, Any]:
    return {"baseline": "Celery alone on Redis", "ms": round(ours * 1000, 1), "baseline_ms": round(plain * 1000, 1)}


def _both(redis: Redis, *servers: str) -> list[float]:
    """Seconds of Celery alone, and of ours on these servers."""
    with (
        bare.working(f"redis://127.0.0.1:{redis.port}/1") as celery,
        workshop.opened(*servers) as database,
        workshop.working(database),
    ):

        def send(folder: str, name: str) -> None:
            with database.transaction() as session:
                jobs.enqueue(session, "bench.stamp", {"folder": folder, "name": name})

        return medians(lambda folder, name: celery.send_task("bare.stamp", [folder, name]), send)


def medians(*ways: Send) -> list[float]:
    """Seconds from the call to the first line of the body, in the middle of many; the ways take turns."""
    with tempfile.TemporaryDirectory() as folder:
        taken = [
            [_one(way, Path(folder), f"{turn}-{way_number}") for way_number, way in enumerate(ways)]
            for turn in range(COUNT)
        ]
    return [statistics.median(column) for column in zip(*taken, strict=True)]


def _one(send: Send, folder: Path, name: str) -> float:
    began = time.time()
    send(str(folder), name)
    wait_until((folder / name).exists)
    time.sleep(PAUSE)
    return float((folder / name).read_text()) - began
