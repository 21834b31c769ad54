"""jobs.claim_growth: the cost of a claim among very many jobs, beside that among few."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from tests.servers import Postgres

from benchmarks import workshop
from stonehand.db import Database, new_id, now
from stonehand.jobs import claims, endings
from stonehand.jobs.held import Portion
from stonehand.jobs.models import Job
from stonehand.jobs.states import State

FEW = (1000, 1000)  # finished, waiting
MANY = (1_000_000, 100_000)
SAMPLES = 300
CHUNK = 20_000  # rows in a transaction


def measure() -> Iterator[dict[str, Any]]:
    """Claims of one job, on both databases; the worse of the two growths."""
    postgres = Postgres()
    postgres.start()
    try:
        grown = {"sqlite": _growth(), "postgresql": _growth(postgres.make_database("claiming"))}
    finally:
        postgres.remove()
    yield {
        "figure": "jobs.claim_growth",
        "value": round(max(many / few for few, many in grown.values()), 2),
        "baseline": "the same claim among 1,000 finished and 1,000 waiting jobs",
        "finished": MANY[0],
        "waiting": MANY[1],
        **{f"{name}_ms": [round(seconds * 1000, 2) for seconds in pair] for name, pair in grown.items()},
    }


def _growth(url: str = "") -> tuple[float, float]:
    with workshop.opened(url) as database:
        fill(database, (0, 0), FEW)
        _look_over(database)
        few = _cost(database)
        fill(database, FEW, MANY)
        _look_over(database)
        return few, _cost(database)


def _look_over(database: Database) -> None:
    """What PostgreSQL does by itself after a while; SQLite keeps no statistics here (decision 0083)."""
    if database.engine.dialect.name == "postgresql":
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")


def fill(database: Database, before: tuple[int, int], after: tuple[int, int]) -> None:
    """Add finished and waiting jobs, from as many as there are to as many as there are to be."""
    for state, first, last in zip((State.COMPLETED, State.AVAILABLE), before, after, strict=True):
        for start in range(first, last, CHUNK):
            with database.transaction() as session:
                moment = now(session)
                rows = [_row(state, number, moment) for number in range(start, min(start + CHUNK, last))]
                session.connection().execute(sa.insert(Job), rows)


def _row(state: State, number: int, moment: Any) -> dict[str, Any]:
    times = {"run_at": moment, "created_at": moment, "finished_at": moment if state == State.COMPLETED else None}
    job = {"id": new_id(), "task": "bench.single", "queue": "default", "args": {}, "state": state, "turn": number}
    return job | times | {"fair_key": f"source:{number % 100}", "unique_key": f"{state}:{number}"}


def _cost(database: Database) -> float:
    return statistics.median(_one(database) for _ in range(SAMPLES))


def _one(database: Database) -> float:
    portions = {"bench.single": Portion(), "bench.stamp": Portion()}
    began = time.perf_counter()
    with database.transaction(durable=False) as session:
        moment = now(session)
        held = claims.claim(session, "default", "bench:1:1", portions, moment, timedelta(seconds=30))
        assert len(held) == 1
    taken = time.perf_counter() - began
    with database.transaction() as session:
        endings.release(session, held, moment)
    return taken
