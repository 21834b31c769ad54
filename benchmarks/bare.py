"""The baseline of the job figures: Celery alone, on Redis. `python -m benchmarks.bare BROKER` is its worker.

Prefork with 2 processes, JSON, late acknowledgement, no results, no events, prefetch 4.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
from celery import Celery

from benchmarks.newsrooms import wait_until

PROCESSES = 2


def application(broker: str) -> Celery:
    """Celery as its documentation recommends for short, safe tasks."""
    celery = Celery("bare", broker=broker, set_as_current=False)
    celery.conf.update(
        task_serializer="json",
        accept_content=["json"],
        task_acks_late=True,
        task_ignore_result=True,
        worker_send_task_events=False,
        worker_prefetch_multiplier=4,
    )
    celery.task(name="bare.nothing")(nothing)
    celery.task(name="bare.stamp")(stamp)
    return celery


def nothing() -> None:
    """Do nothing."""


def stamp(folder: str, name: str) -> None:
    """Write down when it was started."""
    moment = time.time()
    unfinished = Path(folder) / f"{name}.part"
    unfinished.write_text(repr(moment))
    unfinished.rename(Path(folder) / name)


@contextmanager
def working(broker: str) -> Iterator[Celery]:
    """A worker that is ready, until the end of the block."""
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "benchmarks.bare", broker],
        start_new_session=True,
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    celery = application(broker)
    try:
        celery.send_task("bare.nothing")
        wait_until(lambda: is_done(broker))
        yield celery
    finally:
        process.terminate()
        process.wait(30)


def is_done(broker: str) -> bool:
    """Whether nothing waits and nothing is unacknowledged."""
    client = redis.Redis.from_url(broker)
    return not client.llen("celery") and not client.hlen("unacked")


def seconds_for(broker: str, count: int) -> float:
    """Seconds from the first of `count` tasks sent to the last acknowledged."""
    with working(broker) as celery:
        began = time.monotonic()
        for _ in range(count):
            celery.send_task("bare.nothing")
        while not is_done(broker):
            time.sleep(0.01)
        return time.monotonic() - began


if __name__ == "__main__":
    application(sys.argv[1]).Worker(
        pool="prefork", concurrency=PROCESSES, loglevel="ERROR", without_gossip=True, without_mingle=True, quiet=True
    ).start()
