"""A whole Stonehand for a measurement: its own data, its own processes."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from stonehand import config

COMMAND = [sys.executable, "-m", "stonehand"]
PATIENCE = 300.0  # seconds for anything to happen


@contextmanager
def data_dir() -> Iterator[Path]:
    """A data directory that is prepared (database, model) and removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="stonehand-bench-"))
    try:
        subprocess.run([*COMMAND, "init"], env=environment(folder), check=True, stdout=subprocess.DEVNULL)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def environment(folder: Path, **settings: str) -> Mapping[str, str]:
    """What its processes see."""
    plain = {name: value for name, value in os.environ.items() if name not in config.known_names()}
    return plain | {
        "STONEHAND_DATA_DIR": str(folder),
        "STONEHAND_ALLOW_NETWORKS": "127.0.0.0/8",
        "STONEHAND_LOG_LEVEL": "WARNING",
        **settings,
    }


@contextmanager
def started(folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`stonehand start` until the end of the block: the process and the address that it printed."""
    process = subprocess.Popen(
        [*COMMAND, "start", "--port", "0", *arguments],
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if found := re.search(r"Stonehand is at (\S+)", line):
                yield process, found[1]
                break
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def wait_until(question: object, seconds: float = PATIENCE) -> None:
    """Ask until the answer is yes."""
    assert callable(question)
    until = time.monotonic() + seconds
    while not question():
        if time.monotonic() > until:
            raise TimeoutError(f"waited {seconds:g} s in vain")
        time.sleep(0.05)
