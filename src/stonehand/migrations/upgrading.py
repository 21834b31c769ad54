"""Bringing a database to this version, with Alembic, which nothing else needs."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy.engine import Connection

from stonehand import config, migrations
from stonehand.db import Database, translated
from stonehand.errors import Conflict

WORDS = "article_words"
LOCK = 7305824001  # any number, but always the same: PostgreSQL's advisory lock of the migration


class DatabaseTooNew(Conflict):
    """The database was made by a later version."""


def upgrade(database: Database) -> None:
    """Bring the database to this version. Safe when several processes start at once."""
    with translated(), database.engine.connect() as connection, _alone(connection):
        current = migrations.version_of(connection)
        connection.rollback()
        if current is not None and current not in migrations.versions():
            raise DatabaseTooNew(
                f"the database is of a later version ({current}) than this Stonehand; install that version, or newer"
            )
        if current != migrations.versions()[-1]:
            with unguarded(connection):
                command.upgrade(alembic_config(connection), "head")


class ReferencesBroken(Conflict):
    """Rows name others that are not there."""


@contextmanager
def unguarded(connection: Connection) -> Iterator[None]:
    """On SQLite, do not follow foreign keys inside, and look at all of them afterwards. Raises `ReferencesBroken`.

    SQLite changes a constraint by making the table anew. Dropping the old one would delete, by `ON DELETE CASCADE`,
    every row that names one of its rows ("Making Other Kinds Of Table Schema Changes", SQLite, ALTER TABLE).
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    file = connection.connection.dbapi_connection
    assert file is not None
    file.cursor().execute("PRAGMA foreign_keys=OFF")  # heard only outside a transaction, so not by way of SQLAlchemy
    try:
        before = _broken(connection)
        yield
        broken = _broken(connection) - before
    finally:
        connection.rollback()
        file.cursor().execute("PRAGMA foreign_keys=ON")
    if broken:
        child, parent = min(broken)
        raise ReferencesBroken(
            f"rows of {child} name rows of {parent} that are not there any more; restore the backup that was made"
            " before this version, and report it"
        )


def _broken(connection: Connection) -> set[tuple[str, str]]:
    """Tables with a row that names one which is not there, each with the table of the other."""
    found = {(row[0], row[2]) for row in connection.exec_driver_sql("PRAGMA foreign_key_check")}
    connection.rollback()
    return found


def alembic_config(connection: Connection) -> Config:
    """What Alembic needs to know to work on this connection."""
    alembic = Config()
    alembic.set_main_option("script_location", str(Path(__file__).parent))
    alembic.attributes["connection"] = connection
    return alembic


@contextmanager
def _alone(connection: Connection) -> Iterator[None]:
    """Let one process migrate at a time."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT pg_advisory_lock(:key)"), {"key": LOCK})
        connection.commit()
        try:
            yield
        finally:
            connection.rollback()
            connection.execute(sa.text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK})
            connection.commit()
        return
    with (config.settings().data_dir / "migrate.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def differences(connection: Connection) -> list[object]:
    """What Alembic would change to make the database fit the tables of the rooms: nothing, if a version is complete."""
    options = {"compare_type": True, "include_object": _is_comparable}
    context = MigrationContext.configure(connection, opts=options)
    return list(compare_metadata(context, migrations.load_models()))


def _is_comparable(thing: object, name: str | None = None, *_: object) -> bool:
    """Alembic reads an index of an expression back wrongly; a test compares the names of the indexes instead.

    The index of words is no table of the rooms: each database keeps it in a form of its own.
    """
    if (name or "").startswith(WORDS):
        return False
    expressions = thing.expressions if isinstance(thing, sa.Index) else []
    return all(isinstance(each, sa.Column) for each in expressions)
