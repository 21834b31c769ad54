"""Copying an SQLite database while it is in use, and looking whether a copy is sound."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from stonehand.backups.errors import BackupUnusable, StillRunning

PATIENCE = 15.0  # seconds for a lock


def copy(source: Path, target: Path) -> None:
    """Copy by SQLite's own online backup: one moment of the database, while others go on writing."""
    with _opened(f"file:{source}?mode=ro") as read, _opened(f"file:{target}") as write:
        read.backup(write)  # in one step, which reads one snapshot
        write.execute("PRAGMA journal_mode=DELETE")  # one file, without -wal and -shm


def counts(path: Path) -> dict[str, int]:
    """Rows of each table."""
    with _opened(f"file:{path}?mode=ro") as connection:
        names = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        )
        counting = 'SELECT count(*) FROM "{}"'  # nosec B608  the names are those of the file's own tables
        return {name: connection.execute(counting.format(name)).fetchone()[0] for (name,) in list(names)}


def check(path: Path) -> None:
    """Raise `BackupUnusable` unless SQLite finds the file sound, its references too."""
    try:
        with _opened(f"file:{path}?mode=ro") as connection:
            verdict = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            broken = connection.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.DatabaseError as error:
        raise BackupUnusable(f"the copy of the database cannot be read: {error}; take an older backup") from error
    if verdict != "ok" or broken:
        reason = verdict if verdict != "ok" else f"a row of {broken[0]} refers to nothing"
        raise BackupUnusable(f"the copy of the database is not sound: {reason}; take an older backup")


def require_unused(path: Path) -> None:
    """Raise `StillRunning` if a process has this database open. A damaged file is nobody's."""
    with closing(sqlite3.connect(path, timeout=1, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA journal_mode=DELETE")  # refused while anybody else has it open
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise StillRunning(f"a process still uses {path}; stop Stonehand first, all its parts") from error
        except sqlite3.DatabaseError:
            return


@contextmanager
def _opened(uri: str) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(uri, uri=True, timeout=PATIENCE)) as connection:
        yield connection
