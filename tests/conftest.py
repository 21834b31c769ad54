"""What every test shares: a database of its own, settings of its own, and strict transactions."""

from __future__ import annotations

import gc
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import argon2
import hypothesis
import pytest
from sqlalchemy.engine import Engine
from sqlalchemy.orm import configure_mappers

from stonehand import config, db, migrations
from stonehand.accounts import passwords
from stonehand.jobs import retries
from stonehand.migrations import upgrading
from tests import lanes
from tests.servers import Postgres, Redis

MEMORY, ROOM = Path("/dev/shm"), 4 * 2**30  # bytes that must be free there
os.environ.setdefault("STONEHAND_STRICT_TRANSACTIONS", "true")
hypothesis.settings.register_profile("untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("untimed")  # a busy machine is no fault of what is tested


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Where nothing may be skipped, say that something was; see `pytest_sessionfinish`."""
    for reason in terminalreporter.stats.get("unwelcome", []):
        terminalreporter.write_line(f"SKIPPED, but STONEHAND_TEST_NO_SKIPS is set: {reason}", red=True)


def pytest_configure(config: pytest.Config) -> None:
    """Where several processes share the work, only the first is in a hurry."""
    if hasattr(config, "workerinput"):
        lanes.step_back(config.workerinput["workerid"])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> lanes.Lanes | None:
    """Who runs what, where several processes share the work file by file."""
    return lanes.Lanes(config, log) if config.getoption("dist") == "loadscope" else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where several processes share the work, begin with what takes long, so that none ends up with it alone."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: not lanes.is_waiting(item.nodeid) and not item.get_closest_marker("browser"))


def pytest_collection_finish() -> None:
    """What is loaded now stays to the end: tidying up need not look at it again and again, nor so often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


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


@pytest.fixture(autouse=True)
def _longest_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """What failed waits as long as it may. A pause drawn by lot could end while a test still looks at the failure."""
    monkeypatch.setattr(retries, "random", SimpleNamespace(random=lambda: 1.0))


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for the embedding model of the whole run, whose processes share it: building it takes seconds."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "models"
    folder.mkdir(exist_ok=True)
    return folder


HASHER = passwords._hasher  # the product's


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """Real hashes that take a millisecond; `tests/accounts/test_pure.py` looks at those of the product."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        yield


ENGINE = db._engine  # the product's


class Kinship:
    """Engines of one kind compile each statement once for all of them, as the one engine of a running process does."""

    def __init__(self) -> None:
        self._elders: dict[str, Engine] = {}

    def engine(self, url: str) -> Engine:
        """An engine that knows what those before it have compiled."""
        made = ENGINE(url)
        elder = self._elders.get(made.dialect.name)
        if elder is None or elder.dialect.server_version_info is None:  # it never met its server
            self._elders[made.dialect.name] = elder = made
            made.update_execution_options(compiled_cache={})
        made.dialect = elder.dialect  # part of the key under which a statement is found
        made.update_execution_options(compiled_cache=elder.get_execution_options()["compiled_cache"])
        return made


@pytest.fixture(scope="session", autouse=True)
def _compiled_once() -> Iterator[None]:
    """Every test has a database of its own, and would else compile every statement anew: a sixth of all its work."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db, "_engine", Kinship().engine)
        yield


def rings_written() -> None:
    """Wait for the threads that write down which doorbells were rung."""
    for thread in threading.enumerate():
        if thread.name == "doorbell":
            thread.join(10)


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
    rings_written()
    if db.database.cache_info().currsize:
        db.database().close()
    config.settings.cache_clear()
    db.database.cache_clear()


@pytest.fixture(scope="session")
def bare_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with every table of the rooms and no row. Copy it: making one takes a hundred times as long."""
    path = tmp_path_factory.mktemp("bare") / "stonehand.db"
    made = db.Database(f"sqlite:///{path}")
    migrations.load_models().create_all(made.engine)
    made.close()
    return path


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file as `stonehand init` leaves it. Copy it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STONEHAND_DATA_DIR", str(tmp_path_factory.mktemp("migrated")))
        config.settings.cache_clear()
        made = db.Database(config.settings().database)
        upgrading.upgrade(made)
        made.close()
        path = config.settings().data_dir / "stonehand.db"
    config.settings.cache_clear()
    return path


@pytest.fixture
def database(bare_file: Path, data_dir: Path) -> db.Database:
    """An empty database with every table of the loaded rooms."""
    shutil.copyfile(bare_file, data_dir / "stonehand.db")
    configure_mappers()  # here, not inside the first transaction of a test
    return db.database()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server of this test run, in memory where there is room: each database is a thousand files."""
    has_room = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM
    server = Postgres(MEMORY if has_room else None)
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


@pytest.fixture(scope="session")
def bare_database(postgres: Postgres) -> str:
    """The name of a PostgreSQL database with every table and no row, to make others from."""
    made = db.Database(postgres.make_database("bare").replace("postgresql:", "postgresql+psycopg:"))
    migrations.load_models().create_all(made.engine)
    made.close()
    return "bare"


@pytest.fixture(params=["sqlite", "postgresql"])
def either_database(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, data_dir: Path
) -> Iterator[db.Database]:
    """An empty database, once of each kind."""
    server: Postgres | None = None
    url = ""
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres")
        url = server.make_database(db.new_id(), request.getfixturevalue("bare_database"))
        monkeypatch.setenv("STONEHAND_DATABASE_URL", url)
        config.settings.cache_clear()
    else:
        shutil.copyfile(request.getfixturevalue("bare_file"), data_dir / "stonehand.db")
    configure_mappers()
    database = db.database()
    yield database
    rings_written()
    database.close()
    if server:
        server.drop_database(url)


@pytest.fixture
def near(database: db.Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers on this machine may be asked."""
    monkeypatch.setenv("STONEHAND_ALLOW_NETWORKS", "127.0.0.0/8")
    config.settings.cache_clear()
