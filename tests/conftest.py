"""What every test shares: a database of its own, settings of its own, and strict transactions."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import configure_mappers

from stonehand import config, db, migrations
from tests.servers import Postgres, Redis

os.environ.setdefault("STONEHAND_STRICT_TRANSACTIONS", "true")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Where nothing may be skipped, say that something was; see `pytest_sessionfinish`."""
    for reason in terminalreporter.stats.get("unwelcome", []):
        terminalreporter.write_line(f"SKIPPED, but STONEHAND_TEST_NO_SKIPS is set: {reason}", red=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """With STONEHAND_TEST_NO_SKIPS, a test that was skipped for want of a system package fails the run.

    The development data is not part of the project, so tests that want it may always be skipped.
    """
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if not reporter or not os.environ.get("STONEHAND_TEST_NO_SKIPS"):
        return
    reasons = [str(report.longrepr[2]) for report in reporter.stats.get("skipped", [])]
    reporter.stats["unwelcome"] = [reason for reason in reasons if "STONEHAND_TEST_DATA" not in reason]
    if reporter.stats["unwelcome"]:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for the embedding model of the whole run: building it takes seconds."""
    return tmp_path_factory.mktemp("models")


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data directory for this test alone; settings and the database are read anew."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "models").symlink_to(models)
    for name in config.known_names() - {"STONEHAND_STRICT_TRANSACTIONS"}:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("STONEHAND_DATA_DIR", str(folder))
    config.settings.cache_clear()
    db.database.cache_clear()
    yield folder
    if db.database.cache_info().currsize:
        db.database().close()
    config.settings.cache_clear()
    db.database.cache_clear()


@pytest.fixture
def database() -> db.Database:
    """An empty database with every table of the loaded rooms."""
    database = db.database()
    migrations.load_models().create_all(database.engine)
    configure_mappers()  # here, not inside the first transaction of a test
    return database


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server of this test run."""
    server = Postgres()
    server.start()
    yield server
    server.remove()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Redis]:
    """A Redis server of this test run."""
    server = Redis()
    server.start()
    yield server
    server.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
def either_database(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[db.Database]:
    """An empty database, once of each kind."""
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        monkeypatch.setenv("STONEHAND_DATABASE_URL", server.make_database(db.new_id()))
        config.settings.cache_clear()
    database = db.database()
    migrations.load_models().create_all(database.engine)
    configure_mappers()
    yield database
    database.close()
