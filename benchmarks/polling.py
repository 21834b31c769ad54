"""poll.per_second and poll.ratio: feeds looked at in a second on one core, against the library `reader` on the same.

One worker with one process, kept to one core; `reader` on the same core. Both as they come, so `reader` asks one feed
after the other; the figures also say what it reaches with as many threads as suit it best. Each feed answers after a
tenth of a second, as feeds elsewhere do. Nineteen in twenty have not changed (304).
`python -m benchmarks.polling FOLDER PORT` is the baseline.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks import memory, web_of_feeds
from benchmarks.newsrooms import COMMAND, data_dir, environment, wait_until
from stonehand import config, db

FIGURES = ("poll.per_second", "poll.ratio")
FEEDS = int(os.environ.get("STONEHAND_TEST_FEEDS", "1000"))
ROUNDS = 2
DELAY = 0.1  # seconds
DEFAULT = 1  # threads of `reader`, unless it is told otherwise
THREADS = (DEFAULT, 4, 16)
HOUR = 3600


def measure() -> Iterator[dict[str, Any]]:
    """Both over the same feeds, one after the other."""
    with data_dir() as folder, web_of_feeds.served(DELAY) as port:
        feeds = _feeds(port)
        theirs = _reader(folder, port)
        ours, peaks = _system(folder, feeds)
    same = {"feeds": FEEDS, "seconds_an_answer": DELAY, "baseline_per_second": theirs[DEFAULT], "cores": 1}
    baseline = "the library reader as it comes, over the same feeds, on the same core"
    hourly = {"per_hour": round(ours * HOUR), "aim_per_hour": 10_000, "peak_mb": peaks}
    yield {"figure": "poll.per_second", "value": round(ours, 1), "baseline": baseline} | same | hourly
    value, best = round(ours / theirs[DEFAULT], 2), round(ours / max(theirs.values()), 2)
    yield {"figure": "poll.ratio", "value": value, "baseline": baseline} | same | {"with_its_best_threads": best}


def _feeds(port: int) -> list[str]:
    return [f"{address}/feed" for address in web_of_feeds.addresses(port, FEEDS)]


def one_core() -> None:
    """Keep this process, and what it starts, to the first core that it may use."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def _reader(folder: Path, port: int) -> dict[int, float]:
    """Feeds a second, by its number of threads."""
    command = [sys.executable, "-m", "benchmarks.polling", str(folder), str(port)]
    done = subprocess.run(command, preexec_fn=one_core, check=True, stdout=subprocess.PIPE, text=True)
    found = [line.split() for line in done.stdout.splitlines()]
    return {int(threads): round(float(rate), 1) for threads, rate in found}


def baseline(folder: str, feeds: Sequence[str]) -> None:
    """Print how many feeds a second `reader` looks at, with so many threads each."""
    from reader import make_reader

    library = make_reader(f"{folder}/reader.sqlite", feed_root=None)
    for feed in feeds:
        library.add_feed(feed)
    library.update_feeds(scheduled=False, workers=max(THREADS))
    for threads in THREADS:
        started = time.monotonic()
        library.update_feeds(scheduled=False, workers=threads)
        print(threads, len(feeds) / (time.monotonic() - started), flush=True)


def _system(folder: Path, feeds: Sequence[str]) -> tuple[float, dict[str, int]]:
    os.environ.update(environment(folder))
    config.settings.cache_clear()
    from stonehand import pipeline
    from stonehand.jobs.broker import engine

    pipeline.install()
    engine.connect()
    database = db.database()
    _add(database, feeds)
    command = [*COMMAND, "worker", "-c", "1", "-Q", "sources"]
    worker = subprocess.Popen(command, env=environment(folder), preexec_fn=one_core)  # noqa: PLW1509
    scheduler = subprocess.Popen([*COMMAND, "scheduler"], env=environment(folder))
    try:
        rates = [_round(database) for _ in range(1 + ROUNDS)]
        return max(rates[1:]), memory.peaks(worker.pid)
    finally:
        for process in (scheduler, worker):
            process.terminate()
            process.wait(60)


def _add(database: db.Database, feeds: Sequence[str]) -> None:
    from stonehand.sources.models import Source

    plain = {"kind": "feed", "title": "t", "interval_seconds": 1800, "created_at": db.utc_now(), "is_adaptive": False}
    with database.transaction() as session:
        session.execute(sa.insert(Source), [plain | {"url": feed, "address": feed} for feed in feeds])


def _round(database: db.Database) -> float:
    """Look at all of them once. Feeds a second, from the first look that began to the last that ended."""
    from stonehand.sources import service
    from stonehand.sources.models import Source

    with database.transaction() as session:
        began = db.now(session)
        session.execute(sa.update(Source).values(next_poll_at=began))
    for _ in range(0, FEEDS, 500):
        with database.transaction() as session:
            service.enqueue_due(session, 500)
            session.execute(sa.update(Source).where(Source.id.in_(_asked(session))).values(next_poll_at=None))
    wait_until(lambda: _ended(database, began) >= FEEDS)
    span = "SELECT (julianday(max(finished_at)) - julianday(min(started_at))) * 86400 FROM jobs WHERE id > :first AND "
    with database.read() as session:
        where = {"first": db.first_id(began)}
        seconds = session.execute(sa.text(f"{span} task LIKE 'sources.poll%'"), where).scalar()
    return FEEDS / float(seconds or 1.0)


def _asked(session: db.Session) -> sa.Select[Any]:
    from stonehand.jobs.models import Job

    return sa.select(Job.args["source_id"].as_string()).where(Job.task == "sources.poll", Job.finished_at.is_(None))


def _ended(database: db.Database, began: Any) -> int:
    words = "SELECT count(*) FROM jobs WHERE id > :first AND task LIKE 'sources.poll%' AND state = 'completed'"
    with database.read() as session:
        return int(session.execute(sa.text(words), {"first": db.first_id(began)}).scalar() or 0)


if __name__ == "__main__":
    baseline(sys.argv[1], _feeds(int(sys.argv[2])))
