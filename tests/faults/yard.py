"""A yard for faults: tasks whose effects can be counted, and a real worker: `python -m tests.faults.yard`."""

from __future__ import annotations

import ctypes
import os
import sys
import time

import sqlalchemy as sa

from stonehand import jobs
from stonehand.db import Database, Session
from stonehand.jobs import engine, heartbeat, presence

EFFECTS = sa.Table("effects", sa.MetaData(), sa.Column("mark", sa.String(40)), sa.Column("fence", sa.Integer))


def _write(session: Session, mark: str, fence: int) -> None:
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
        _write(session, mark, attempt.job.fence)


@jobs.task("faults.marks", queue="default", batch=5)
def marks(batch: jobs.Batch) -> None:
    """Work for a while on several, and write each once."""
    time.sleep(0.05)
    with batch.finish() as session:
        for item in batch.remaining:
            _write(session, item.args["mark"], item.held.fence)


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
        except Exception:
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


if __name__ == "__main__":
    presence.EVERY = float(sys.argv[2])
    heartbeat.GRACE = 5.0
    engine.work(["default"], int(sys.argv[1]), lambda: None)
