"""Files of the folder channel: written whole or not at all, one writer at a time, with readable errors."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stonehand.errors import Rejected, Unavailable

LOCK = ".stonehand.lock"
PATIENCE = 20.0  # seconds to wait for another writer of the same folder

# fmt: off
_WILL_NOT_PASS = {
    errno.EACCES, errno.EPERM, errno.EROFS, errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.ELOOP,
}
# fmt: on
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class FolderFull(Unavailable):
    """The disk that holds the folder is full."""


class FolderUnwritable(Rejected):
    """The folder cannot be written."""


class FolderUnavailable(Unavailable):
    """The folder does not answer, or another writer keeps it for too long."""


@contextmanager
def readable_errors(folder: Path) -> Iterator[None]:
    """Turn errors of the file system into ones that say what to do."""
    try:
        yield
    except OSError as error:
        why = error.strerror or str(error)
        if error.errno in _FULL:
            raise FolderFull(
                f"the disk that holds {folder} is full ({why}); free some space, then it goes on", 60
            ) from error
        if error.errno in _WILL_NOT_PASS:
            raise FolderUnwritable(f"{folder} cannot be written ({why}); allow Stonehand to write there") from error
        raise FolderUnavailable(f"{folder} does not answer ({why}); is its disk there?", 30) from error


def write(path: Path, text: str) -> None:
    """Write a file so that it is there in full or not at all, also after a crash or a power cut.

    Only one writer may do so at a time. The temporary name is always the same, so a crash leaves no litter.
    """
    temporary = path.with_name(f".{path.name}.tmp")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o644)
    try:
        _write_all(handle, text.encode("utf-8", "replace"))
        os.fsync(handle)
    finally:
        os.close(handle)
    os.replace(temporary, path)
    _settle_names(path.parent)


def _write_all(handle: int, data: bytes) -> None:
    while data:
        data = data[os.write(handle, data) :]


def _settle_names(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def locked(folder: Path) -> Iterator[int]:
    """Hold the folder alone. The lock falls with its process, so a crash does not keep it.

    Gives the lock's file: a command that inherits it keeps the lock until it ends, too.
    """
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
    try:
        _wait_for(handle, folder)
        yield handle
    finally:
        os.close(handle)


def _wait_for(handle: int, folder: Path) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise FolderUnavailable(f"another writer has kept {folder} for {PATIENCE:.0f} s", 10) from None
            time.sleep(0.02)
        else:
            return
