"""Installations to test: once on what is embedded, once on PostgreSQL and Redis."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from stonehand.db import new_id
from stonehand.sample import Newsroom
from tests.acceptance.newsrooms import House, furnished
from tests.servers import Postgres, Redis


@pytest.fixture(params=["embedded", "postgres-redis"])
def house(request: pytest.FixtureRequest, tmp_path: Path, models: Path) -> Iterator[House]:
    """An empty installation of each kind, whose worker does several jobs at once."""
    settings = {"STONEHAND_CONCURRENCY": "2"}
    if request.param == "postgres-redis":
        postgres: Postgres = request.getfixturevalue("postgres")
        broker: Redis = request.getfixturevalue("redis_server")
        settings |= {
            "STONEHAND_DATABASE_URL": postgres.make_database(new_id()),
            "CELERY_BROKER_URL": broker.url,
        }
    house = House(furnished(tmp_path, models), settings)
    yield house
    house.stop()


@pytest.fixture
def embedded(tmp_path: Path, models: Path) -> Iterator[House]:
    """An empty installation on embedded defaults."""
    house = House(furnished(tmp_path, models))
    yield house
    house.stop()


@pytest.fixture(scope="session")
def newsroom() -> Iterator[Newsroom]:
    """The sample newsroom's outlets, as strangers' servers to read from."""
    with Newsroom(slow_seconds=2.0) as newsroom:
        yield newsroom
