"""What every part stands on: a data directory that can be written, and a database that was prepared."""

from __future__ import annotations

import shutil
from pathlib import Path

import sqlalchemy as sa

from stonehand import config, db
from stonehand.errors import Conflict, Rejected, Unavailable

LEAST_FREE = 50 * 1024 * 1024  # bytes of disk without which starting makes no sense


class FolderUnusable(Rejected):
    """The data directory cannot be written."""


class DiskFull(Unavailable):
    """There is hardly any disk left."""


class NotPrepared(Conflict):
    """There is no data directory or no database of this version yet."""


def check() -> None:
    """Raise what is wrong before a part starts: better one clear line now than a process that cannot work.

    It loads no Alembic, since what a part loads stays in memory.
    """
    folder = config.settings().data_dir
    require_files(folder)
    check_folder(folder)
    with db.translated(), db.database().engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            raise NotPrepared("the database holds no tables yet; run: stonehand init")
    db.database().close()  # nothing of it may be open when a worker's pool forks


def require_files(folder: Path) -> None:
    """Raise `NotPrepared` if there is no data directory, or no file of an SQLite database."""
    address = sa.make_url(config.settings().database)
    file = address.database if address.drivername.startswith("sqlite") else None
    if not folder.exists() or (folder.is_dir() and file and not Path(file).exists()):
        raise NotPrepared(f"there is nothing in {folder} yet; run: stonehand init")


def make_folder(folder: Path) -> None:
    """Make the data directory. Raises `FolderUnusable`, `DiskFull`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unusable(folder, error) from error
    check_folder(folder)
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE:
        raise DiskFull(f"only {free // 2**20} MB are free on the disk of {folder}; make room and start again")


def check_folder(folder: Path) -> None:
    """Raise `FolderUnusable` unless a file can be made in it."""
    try:
        (folder / ".writable").touch()
        (folder / ".writable").unlink(missing_ok=True)  # another part may have been faster
    except OSError as error:
        raise _unusable(folder, error) from error


def _unusable(folder: Path, error: OSError) -> FolderUnusable:
    reason = "it is a file" if folder.is_file() else error.strerror
    return FolderUnusable(
        f"cannot write the data directory {folder}: {reason}; set STONEHAND_DATA_DIR to another folder"
    )
