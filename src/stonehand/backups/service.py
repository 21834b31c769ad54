"""Verbs of backups: make, keep a record, let go of old ones. Making waits for the world and holds no transaction."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from stonehand import __version__, config, db, migrations, vault
from stonehand.backups import archive, postgres_copies, sqlite_copies
from stonehand.backups.archive import Manifest
from stonehand.backups.errors import TargetUnfit
from stonehand.backups.models import DONE, FAILED, Backup
from stonehand.db import Session

NAME = "stonehand-{:%Y%m%dT%H%M%SZ}.backup.tar.gz"
FILES = "stonehand-*.backup.tar.gz"
STAGE = ".stonehand-backup-"
LEFT_BEHIND = 24 * 3600.0  # seconds after which the stage of a backup that died is removed


@dataclass(frozen=True)
class Made:
    """A backup that lies in its place."""

    path: Path
    size: int
    seconds: float
    manifest: Manifest


def make(target: Path) -> Made:
    """Copy database and published folder into one file in the folder `target`. It appears there whole or not at all.

    Raises `TargetUnfit`, `ToolsUnfit`, `DumpFailed`.
    """
    began = time.monotonic()
    folder = _folder(target)
    with _staged(folder) as stage:
        moment = datetime.now(UTC)
        about = _about(moment)
        copied = stage / "database"
        about |= _copy(copied)
        whole = stage / "whole"
        published = config.settings().data_dir / "published"
        manifest = archive.write(whole, about, copied, published)
        path = whole.replace(folder / NAME.format(moment))
    return Made(path, path.stat().st_size, time.monotonic() - began, manifest)


def _folder(target: Path) -> Path:
    folder = target.expanduser().absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for stage in folder.glob(STAGE + "*"):
            if time.time() - stage.stat().st_mtime > LEFT_BEHIND:
                shutil.rmtree(stage, ignore_errors=True)
    except OSError as error:
        raise TargetUnfit(f"backups cannot be kept in {folder}: {error.strerror}; choose another folder") from error
    return folder


@contextmanager
def _staged(folder: Path) -> Iterator[Path]:
    try:
        with tempfile.TemporaryDirectory(prefix=STAGE, dir=folder) as stage:
            yield Path(stage)
    except OSError as error:
        raise TargetUnfit(f"the backup cannot be written to {folder}: {error.strerror or error}; make room") from error
    except sqlite3.Error as error:
        raise TargetUnfit(f"the database cannot be copied to {folder}: {error}") from error


def _about(moment: datetime) -> dict[str, Any]:
    return {
        "format": archive.FORMAT,
        "program": __version__,
        "made_at": moment.isoformat(timespec="seconds"),
        "settings": config.given(),
        "vault": vault.fingerprints(),
    }


def _copy(copied: Path) -> dict[str, Any]:
    """Copy the database, and say what it is."""
    url = config.settings().database
    with db.translated(), db.database().engine.connect() as connection:
        migration = migrations.version_of(connection) or ""
    if url.startswith("sqlite"):
        sqlite_copies.copy(Path(str(make_url(url).database)), copied)
        counts, server = sqlite_copies.counts(copied), sqlite3.sqlite_version
        return {"kind": "sqlite", "migration": migration, "counts": counts, "server": server}
    counts, major = postgres_copies.copy(url, copied), postgres_copies.version(url)
    return {"kind": "postgresql", "migration": migration, "counts": counts, "server": str(major)}


def record(session: Session, made: Made) -> None:
    """Remember a backup that was made."""
    row = {"path": str(made.path), "size": made.size, "seconds": made.seconds}
    session.add(Backup(made_at=db.now(session), state=DONE, error=None, **row))


def record_failure(session: Session, reason: str) -> None:
    """Remember that a backup failed, and why."""
    row = {"path": "", "size": 0, "seconds": 0.0}
    session.add(Backup(made_at=db.now(session), state=FAILED, error=reason, **row))


def files(target: Path) -> list[Path]:
    """The backups in a folder, the newest first."""
    return sorted(target.expanduser().glob(FILES), reverse=True)


def prune(target: Path, keep: int) -> list[Path]:
    """Remove all but the newest `keep` backups of a folder. Returns those that went."""
    old = files(target)[keep:]
    for path in old:
        path.unlink(missing_ok=True)
    return old
