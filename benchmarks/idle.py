"""idle.rss_mb and idle.cpu_percent: everything that `start` runs, at rest after the sample was processed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import psutil
import sqlalchemy as sa

from benchmarks.newsrooms import data_dir, started, wait_until
from stonehand import db

SETTLE = 45.0  # seconds of rest before measuring
WATCH = 30.0  # seconds of measuring


def measure() -> Iterator[dict[str, Any]]:
    """Start with the sample, wait until a draft waits and nothing runs, rest, measure."""
    with data_dir() as folder, started(folder) as (process, _):
        database = db.Database(f"sqlite:///{folder / 'stonehand.db'}")
        wait_until(lambda: _is_done(database))
        time.sleep(SETTLE)
        before = _spent(process.pid)
        time.sleep(WATCH)
        percent = 100 * (_spent(process.pid) - before) / WATCH
        family = [one for one in _family(process.pid) if one.status() != psutil.STATUS_ZOMBIE]
        sizes = {" ".join(one.cmdline()[1:5])[-40:]: round(one.memory_info().rss / 2**20) for one in family}
        rss = sum(one.memory_info().rss for one in family) / 2**20
    baseline = "none; the aim is 500"
    yield {"figure": "idle.rss_mb", "value": round(rss), "baseline": baseline, "processes": sizes}
    yield {"figure": "idle.cpu_percent", "value": round(percent, 2), "baseline": "none; the aim is 2 % of one core"}


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
