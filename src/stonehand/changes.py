"""Whether anybody has written to the database since one looked last."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from stonehand.db import Database


class ChangeCounter:
    """Text that changes whenever another connection commits: a PRAGMA on SQLite, the log position on PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None

    def __call__(self) -> str:
        if self._connection is None:
            self._connection = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if self._database.engine.dialect.name == "sqlite":
            # Read below SQLAlchemy: a transaction, even one that only reads, would hold the number still.
            driver: Any = self._connection.connection.driver_connection
            return str(driver.execute("PRAGMA data_version").fetchone()[0])
        return str(self._connection.execute(sa.text("SELECT pg_current_wal_insert_lsn()")).scalar_one())

    def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
