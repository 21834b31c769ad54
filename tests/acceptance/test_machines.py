"""Two machines: two data directories, one PostgreSQL, one Redis, and no file that one wrote and the other needs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from cryptography.fernet import Fernet

from stonehand.db import new_id
from stonehand.sample import Newsroom
from tests.acceptance.newsrooms import House, furnished
from tests.servers import Postgres, Redis, wait_until

READING = ("sources", "fetch", "extract", "maintenance", "control", "priority", "default")
WRITING = ("analysis", "stories", "generation", "reviews", "publishing")
LONGEST = 180  # seconds


@pytest.fixture
def machines(tmp_path: Path, models: Path, postgres: Postgres, redis_server: Redis) -> Iterator[tuple[House, House]]:
    """Two installations that share settings and nothing else."""
    settings = {
        "STONEHAND_DATABASE_URL": postgres.make_database(new_id()),
        "CELERY_BROKER_URL": redis_server.url,
        "STONEHAND_VAULT_KEYS": Fernet.generate_key().decode(),
        "STONEHAND_POLL_INTERVAL_SECONDS": "3600",
    }
    one, two = (House(furnished(tmp_path / name, models), settings) for name in ("one", "two"))
    yield one, two
    for house in (one, two):
        house.stop()


def test_a_trip_over_two_machines(machines: tuple[House, House], newsroom: Newsroom) -> None:
    one, two = machines
    one.command("init")
    ada = ["ada@example.org", "--name", "Ada", "--role", "admin"]
    one.command("user", "add", *ada, "--password-stdin", stdin="seven grey herons\n")
    one.start("scheduler")
    one.start("worker", "worker", *(word for name in READING for word in ("--queue", name)))
    two.start("worker", "worker", *(word for name in WRITING for word in ("--queue", name)))
    one.command("source", "add", f"{newsroom.address}/harbour-gazette/feed.xml")
    wait_until(lambda: count(one, "reviews", "open") >= 1, f"a draft\n{two.log_of('worker')[-2000:]}", LONGEST)

    review = one.json("review", "list")[0]["id"]
    one.command("review", "approve", review, "--accept-unsupported")
    wait_until(
        lambda: count(one, "publications", "published") == 1, f"it is out\n{two.log_of('worker')[-2000:]}", LONGEST
    )

    assert list((two.folder / "published").rglob("*.md")), "the machine that publishes writes its folder"
    assert not (one.folder / "published").exists() or not list((one.folder / "published").rglob("*.md"))
    assert ran_on(one) == {READING: 1, WRITING: 1}


def count(house: House, table: str, state: str) -> int:
    """Asked of the database itself, since a command takes a core for seconds."""
    with psycopg.connect(house.settings["STONEHAND_DATABASE_URL"]) as connection:
        rows = connection.execute(f"SELECT 1 FROM {table} WHERE state = %s".encode(), (state,)).fetchall()
    return len(rows)


def ran_on(house: House) -> dict[tuple[str, ...], int]:
    """How many workers did the work of each group of queues."""
    url = house.settings["STONEHAND_DATABASE_URL"]
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT DISTINCT queue, split_part(worker, ' of ', 2) FROM jobs WHERE state = 'completed'"
        ).fetchall()
    return {group: len({worker for queue, worker in rows if queue in group}) for group in (READING, WRITING)}
