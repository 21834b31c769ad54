"""pages.jobs_p95_ms: the page of jobs among 100,000 of them, beside the same page among 1,000."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from typing import Any

from fastapi.testclient import TestClient
from tests.servers import Postgres

from benchmarks import claiming, workshop
from stonehand.accounts import doors, passwords, service
from stonehand.db import Database
from stonehand.web import app, security

FEW, MANY = (500, 500), (90_000, 10_000)  # finished, waiting
SAMPLES = 60
PATHS = ("/jobs", "/jobs?show=all", "/jobs?show=all&task=bench.single", "/jobs/queues")
WORDS = "seven grey herons"


def measure() -> Iterator[dict[str, Any]]:
    """The slowest of the pages, on both databases."""
    postgres = Postgres()
    postgres.start()
    try:
        found = {"sqlite": _both(), "postgresql": _both(postgres.make_database("desk"))}
    finally:
        postgres.remove()
    yield {
        "figure": "pages.jobs_p95_ms",
        "value": round(max(many for _, many in found.values()), 1),
        "baseline": "the same pages among 1,000 jobs, in baseline_ms",
        "jobs": sum(MANY),
        "baseline_ms": {name: round(few, 1) for name, (few, _) in found.items()},
        **{f"{name}_ms": round(many, 1) for name, (_, many) in found.items()},
    }


def _both(url: str = "") -> tuple[float, float]:
    with workshop.opened(url) as database:
        return _grown(database)


def _grown(database: Database) -> tuple[float, float]:
    client = _signed_in(database)
    claiming.fill(database, (0, 0), FEW)
    few = _slowest(client)
    claiming.fill(database, FEW, MANY)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    return few, _slowest(client)


def _signed_in(database: Database) -> TestClient:
    with database.transaction() as session:
        service.new_user(session, "ada@example.org", "Ada", "admin", passwords.digest(WORDS))
    client = TestClient(app.create_app())
    client.cookies.set(security.session_cookie(), doors.sign_in(database, "ada@example.org", WORDS, "bench").secret)
    return client


def _slowest(client: TestClient) -> float:
    return max(_p95(client, path) for path in PATHS)


def _p95(client: TestClient, path: str) -> float:
    """Milliseconds."""
    return statistics.quantiles((_one(client, path) for _ in range(SAMPLES)), n=20)[18]


def _one(client: TestClient, path: str) -> float:
    began = time.perf_counter()
    assert client.get(path).status_code == 200, path
    return (time.perf_counter() - began) * 1000
