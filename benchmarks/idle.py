"""idle.rss_mb and idle.cpu_percent: everything that `start` runs, at rest after the sample was processed.

What a process costs that does next to nothing once a second depends on the machine more than on the process: where
others share its caches and memory, the same lines can take a hundred times what they take in a loop. So beside it, in
the same minute, runs a process that only asks an empty SQLite database one question a second through SQLAlchemy.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import psutil
import sqlalchemy as sa

from benchmarks.newsrooms import data_dir, started, wait_until
from stonehand import db

SETTLE = 45.0  # seconds of rest before measuring
WATCH = 60.0  # seconds of measuring, so that what comes once a minute is in it
BARE = """
import time, sqlalchemy as sa
engine, question = sa.create_engine("sqlite://"), sa.select(sa.literal(1))
while True:
    with engine.connect() as connection:
        connection.execute(question).one()
    time.sleep(1)
"""


def measure() -> Iterator[dict[str, Any]]:
    """Start with the sample, wait until a draft waits and nothing runs, rest, measure."""
    with data_dir() as folder, started(folder) as (process, _):
        database = db.Database(f"sqlite:///{folder / 'stonehand.db'}")
        wait_until(lambda: _is_done(database))
        time.sleep(SETTLE)
        percent, bare_percent = _percent(process.pid)
        family = [one for one in _family(process.pid) if one.status() != psutil.STATUS_ZOMBIE]
        sizes = {" ".join(one.cmdline()[1:5])[-40:]: round(one.memory_info().rss / 2**20) for one in family}
        rss = sum(one.memory_info().rss for one in family) / 2**20
    baseline = "none; the aim is 500"
    yield {"figure": "idle.rss_mb", "value": round(rss), "baseline": baseline, "processes": sizes}
    yield {
        "figure": "idle.cpu_percent",
        "value": round(percent, 2),
        "baseline": "a process that asks an empty SQLite database one question a second; the aim is 2 % of one core",
        "baseline_percent": round(bare_percent, 3),
    }


def _percent(pid: int) -> tuple[float, float]:
    """Of one core: what a process and its descendants take at rest, and the bare process beside them."""
    bare = subprocess.Popen([sys.executable, "-c", BARE])
    try:
        time.sleep(2)
        before = _spent(pid), _spent(bare.pid)
        time.sleep(WATCH)
        return 100 * (_spent(pid) - before[0]) / WATCH, 100 * (_spent(bare.pid) - before[1]) / WATCH
    finally:
        bare.kill()
        bare.wait()


def _family(pid: int) -> list[psutil.Process]:
    head = psutil.Process(pid)
    return [head, *head.children(recursive=True)]


def _spent(pid: int) -> float:
    """Seconds of computing of a process and its descendants, those included that have ended."""
    return sum(sum(one.cpu_times()[:4]) for one in _family(pid))


def _is_done(database: db.Database) -> bool:
    waiting = "SELECT count(*) FROM reviews WHERE state = 'open'"
    running = "SELECT count(*) FROM jobs WHERE state IN ('available', 'executing')"
    with database.read() as session:
        drafts = session.execute(sa.text(waiting)).scalar() or 0
        return bool(drafts) and not session.execute(sa.text(running)).scalar()
