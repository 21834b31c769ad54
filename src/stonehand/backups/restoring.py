"""From a backup back to a newsroom: first beside what is there, then looked at, then put in its place."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.engine import make_url

from stonehand import config, db, migrations, vault
from stonehand.backups import archive, postgres_copies, sqlite_copies
from stonehand.backups.archive import Manifest
from stonehand.backups.errors import BackupTooNew, BackupUnusable, PlaceTaken
from stonehand.db import Database
from stonehand.jobs.desk import restoring as jobs
from stonehand.migrations import upgrading
from stonehand.publications import restoring as publications
from stonehand.vectors import service as vectors


@dataclass(frozen=True)
class Restored:
    """What came back: where the former database is kept, and what a person must look at."""

    manifest: Manifest
    aside: str
    doubtful_publications: int
    doubtful_jobs: int
    files: int
    missing_keys: list[str]


def verify(path: Path) -> Manifest:
    """Really restore a backup into a scratch place, look at it, and throw it away.

    Raises `BackupUnusable`, `BackupTooNew`, `ToolsUnfit`, `DumpFailed`, `PlaceTaken`.
    """
    with _unpacked(path) as (folder, manifest), _in_scratch(folder, manifest):
        return manifest


def restore(path: Path, replace: bool) -> Restored:
    """Put a backup in the place that the settings name. Nothing of what is there is lost: it is put aside.

    Raises what `verify` raises, `PlaceTaken` if something is there and `replace` is not given, and `StillRunning`.
    """
    settings = config.settings()
    _require_place(settings.database, replace)
    with _unpacked(path) as (folder, manifest), _in_scratch(folder, manifest, kept=True) as scratch:
        doubtful = _settle(scratch, manifest)
        aside = _move_in(scratch, settings.database)
        files = _put_back(folder / archive.PUBLISHED, settings.data_dir / "published")
        vectors.drop()
    missing = [key for key in manifest.vault if key not in vault.fingerprints()]
    return Restored(manifest, aside, *doubtful, files, missing)


@contextmanager
def _unpacked(path: Path) -> Iterator[tuple[Path, Manifest]]:
    data_dir = config.settings().data_dir
    data_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=data_dir) as folder:
        manifest = archive.unpack(path, Path(folder))
        if manifest.migration not in migrations.versions():
            raise BackupTooNew(
                f"{path} holds a database of the later version {manifest.migration}; install that Stonehand, or newer"
            )
        if manifest.kind != _kind(config.settings().database):
            raise BackupUnusable(
                f"{path} is of {manifest.kind}, the settings name {_kind(config.settings().database)}; "
                "set STONEHAND_DATABASE_URL to a database of the same kind"
            )
        yield Path(folder), manifest


def _kind(url: str) -> str:
    return "sqlite" if url.startswith("sqlite") else "postgresql"


@contextmanager
def _in_scratch(folder: Path, manifest: Manifest, kept: bool = False) -> Iterator[str]:
    """The URL of the restored database, which has passed every look. It goes afterwards, unless it is `kept`."""
    file = folder / manifest.database
    if manifest.kind == "sqlite":
        sqlite_copies.check(file)
        _compare(manifest, sqlite_copies.counts(file))
        yield f"sqlite:///{file}"
        return
    url, name = config.settings().database, f"stonehand_restored_{datetime.now(UTC):%Y%m%d%H%M%S}_{os.getpid()}"
    scratch = postgres_copies.create(url, name)
    try:
        postgres_copies.restore(file, scratch, int(manifest.server))
        _compare(manifest, postgres_copies.counts(scratch))
        yield scratch
    except BaseException:
        postgres_copies.drop(url, name)
        raise
    if not kept:
        postgres_copies.drop(url, name)


def _compare(manifest: Manifest, found: dict[str, int]) -> None:
    names = manifest.counts.keys() | found.keys()
    wrong = sorted(name for name in names if manifest.counts.get(name) != found.get(name))
    if wrong:
        first = wrong[0]
        raise BackupUnusable(
            f"the table {first} has {found.get(first)} rows after restoring, {manifest.counts.get(first)} were saved; "
            "take an older backup"
        )


def _require_place(url: str, replace: bool) -> None:
    file = Path(str(make_url(url).database)) if url.startswith("sqlite") else None
    is_taken = file.exists() if file else bool(postgres_copies.counts(url))
    if is_taken and not replace:
        where = str(file) if file else f"the database {make_url(url).database}"
        raise PlaceTaken(f"{where} is not empty; say --yes to replace it (it is put aside, not deleted)")
    if file and is_taken:
        sqlite_copies.require_unused(file)
    elif not file:
        postgres_copies.require_unused(url)


def _settle(scratch: str, manifest: Manifest) -> tuple[int, int]:
    """Bring the restored database to this version, and see to it that nothing is sent twice."""
    database = Database(scratch)
    made_at = datetime.fromisoformat(manifest.made_at)
    try:
        upgrading.upgrade(database)
        with database.transaction() as session:
            doubtful = publications.doubt(session, made_at)
            aside = jobs.settle(session, publications.SENDING, publications.reason(made_at))
        return doubtful, aside
    finally:
        database.close()


def _move_in(scratch: str, url: str) -> str:
    """Put the restored database in its place. Returns where the former one is, or nothing if there was none."""
    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    if not url.startswith("sqlite"):
        aside = f"{make_url(url).database}_replaced_{stamp.lower()}"
        db.database().close()
        postgres_copies.swap(url, str(make_url(scratch).database), aside)
        return f"the database {aside}"
    return _move_file(Path(str(make_url(scratch).database)), Path(str(make_url(url).database)), stamp)


def _move_file(restored: Path, place: Path, stamp: str) -> str:
    db.database().close()
    aside = place.with_name(f"{place.name}.replaced-{stamp}")
    was_there = place.exists()
    for ending in ("", "-wal", "-shm"):
        former = place.with_name(place.name + ending)
        if former.exists():
            former.replace(aside.with_name(aside.name + ending))
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(restored, place)
    return str(aside) if was_there else ""


def _put_back(saved: Path, published: Path) -> int:
    """Bring back published files that are missing; what is there may be newer, and stays. Returns how many came."""
    count = 0
    for file in sorted(saved.rglob("*")) if saved.is_dir() else []:
        place = published / file.relative_to(saved)
        if file.is_file() and not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(file, place)
            count += 1
    return count
