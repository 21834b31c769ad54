"""Copying a PostgreSQL database by `pg_dump`, and bringing it back into a database of its own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from stonehand.backups import postgres_tools
from stonehand.backups.errors import PlaceTaken, StillRunning, ToolsUnfit

PATIENCE = 20  # looks, a tenth of a second apart, for others that are connected
HOUSES = ("postgres", "template1")  # databases from which others can be made and renamed


def copy(url: str, target: Path) -> dict[str, int]:
    """Dump the database into a file. Returns the rows of each table at that very moment."""
    with _connected(url) as connection:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        snapshot = str(_one(connection, "SELECT pg_export_snapshot()"))
        tool = postgres_tools.find("pg_dump", _major(connection))
        words = ["--format=custom", "--compress=0", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
        postgres_tools.run(tool, url, [*words, f"--file={target}"])
        return _counts(connection)


def counts(url: str) -> dict[str, int]:
    """Rows of each table."""
    with _connected(url) as connection:
        return _counts(connection)


def version(url: str) -> int:
    """The server's major version."""
    with _connected(url) as connection:
        return _major(connection)


def restore(file: Path, url: str, made_by: int) -> None:
    """Bring a dump, made on a server of the major version `made_by`, into an empty database. Raises `ToolsUnfit`."""
    server = version(url)
    if server < made_by:
        raise ToolsUnfit(
            f"the backup is of PostgreSQL {made_by}, the server here is {server}; restore it into {made_by} or later"
        )
    tool = postgres_tools.find("pg_restore", server, made_by)
    words = ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", str(file)]
    postgres_tools.run(tool, url, words)


def create(url: str, name: str) -> str:
    """A new, empty database on the same server; its URL. Raises `PlaceTaken` if this user may not make one."""
    with _connected_beside(url) as connection:
        try:
            order = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(name))
            connection.execute(order)
        except psycopg.errors.InsufficientPrivilege:
            raise PlaceTaken(
                "a backup is first restored beside the database, but this user may not make one; "
                "allow it (ALTER ROLE ... CREATEDB), or point DATABASE_URL to an empty database of its own"
            ) from None
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def drop(url: str, name: str) -> None:
    """Remove a database that was made by `create`."""
    with _connected_beside(url) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def require_unused(url: str) -> None:
    """Raise `StillRunning` if anybody is connected to the database, and stays so.

    Whoever has just hung up is still seen for a moment: the server ends a connection after its client does.
    """
    with _connected(url) as connection:
        for _ in range(PATIENCE):
            if not (others := _others(connection)):
                return
            time.sleep(0.1)
    raise StillRunning(f"{others} connections still use the database; stop Stonehand first, all its parts")


def _others(connection: psycopg.Connection[Any]) -> int:
    return int(
        _one(
            connection,
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'",
        )
    )


def swap(url: str, restored: str, aside: str) -> None:
    """Give the restored database the name of the present one, which is kept under the name `aside`."""
    present = str(make_url(url).database)
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    with _connected_beside(url) as connection:
        connection.execute(rename.format(sql.Identifier(present), sql.Identifier(aside)))
        connection.execute(rename.format(sql.Identifier(restored), sql.Identifier(present)))


def _counts(connection: psycopg.Connection[Any]) -> dict[str, int]:
    names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename")
    count = sql.SQL("SELECT count(*) FROM {}")
    return {name: _one(connection, count.format(sql.Identifier(name))) for (name,) in names.fetchall()}


def _major(connection: psycopg.Connection[Any]) -> int:
    return connection.info.server_version // 10_000


def _one(connection: psycopg.Connection[Any], statement: Any) -> Any:
    row = connection.execute(statement).fetchone()
    return row[0] if row else None


@contextmanager
def _connected(url: str) -> Iterator[psycopg.Connection[Any]]:
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True, connect_timeout=10) as connection:
        yield connection


@contextmanager
def _connected_beside(url: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection to the same server, but to another database."""
    address = make_url(url)
    house = next(name for name in HOUSES if name != address.database)
    with _connected(address.set(database=house).render_as_string(hide_password=False)) as connection:
        yield connection
