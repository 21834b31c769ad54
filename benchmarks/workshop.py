"""Our own worker for the job figures, with tasks that do nothing. `python -m benchmarks.workshop` is the worker."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from benchmarks.newsrooms import wait_until
from stonehand import config, db, jobs, migrations
from stonehand.db import Database
from stonehand.jobs.broker import engine
from stonehand.jobs.models import Job
from stonehand.jobs.states import State
from stonehand.jobs.worker import serving

PROCESSES = 2


@jobs.task("bench.single", queue="default")
def single(attempt: jobs.Attempt) -> None:
    """Do nothing, in a transaction of its own."""
    with attempt.finish():
        pass


@jobs.task("bench.batch", queue="default", batch=100)
def batch(batch: jobs.Batch) -> None:
    """Do nothing for many, in one transaction."""
    with batch.finish():
        pass


@jobs.task("bench.stamp", queue="default")
def stamp(attempt: jobs.Attempt, folder: str, name: str) -> None:
    """Write down when it was started."""
    moment = time.time()
    unfinished = Path(folder) / f"{name}.part"
    unfinished.write_text(repr(moment))
    unfinished.rename(Path(folder) / name)


@contextmanager
def opened(database_url: str = "", broker_url: str = "") -> Iterator[Database]:
    """An installation of its own, of the embedded kind unless it is told otherwise, without a worker."""
    with tempfile.TemporaryDirectory(prefix="stonehand-bench-") as folder:
        before = dict(os.environ)
        for name in config.known_names():
            os.environ.pop(name, None)
        os.environ |= {"STONEHAND_DATA_DIR": folder, "STONEHAND_LOG_LEVEL": "ERROR"}
        os.environ |= {"STONEHAND_DATABASE_URL": database_url} if database_url else {}
        os.environ |= {"STONEHAND_BROKER_URL": broker_url} if broker_url else {}
        forget()
        try:
            migrations.load_models().create_all(db.database().engine)
            engine.connect()
            yield db.database()
        finally:
            db.database().close()
            os.environ.clear()
            os.environ.update(before)
            forget()


def forget() -> None:
    """Read settings, database and broker anew."""
    for cached in (config.settings, db.database, engine.app):
        cached.cache_clear()


@contextmanager
def working(database: Database) -> Iterator[None]:
    """A worker that is ready, until the end of the block."""
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "benchmarks.workshop"],
        start_new_session=True,
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        ask(database, "bench.single", 1)
        wait_until(lambda: completed(database) == 1)
        yield
    finally:
        process.terminate()
        process.wait(30)


def ask(database: Database, task: str, count: int, together: int = 100) -> None:
    """Ask for `count` jobs, in transactions of `together`."""
    for start in range(0, count, together):
        with database.transaction() as session:
            jobs.enqueue_many(session, task, [{}] * min(together, count - start))


def completed(database: Database) -> int:
    """How many jobs are done."""
    with database.read() as session:
        done = sa.select(sa.func.count()).select_from(Job).where(Job.state == State.COMPLETED)
        return session.scalar(done) or 0


def seconds_for(database: Database, task: str, count: int) -> float:
    """Seconds from the first of `count` jobs asked for to the last completed in the database."""
    with working(database):
        before, began = completed(database), time.monotonic()
        ask(database, task, count)
        while _is_busy(database) or completed(database) < before + count:
            time.sleep(0.01)
        return time.monotonic() - began


def _is_busy(database: Database) -> bool:
    """Whether anything waits or runs. To count all that is done, again and again, would take the worker's time."""
    with database.read() as session:
        open_one = sa.select(Job.id).where(Job.state.in_([State.AVAILABLE, State.EXECUTING])).limit(1)
        return session.scalar(open_one) is not None


if __name__ == "__main__":
    serving.work(["default"], PROCESSES, lambda: None)
