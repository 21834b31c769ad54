"""A whole Stonehand for a test: its own data, its own processes, driven from outside like a user would."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stonehand import config

COMMAND = [sys.executable, "-m", "stonehand"]
PATIENCE = 240  # seconds for one command


def furnished(folder: Path, models: Path) -> Path:
    """A data directory in this folder, with the embedding model of the whole run."""
    data = folder / "house"
    data.mkdir(parents=True)
    (data / "models").symlink_to(models)
    return data


@dataclass
class House:
    """Settings of one installation, and the processes that a test has started in it."""

    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    parts: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """What its processes see: our settings and nothing of the outer ones."""
        plain = {name: value for name, value in os.environ.items() if name not in config.known_names()}
        return plain | {
            "STONEHAND_DATA_DIR": str(self.folder),
            "STONEHAND_STRICT_TRANSACTIONS": "true",
            "STONEHAND_ALLOW_NETWORKS": "127.0.0.0/8",
            "STONEHAND_HOST_INTERVAL_SECONDS": "0.2",  # all sites of a test are on one host
            "STONEHAND_CONCURRENCY": "1",
            **self.settings,
        }

    def command(self, *arguments: str, fails: bool = False, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run one verb to its end; it must succeed, or fail if that is expected."""
        done = subprocess.run(
            [*COMMAND, *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            input=stdin,
            check=False,
        )
        assert (done.returncode != 0) == fails, f"{arguments} ended with {done.returncode}:\n{done.stderr}{done.stdout}"
        return done

    def json(self, *arguments: str, fails: bool = False) -> Any:
        """Run one verb and read the JSON that it prints."""
        done = self.command(*arguments, "--json", fails=fails)
        return json.loads(done.stdout)

    def start(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a part that lives on, such as the worker."""
        log = (self.folder.parent / f"{name}.log").open("ab")
        self.parts[name] = subprocess.Popen(
            [*COMMAND, *(arguments or (name,))], env=self.environment, stdout=log, stderr=log, start_new_session=True
        )
        log.close()
        return self.parts[name]

    def kill(self, name: str) -> None:
        """SIGKILL a part and all its children."""
        process = self.parts.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        """End every part."""
        for name in list(self.parts):
            self.kill(name)

    def log_of(self, name: str) -> str:
        """What a part has said."""
        return (self.folder.parent / f"{name}.log").read_text()
