"""A database and a broker of either kind, a scheduler, and workers that can be killed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from stonehand import config
from tests.faults import tally
from tests.faults.place import Yard
from tests.faults.stacks import STACKS, Servers, Stack, stacked
from tests.servers import Postgres, Redis


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was counted, as a table."""
    for line in tally.table():
        terminalreporter.write_line(line)


@pytest.fixture(autouse=True)
def _relaxed(monkeypatch: pytest.MonkeyPatch) -> None:
    # What is killed and frozen here holds transactions for longer than any task may.
    monkeypatch.setenv("STONEHAND_STRICT_TRANSACTIONS", "false")
    monkeypatch.setenv("STONEHAND_LEASE_SECONDS", "3")
    config.settings.cache_clear()


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """The private servers of the fault tests, started when they are first wanted."""
    made = Servers()
    yield made
    made.remove()


@pytest.fixture(params=[stacked(name) for name in STACKS])
def stack(request: pytest.FixtureRequest, servers: Servers, monkeypatch: pytest.MonkeyPatch) -> Stack:
    """A new database on servers of each kind."""
    return servers.stack(request.param, monkeypatch)


@pytest.fixture
def place(stack: Stack, tmp_path: Path) -> Iterator[Yard]:
    """A yard on each stack."""
    made = Yard(tmp_path)
    yield made
    made.close()


@pytest.fixture
def own_redis(monkeypatch: pytest.MonkeyPatch) -> Iterator[Redis]:
    """A Redis for this test alone, to be killed."""
    server = Redis()
    server.start()
    monkeypatch.setenv("STONEHAND_BROKER_URL", server.url)
    config.settings.cache_clear()
    yield server
    server.remove()


@pytest.fixture
def own_postgres(monkeypatch: pytest.MonkeyPatch) -> Iterator[Postgres]:
    """A PostgreSQL for this test alone, to be killed."""
    server = Postgres()
    server.start()
    monkeypatch.setenv("STONEHAND_DATABASE_URL", server.make_database("stonehand"))
    config.settings.cache_clear()
    yield server
    server.remove()
