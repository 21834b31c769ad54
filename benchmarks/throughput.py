"""jobs.ratio_*: jobs a second, beside Celery alone on Redis in the same minute."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.servers import Postgres, Redis

from benchmarks import bare, workshop

COUNT = 5000
BASELINE = "Celery alone on Redis: prefork 2, JSON, late ack, results and events off, prefetch 4"
FIGURES = (
    "jobs.ratio_redis_single",
    "jobs.ratio_redis_batch",
    "jobs.ratio_embedded_single",
    "jobs.ratio_embedded_batch",
)


def measure(figure: str) -> Iterator[dict[str, Any]]:
    """Accepted in transactions of 100, counted until completed in the database."""
    postgres, redis = Postgres(), Redis()
    postgres.start()
    redis.start()
    try:
        yield _measured(figure, postgres, redis)
    finally:
        postgres.remove()
        redis.remove()


def _measured(figure: str, postgres: Postgres, redis: Redis) -> dict[str, Any]:
    task = f"bench.{figure.rpartition('_')[2]}"
    bare_rate = COUNT / bare.seconds_for(f"redis://127.0.0.1:{redis.port}/1", COUNT)
    servers = (postgres.make_database(figure), redis.url) if "redis" in figure else ("", "")
    with workshop.opened(*servers) as database:
        rate = COUNT / workshop.seconds_for(database, task, COUNT)
    return {
        "figure": figure,
        "value": round(rate / bare_rate, 2),
        "baseline": BASELINE,
        "jobs_per_second": round(rate),
        "baseline_per_second": round(bare_rate),
        "jobs": COUNT,
    }
