"""The shape of the database over time: one straight line of Alembic versions, shipped with the package."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from stonehand.db import Base, Database, DatabaseDamaged, translated

PACKAGE = "stonehand"


@cache
def versions() -> list[str]:
    """The numbers of all versions, oldest first. A file is named for its number: `0001_the_house.py`."""
    return sorted(path.name.partition("_")[0] for path in (Path(__file__).parent / "versions").glob("[0-9]*.py"))


def version_of(connection: Connection) -> str | None:
    """The version of a database; None if it is empty."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()


def load_models() -> sa.MetaData:
    """Import the tables of every room, by name, and return them all."""
    root = Path(__file__).parent.parent
    for room in iter_modules([str(root)]):
        if room.ispkg and (root / room.name / "models.py").exists():
            import_module(f"{PACKAGE}.{room.name}.models")
    return Base.metadata


def is_current(database: Database) -> bool:
    """Whether the database has the shape that this version expects."""
    with translated(), database.engine.connect() as connection:
        return version_of(connection) == versions()[-1]


def check_integrity(database: Database) -> None:
    """Raise `DatabaseDamaged` if SQLite finds its file damaged. PostgreSQL looks after itself."""
    if database.engine.dialect.name != "sqlite":
        return
    with translated(), database.engine.connect() as connection:
        verdict = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    if verdict != "ok":
        raise DatabaseDamaged(
            f"the database file is damaged ({verdict}); stop Stonehand, move the file away and restore a backup"
        )
