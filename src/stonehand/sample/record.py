"""What is remembered of the sample newsroom beside the database, so that it is the same after a restart."""

from __future__ import annotations

import json
import socket
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from stonehand import config


@dataclass(frozen=True)
class Record:
    """Where the sample is served, when its story begins, and whether somebody has removed it."""

    port: int
    epoch: str
    removed: bool = False


def read() -> Record | None:
    """The record, if the sample was ever loaded."""
    with suppress(OSError, ValueError, TypeError):
        return Record(**json.loads(_file().read_text()))
    return None


def read_or_new() -> Record:
    """The record; a new one if the sample was never loaded, or was removed."""
    record = read()
    if record is None or record.removed:
        record = Record(_free_port(), datetime.now(UTC).isoformat())
        keep(record)
    return record


def keep(record: Record) -> None:
    """Remember it."""
    _file().write_text(json.dumps(asdict(record)))


def mark_removed() -> None:
    """Remember that nobody wants the sample back by itself."""
    if record := read():
        keep(replace(record, removed=True))


def _file() -> Path:
    return config.settings().data_dir / "sample.json"


def _free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])
