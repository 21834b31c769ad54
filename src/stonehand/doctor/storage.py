"""The database: whether it answers, is sound, is of this version, and has room to work."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from stonehand import config, db, log
from stonehand import migrations as shapes
from stonehand.doctor.findings import Verdict, fine, problem, warning

LONG_WAL = 256 * 2**20  # bytes; SQLite keeps it near 4 MB unless a reader never ends
OLDEST_POSTGRES = 14
FULL = 0.8  # of the connections that PostgreSQL allows


def database() -> list[Verdict]:
    """Whether it answers and is sound."""
    file = _file()
    if file and not file.exists():
        return [problem(f"{file} does not exist.", "stonehand init")]
    found = db.database()
    shapes.check_integrity(found)
    with found.read() as session:
        if found.engine.dialect.name == "sqlite":
            session.execute(sa.text("SELECT 1"))
            return fine(f"SQLite at {file} answers, and is sound.")
        version = int(session.execute(sa.text("SHOW server_version_num")).scalar_one()) // 10_000
    if version < OLDEST_POSTGRES:
        return [warning(f"PostgreSQL {version} is old and untested.", f"upgrade it to {OLDEST_POSTGRES} or newer")]
    return fine(f"PostgreSQL {version} answers.")


def _file() -> Path | None:
    address = sa.make_url(config.settings().database)
    return Path(address.database) if address.drivername.startswith("sqlite") and address.database else None


def migrations() -> list[Verdict]:
    """Whether the tables are of this version."""
    file = _file()
    if file and not file.exists():
        return [problem("There is no database to look at.", "stonehand init")]
    with log.quiet("alembic"), db.translated(), db.database().engine.connect() as connection:
        found, wanted = shapes.version_of(connection), shapes.versions()[-1]
    if found == wanted:
        return fine("The database is of this version.")
    words = f"The database is of version {found or 'none'}, this Stonehand wants {wanted}."
    if found is not None and found > wanted:
        return [problem(words, "install the newer Stonehand that made it")]
    return [problem(words, "stop Stonehand, make a backup, and run: stonehand init")]


def size() -> list[Verdict]:
    """Whether SQLite's log of changes is emptied into the database."""
    file = _file()
    if file is None:
        return fine("PostgreSQL looks after its own files.")
    wal = file.with_name(file.name + "-wal")
    length = wal.stat().st_size if wal.exists() else 0
    words = f"{file.name} has {file.stat().st_size // 2**20:,} MB, its write-ahead log {length // 2**20:,} MB"
    if length > LONG_WAL:
        return [warning(f"{words}: some reader never ends.", "restart the parts of Stonehand, one after the other")]
    return fine(f"{words}.")


def connections() -> list[Verdict]:
    """Whether PostgreSQL has connections left."""
    if _file() is not None:
        return fine("SQLite has no limit of connections.")
    with db.database().read() as session:
        most = int(session.execute(sa.text("SHOW max_connections")).scalar_one())
        used = int(session.execute(sa.text("SELECT count(*) FROM pg_stat_activity")).scalar_one())
    words = f"{used} of {most} connections of PostgreSQL are used"
    if used > most * FULL:
        return [warning(f"{words}.", "raise max_connections there, or run fewer workers")]
    return fine(f"{words}.")
