"""A yard for faults: tasks whose effects can be counted, and a real worker: `python -m tests.faults.yard`."""

from __future__ import annotations

import ctypes
import os
import sys
import time
from pathlib import Path

import sqlalchemy as sa

from stonehand import jobs
from stonehand.db import Database, Session, now
from stonehand.jobs.worker import heartbeat, presence, serving

EFFECTS = sa.Table("effects", sa.MetaData(), sa.Column("mark", sa.String(40)), sa.Column("fence", sa.Integer))


def keep(session: Session, mark: str, fence: int) -> None:
    """Write an effect."""
    session.execute(sa.insert(EFFECTS).values(mark=mark, fence=fence))


def effects(database: Database) -> list[tuple[str, int]]:
    """Everything that was written, in order of its mark."""
    with database.read() as session:
        return [(mark, fence) for mark, fence in session.execute(sa.select(EFFECTS).order_by(EFFECTS.c.mark))]


@jobs.task("faults.mark", queue="default")
def mark(attempt: jobs.Attempt, mark: str, seconds: str = "0.05") -> None:
    """Work for a while, and write once."""
    time.sleep(float(seconds))
    with attempt.finish() as session:
        keep(session, mark, attempt.job.fence)


@jobs.task("faults.marks", queue="default", batch=5)
def marks(batch: jobs.Batch) -> None:
    """Work for a while on several, and write each once."""
    time.sleep(0.05)
    with batch.finish() as session:
        for item in batch.remaining:
            keep(session, item.args["mark"], item.held.fence)


@jobs.task("faults.segfault", queue="default")
def segfault(attempt: jobs.Attempt) -> None:
    """Read where nothing is."""
    ctypes.string_at(0)


@jobs.task("faults.exit", queue="default")
def exit_hard(attempt: jobs.Attempt) -> None:
    """End the process without a word."""
    os._exit(1)


@jobs.task("faults.quit", queue="default", retries=1)
def leave(attempt: jobs.Attempt) -> None:
    """End the process politely."""
    sys.exit("I quit")


@jobs.task("faults.deaf_loop", queue="default", soft_limit=0.5, hard_limit=1)
def deaf_loop(attempt: jobs.Attempt) -> None:
    """Never end, and hear no limit."""
    while True:
        try:
            time.sleep(0.01)
        except BaseException:
            continue


@jobs.task("faults.loop_inside", queue="default", soft_limit=30, hard_limit=1)
def loop_inside(attempt: jobs.Attempt) -> None:
    """Never end while the database waits for us."""
    with attempt.finish():
        while True:
            time.sleep(0.01)


@jobs.task("faults.hog", queue="default", soft_limit=1, hard_limit=2)
def hog(attempt: jobs.Attempt) -> None:
    """Never let go of the interpreter: no thread of this process runs any more."""
    sum(range(10**15))


@jobs.task("faults.alone", queue="default", concurrency=1)
def alone(attempt: jobs.Attempt, mark: str, folder: str) -> None:
    """Be the only one that runs, and tell if it is not."""
    mine = Path(folder) / f"{presence.this_process()}.inside"
    mine.touch()
    for other in Path(folder).glob("*.inside"):
        if other != mine and not presence.is_surely_dead(other.stem):  # a killed one leaves its file
            (Path(folder) / f"{mark}.crowded").touch()
    time.sleep(0.05)
    mine.unlink()
    with attempt.finish() as session:
        keep(session, mark, attempt.job.fence)


@jobs.task("faults.paced", queue="default", rate="5/s")
def paced(attempt: jobs.Attempt, mark: str) -> None:
    """Begin no more often than five times a second."""
    with attempt.finish() as session:
        keep(session, mark, attempt.job.fence)


@jobs.task("faults.link", queue="default")
def link(attempt: jobs.Attempt, mark: str, after: str = "") -> None:
    """Write once, and only after what comes before it: names with commas."""
    time.sleep(0.03)
    with attempt.finish() as session:
        there = set(session.scalars(sa.select(EFFECTS.c.mark)))
        missing = set(filter(None, after.split(","))) - there
        keep(session, f"{mark} too early" if missing else mark, attempt.job.fence)


@jobs.task("faults.tick", queue="default")
def tick(attempt: jobs.Attempt) -> None:
    """Write when it ran, by the database's clock, in milliseconds."""
    with attempt.finish() as session:
        keep(session, f"{now(session).timestamp() * 1000:.0f}", attempt.job.fence)


def serve(concurrency: int, pulse: float) -> None:
    """Be a worker of this yard."""
    import tests.faults.poison  # noqa: F401  declares its tasks

    presence.EVERY = pulse
    heartbeat.GRACE = 5.0
    serving.work(["default"], concurrency, lambda: None)


if __name__ == "__main__":
    serve(int(sys.argv[1]), float(sys.argv[2]))
