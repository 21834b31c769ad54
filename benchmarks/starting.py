"""start.seconds: from the command to the first page, on a prepared data directory."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any
from urllib.request import urlopen

from benchmarks.newsrooms import data_dir, started, wait_until

BARE = "import fastapi, uvicorn; uvicorn.run(fastapi.FastAPI(), port={port}, log_level='error')"
RUNS = 3


def measure() -> Iterator[dict[str, Any]]:
    """The best of a few runs, beside a FastAPI application that does nothing."""
    with data_dir() as folder:
        values = []
        for _ in range(RUNS):
            begun = time.monotonic()
            with started(folder, "--no-sample") as (_, address):
                wait_until(lambda address=address: _answers(f"{address}/sign-in"))
                values.append(time.monotonic() - begun)
    yield {
        "figure": "start.seconds",
        "value": round(min(values), 2),
        "baseline": "an empty FastAPI application under uvicorn",
        "baseline_seconds": round(min(_bare() for _ in range(RUNS)), 2),
    }


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _bare() -> float:
    port, begun = 18765, time.monotonic()
    process = subprocess.Popen([sys.executable, "-c", BARE.format(port=port)])
    try:
        wait_until(lambda: _answers(f"http://127.0.0.1:{port}/docs"))
        return time.monotonic() - begun
    finally:
        process.kill()
        process.wait()
