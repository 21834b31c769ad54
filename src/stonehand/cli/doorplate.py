"""Where the desk of this data directory is served just now: a file that the web process writes.

A signal ends that process before it can remove the file, so it holds who wrote it, and counts while that one lives.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stonehand import config
from stonehand.cli import behind

# What listens everywhere is reached from here at our own address.
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # nosec B104


def address_of(host: str, port: int) -> str:
    """The address at which a browser on this machine reaches who listens there."""
    reached = EVERYWHERE.get(host, host)
    return f"http://[{reached}]:{port}" if ":" in reached else f"http://{reached}:{port}"


@contextmanager
def hung_out(door: int | socket.socket) -> Iterator[None]:
    """Say where this process listens, until the end of the block."""
    with socket.socket(fileno=os.dup(door if isinstance(door, int) else door.fileno())) as opened:
        address = address_of(*opened.getsockname()[:2])
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{address}\n{os.getpid()}\n{behind.identity(os.getpid())}\n")
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def read() -> str:
    """The address that a web process of this data directory serves now, or nothing if none does on this machine."""
    try:
        address, *process = _path().read_text().split()
    except (OSError, ValueError):
        return ""
    return address if behind.lives(process) is not None else ""


def _path() -> Path:
    return config.settings().data_dir / "run" / "web.address"
