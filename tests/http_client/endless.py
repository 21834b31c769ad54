"""Asks addresses one after the other and prints what came of each, in seconds and megabytes of growth.

`python -m tests.http_client.endless TIMEOUT URL...`; the addresses are of a hostile site on loopback.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from stonehand import http_client
from stonehand.errors import StonehandError
from stonehand.http_client import Request

ROOM = 1024 * 1024 * 1024  # of addresses


def peak() -> float:
    """Megabytes in use at most, since the mark was reset."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


def ask(url: str, seconds: float) -> dict[str, object]:
    Path("/proc/self/clear_refs").write_text("5")
    before, began = peak(), time.monotonic()
    try:
        said = f"{len(http_client.fetch(Request(url, timeout=seconds, breaker=False)).body)} bytes"
    except StonehandError as error:
        said = f"{error.kind}: {error}"
    return {"url": url, "said": said, "seconds": time.monotonic() - began, "megabytes": peak() - before}


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (ROOM, ROOM))
    for url in sys.argv[2:]:
        print(json.dumps(ask(url, float(sys.argv[1]))), flush=True)


if __name__ == "__main__":
    main()
