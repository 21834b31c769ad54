"""Documents that are made to hurt: each is refused or read in bounded time and memory, in words for a person."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.sources.bombs import BOMBS

SECONDS = 12.0  # of computing for any of them
MEGABYTES = 256.0  # of growth, for bodies of up to 5 MB


@pytest.fixture(scope="module")
def outcomes() -> dict[str, dict[str, Any]]:
    command = [sys.executable, "-m", "tests.sources.bombs"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280, check=True)
    return {line["name"]: line for line in map(json.loads, done.stdout.splitlines())}


def test_there_are_many() -> None:
    assert len(BOMBS) >= 60


@pytest.mark.parametrize("name", BOMBS)
def test_it_does_not_burst(outcomes: dict[str, dict[str, Any]], name: str) -> None:
    came = outcomes[name]
    assert "fault" not in came, came["fault"]
    assert came["refused"] == BOMBS[name].refused, came["said"]
    assert came["seconds"] < SECONDS
    assert came["megabytes"] < MEGABYTES
    if came["refused"]:
        assert len(came["said"].split()) >= 4  # a sentence, not a name of an exception
    assert "root:" not in came["said"]  # nothing of /etc/passwd
