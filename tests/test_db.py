"""Transactions: what they keep, what they refuse, and what they say when the database is in trouble."""

from __future__ import annotations

import math
import threading
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command

from stonehand import db, http_client, migrations, stopwatch
from stonehand.cli import preparation
from stonehand.db import Base, Database, DatabaseDamaged, DatabaseUnavailable
from stonehand.migrations import upgrading
from stonehand.stopwatch import TransactionAbused


@pytest.fixture
def nothing_else_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting is judged as on a machine with nothing else to do."""
    monkeypatch.setattr(stopwatch, "_patience", lambda: stopwatch.LONGEST_TRANSACTION)
    monkeypatch.setattr(stopwatch, "_starved", lambda: 0.0)


@pytest.mark.usefixtures("nothing_else_runs")
def test_a_long_transaction_is_refused_and_rolled_back(database: Database) -> None:
    with pytest.raises(TransactionAbused, match="lasted"):
        _ring_slowly(database)
    with database.read() as session:
        assert session.execute(sa.text("SELECT count(*) FROM doorbells")).scalar() == 0


def _ring_slowly(database: Database) -> None:
    with database.transaction() as session:
        session.execute(sa.text("INSERT INTO doorbells (queue, rung_at) VALUES ('q', '2026-01-01 00:00:00.000000')"))
        time.sleep(0.6)


def test_computing_for_long_is_refused_on_a_busy_machine_too(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stopwatch, "_patience", lambda: math.inf)
    with pytest.raises(TransactionAbused, match="of computing"), database.read():
        _compute(0.6)


def _compute(seconds: float) -> None:
    began = time.thread_time()
    while time.thread_time() < began + seconds:
        pass


@pytest.mark.usefixtures("nothing_else_runs")
@pytest.mark.parametrize("is_starved", [True, False])
def test_a_busy_machine_excuses_what_another_thread_ends(is_starved: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the web does with what a route depends on."""
    monkeypatch.setattr(stopwatch, "_starved", time.monotonic if is_starved else lambda: 0.0)
    open_one, said = stopwatch.watched(), list[BaseException]()

    def end() -> None:
        try:
            open_one.__exit__(None, None, None)
        except TransactionAbused as error:
            said.append(error)

    open_one.__enter__()
    time.sleep(0.6)
    other = threading.Thread(target=end)
    other.start()
    other.join()
    assert bool(said) is not is_starved


@pytest.mark.usefixtures("nothing_else_runs")
def test_others_who_compute_are_not_the_transactions_fault(database: Database) -> None:
    over = threading.Event()

    def hog() -> None:
        while not over.is_set():
            sum(range(1000))

    hogs = [threading.Thread(target=hog) for _ in range(4)]  # they hold the interpreter's lock in turn
    for thread in hogs:
        thread.start()
    began = time.monotonic()
    try:
        with database.read():
            while time.monotonic() < began + 1.5:
                pass
    finally:
        over.set()
        for thread in hogs:
            thread.join()


def test_the_network_is_refused_inside_a_transaction(database: Database) -> None:
    with pytest.raises(TransactionAbused, match="inside a database transaction"), database.read():
        http_client.fetch("http://127.0.0.1:9/")


def test_waiting_for_a_turn_to_write_is_no_abuse(database: Database) -> None:
    def hold() -> None:
        with database.transaction():
            time.sleep(0.4)

    threads = [threading.Thread(target=hold) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_what_waits_for_the_commit_waits(database: Database) -> None:
    done = []
    with database.transaction() as session:
        db.after_commit(session, lambda: done.append("deed"))
        assert done == []
    assert done == ["deed"]


def test_a_damaged_file_is_said_to_be_damaged(data_dir: Path) -> None:
    preparation.prepare()
    db.database().close()
    path = data_dir / "stonehand.db"
    body = bytearray(path.read_bytes())
    for start in range(4096, len(body), 4096):
        body[start : start + 2048] = b"\xff" * 2048
    path.write_bytes(bytes(body))
    for extra in data_dir.glob("stonehand.db-*"):
        extra.unlink()
    with pytest.raises(DatabaseDamaged, match="restore a backup"):
        preparation.prepare()


def test_a_file_that_is_no_database_is_said_to_be_none(data_dir: Path) -> None:
    (data_dir / "stonehand.db").write_text("dear diary, " * 500)
    with pytest.raises(DatabaseDamaged, match="not a database"):
        preparation.prepare()


def test_a_full_disk_is_said_to_be_full(database: Database) -> None:
    with database.transaction() as session:
        session.connection().exec_driver_sql("CREATE TABLE filler (body BLOB)")
    with database.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        connection.rollback()
    with pytest.raises(DatabaseUnavailable, match="disk is full"), database.transaction() as session:
        session.connection().exec_driver_sql("INSERT INTO filler VALUES (zeroblob(1000000))")


def test_a_database_that_is_away_is_said_to_be_away() -> None:
    away = Database("postgresql+psycopg://nobody@127.0.0.1:9/none?connect_timeout=1")
    with pytest.raises(DatabaseUnavailable, match="did not answer"), away.read() as session:
        session.execute(sa.select(1))


def test_migrations_and_models_agree(data_dir: Path) -> None:
    preparation.prepare()
    assert migrations.is_current(db.database())
    with db.database().engine.connect() as connection:
        assert upgrading.differences(connection) == []
        made = set(connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'index'").scalars())
    named = {str(index.name) for table in Base.metadata.tables.values() for index in table.indexes}
    assert named - made == set()  # the comparison above does not see indexes of expressions


CHAINED = ("articles", "stories", "placements", "drafts", "revisions")


def test_no_row_is_lost_where_a_table_is_made_anew(database: Database, data_dir: Path) -> None:
    """SQLite drops a table to change it, and would drop what belongs to its rows."""
    database.close()
    (data_dir / "stonehand.db").unlink()
    states = {"articles": "stored", "stories": "developing", "drafts": "in_review"}
    known = dict.fromkeys(("id", "story_id", "article_id", "draft_id"), "1") | {"role": "copy"}
    times = dict.fromkeys(("first_at", "last_at", "created_at", "updated_at", "fetched_at", "placed_at"), "2026-05-01")
    with database.engine.connect() as connection:
        command.upgrade(upgrading.alembic_config(connection), "0010")
        for table in CHAINED:
            columns = connection.exec_driver_sql(f"PRAGMA table_info({table})").all()
            said = known | times | {"state": states.get(table)}
            row = {each.name: said.get(each.name, 0) for each in columns if each.notnull or each.name in said}
            connection.execute(sa.insert(sa.table(table, *map(sa.column, row))).values(row))
        connection.commit()
    upgrading.upgrade(database)
    with database.engine.connect() as connection:
        left = {
            table: connection.execute(sa.select(sa.func.count()).select_from(sa.table(table))).scalar()
            for table in CHAINED
        }
        assert left == dict.fromkeys(CHAINED, 1)
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
