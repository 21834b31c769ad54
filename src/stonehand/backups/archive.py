"""The file of a backup: a compressed tar whose last member says what the others are."""

from __future__ import annotations

import hashlib
import io
import tarfile
import time
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from stonehand.backups.errors import BackupUnusable

MANIFEST = "manifest.json"
FORMAT = 1
PUBLISHED = "published/"
BLOCK = 1024 * 1024
COMPRESSION = 3  # of gzip: pages are compressed already


@dataclass(frozen=True)
class Member:
    """A file of a backup."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup holds, and what is needed to restore it. It names settings and keys, and holds no value of them."""

    format: int
    program: str
    migration: str
    kind: str
    """`sqlite` or `postgresql`."""
    server: str
    """Version of the database's program."""
    made_at: str
    counts: dict[str, int]
    """Rows of each table."""
    settings: list[str]
    """Names of the settings that were set."""
    vault: list[str]
    """Fingerprints of the keys that open the sealed secrets in it, the newest first."""
    members: list[Member] = field(default_factory=list)

    @property
    def database(self) -> str:
        """The name of the member that is the database."""
        return "database.sqlite3" if self.kind == "sqlite" else "database.dump"


_MANIFEST: TypeAdapter[Manifest] = TypeAdapter(Manifest)


def write(path: Path, about: dict[str, Any], database: Path, published: Path) -> Manifest:
    """Write a backup of a copied database and of the published folder. The file can be read by its owner alone."""
    path.touch(mode=0o600)
    members: list[Member] = []
    draft = Manifest(**about)
    with tarfile.open(path, "w:gz", compresslevel=COMPRESSION) as tar:
        members.append(_add(tar, draft.database, database))
        for file in sorted(published.rglob("*")) if published.is_dir() else []:
            if file.is_file() and not file.is_symlink():
                members.append(_add(tar, PUBLISHED + file.relative_to(published).as_posix(), file))
        manifest = Manifest(**{**about, "members": members})
        _add_bytes(tar, MANIFEST, _MANIFEST.dump_json(manifest, indent=1))
    return manifest


def _add(tar: tarfile.TarFile, name: str, file: Path) -> Member:
    """Add a file that nobody changes while it is read: what is published is written beside and renamed."""
    with file.open("rb") as body:
        summing = _Summing(body)
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = file.stat().st_size, 0o600, int(file.stat().st_mtime)
        tar.addfile(info, summing)
    return Member(name, info.size, summing.hash.hexdigest())


def _add_bytes(tar: tarfile.TarFile, name: str, body: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = len(body), 0o600, int(time.time())
    tar.addfile(info, io.BytesIO(body))


class _Summing(io.RawIOBase):
    """A file that sums up what is read from it."""

    def __init__(self, body: Any) -> None:
        super().__init__()
        self._body = body
        self.hash = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        block: bytes = self._body.read(size)
        self.hash.update(block)
        return block


def unpack(path: Path, folder: Path) -> Manifest:
    """Unpack a backup into an empty folder, and check every sum. Raises `BackupUnusable`."""
    sums: dict[str, Member] = {}
    text = b""
    try:
        with tarfile.open(path, "r:gz") as tar:
            for info, body in _files(tar):
                if info.name == MANIFEST:
                    text = body.read()
                else:
                    sums[info.name] = _write(folder, info.name, body)
    except FileNotFoundError:
        raise BackupUnusable(f"there is no file {path}") from None
    except (tarfile.TarError, EOFError, OSError, ValueError, zlib.error) as error:
        raise BackupUnusable(f"{path} is damaged or no backup: {error}; take an older one") from error
    return _checked(path, text, sums)


def _files(tar: tarfile.TarFile) -> Iterator[tuple[tarfile.TarInfo, Any]]:
    for info in tar:
        body = tar.extractfile(info) if info.isfile() else None
        if body is None:
            raise tarfile.TarError(f"{info.name} is not a plain file")
        yield info, body


def _write(folder: Path, name: str, body: Any) -> Member:
    place = (folder / name).resolve()
    if not place.is_relative_to(folder.resolve()):
        raise tarfile.TarError(f"{name} leads out of the backup")
    place.parent.mkdir(parents=True, exist_ok=True)
    summing = _Summing(body)
    with place.open("wb") as file:
        while block := summing.read(BLOCK):
            file.write(block)
    return Member(name, place.stat().st_size, summing.hash.hexdigest())


def _checked(path: Path, text: bytes, sums: dict[str, Member]) -> Manifest:
    try:
        manifest = _MANIFEST.validate_json(text)
    except ValidationError:
        raise BackupUnusable(f"{path} has no readable {MANIFEST}, so it is not whole; take an older one") from None
    if manifest.format > FORMAT:
        raise BackupUnusable(f"{path} has the form {manifest.format}, which only a later Stonehand reads")
    wrong = [each.name for each in manifest.members if sums.get(each.name) != each]
    if wrong or len(sums) != len(manifest.members) or manifest.database not in sums:
        named = wrong[0] if wrong else "a file"
        raise BackupUnusable(f"{path} is damaged: {named} is not what was saved; take an older one")
    return manifest


def as_dict(manifest: Manifest) -> dict[str, Any]:
    """The manifest as it can be shown."""
    return asdict(manifest)
