"""comments.*: two processes of eighteen comments each over two logins, and what they cost beside model and site.

The site of the tests answers after 50 ms and is asked 20 times a second; the model takes 2 s, four at once, and its own
time on these slots is the baseline. Overhead is what the attempts lasted beyond model and site; the turns that the pace
makes them wait for are part of it. `python -m benchmarks.commenting` is the worker.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from tests.comments import conftest as world
from tests.comments.conftest import Desk, Model
from tests.llm import simulator
from tests.llm.simulator import Exchange
from tests.lookalikes.writing_platform import WritingPlatform

from benchmarks import workshop
from benchmarks.newsrooms import wait_until
from stonehand import config, db, pipeline
from stonehand.comments.models import Comment, CommentProcess
from stonehand.db import Database
from stonehand.jobs import declaration
from stonehand.jobs.models import Job, Worker
from stonehand.jobs.worker import serving
from stonehand.platforms.models import Platform

FIGURES = ("comments.signins", "comments.overhead_share", "comments.second_start_seconds", "comments.wall_ratio")
ARTICLES, COMMENTS, SLOTS = 9, 36, 4
ANSWER, PACE, MODEL = 0.05, 0.05, 2.0  # seconds


class SlowSite(WritingPlatform):
    """Each answer takes a while; `waited` is how long all of them took together."""

    def __init__(self) -> None:
        self.waited = 0.0
        super().__init__()

    def obey(self, asked: Any) -> Any:
        began = time.monotonic()
        time.sleep(ANSWER)
        shown = super().obey(asked)
        self.waited += time.monotonic() - began
        return shown


class SlowModel(Model):
    """Each answer takes two seconds."""

    def answer(self, exchange: Exchange, words: str = world.WORDS) -> None:
        time.sleep(MODEL)
        super().answer(exchange, words)


def measure() -> Iterator[dict[str, Any]]:
    """From the start of two processes to the last comment that was read back."""
    with workshop.opened() as database, SlowSite.running() as site, simulator.running(SlowModel()) as server:
        os.environ["STONEHAND_ALLOW_NETWORKS"] = "127.0.0.0/8"
        os.environ |= {"STONEHAND_LLM_BASE_URL": server.base_url, "STONEHAND_LLM_MODEL": "simulated"}
        config.settings.cache_clear()
        pipeline.install_worker()
        desk = _desk(database, site, server)
        ids = [desk.alone(start=False, name=f"Class {number}") for number in range(2)]
        with _worker(database):
            for process_id in ids:
                desk.start(process_id)
            wait_until(lambda: desk.states().get("posted", 0) == COMMENTS, 120)
        yield from _figures(desk, ids)


def _desk(database: Database, site: SlowSite, server: simulator.Simulator) -> Desk:
    desk = world.settle_in(database, site, SlowModel(), server)
    site.texts = {number: world.text(number) for number in range(1, ARTICLES + 1)}
    desk.set(Platform, desk.platform_id, interval=PACE)
    return desk


@contextmanager
def _worker(database: Database) -> Iterator[None]:
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.commenting"]
    process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: _is_there(database))
        yield
    finally:
        process.terminate()
        process.wait(30)


def _is_there(database: Database) -> bool:
    with database.read() as session:
        return bool(session.scalar(sa.select(sa.exists().select_from(Worker))))


def _figures(desk: Desk, ids: list[str]) -> Iterator[dict[str, Any]]:
    with desk.database.read() as session:
        started = [session.get_one(CommentProcess, each) for each in ids]
        last = session.scalar(sa.select(sa.func.max(Comment.posted_at)))
        jobs = session.scalars(
            sa.select(Job).where(Job.task.startswith("comments."), Job.started_at.is_not(None))
        ).all()
    assert last
    execution = sum(_seconds(job.started_at, job.finished_at) for job in jobs)
    outside = COMMENTS * MODEL + desk.site.waited  # type: ignore[attr-defined]
    wall = _seconds(started[0].started_at, last)
    alone = COMMENTS * MODEL / SLOTS
    looks = sum(job.task == "comments.discover" for job in jobs)
    yield {"figure": FIGURES[0], "value": desk.site.signins, "aim": 2, "looks": looks}
    yield {
        "figure": FIGURES[1],
        "value": round((execution - outside) / execution, 3),
        "aim": 0.05,
        "execution_seconds": round(execution, 1),
        "model_and_site_seconds": round(outside, 1),
        "requests": sum(desk.site.asked.values()),
    }
    seconds = _seconds(started[1].started_at, started[1].first_written_at)
    yield {"figure": FIGURES[2], "value": round(seconds, 2), "aim": 5}
    yield {
        "figure": FIGURES[3],
        "value": round(wall / alone, 3),
        "aim": 1.15,
        "baseline": "the model's own time on four slots",
        "baseline_seconds": alone,
        "wall_seconds": round(wall, 1),
    }


def _seconds(began: datetime | None, ended: datetime | None) -> float:
    assert began
    return ((ended or db.utc_now()) - began).total_seconds()


if __name__ == "__main__":
    serving.work(declaration.QUEUES, 2, pipeline.install_worker)
