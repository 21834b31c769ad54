"""comments.*: two processes of 18 comments each over two logins, from their start to the last one read back.

The site takes 50 ms for an answer and is asked at most 20 times a second, the model takes 2 s, four at once. The
baselines are what a predecessor's own run of this took, as its log tells.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from tests.faults import classroom
from tests.faults.classroom import Writer
from tests.llm import simulator
from tests.lookalikes.busy_platform import BusyPlatform

from benchmarks import newsrooms, workshop
from benchmarks.newsrooms import COMMAND, wait_until
from stonehand import db, jobs, pipeline
from stonehand.comments.models import Comment, CommentProcess
from stonehand.db import Database
from stonehand.jobs.broker import engine
from stonehand.jobs.models import Attempt, Job
from stonehand.jobs.states import State

FIGURES = ("comments.signins", "comments.overhead_share", "comments.second_start_seconds", "comments.wall_ratio")
ARTICLES, COMMENTS, SLOTS = 9, 36, 4
SITE, MODEL = 0.05, 2.0  # seconds for an answer
CATEGORIES = ("14", "6")  # of the first and of the second process


@dataclass(frozen=True)
class Run:
    """What a run came to, in seconds."""

    wall: float
    second_start: float
    execution: float
    site: float
    model: float
    signins: int
    looks: int
    empty_looks: int
    questions: int
    crowd: int
    """The most questions that the site got within one second."""


def measure() -> Iterator[dict[str, Any]]:
    """The four figures of one run."""
    run = once()
    ideal = COMMENTS * MODEL / SLOTS
    ours = run.execution - run.site - run.model
    told: dict[str, tuple[float, dict[str, Any]]] = {
        "comments.signins": (run.signins, {"baseline": 225, "aim": 2, "looks": run.looks, "empty": run.empty_looks}),
        "comments.overhead_share": (
            round(ours / run.execution, 3),
            {"baseline": 0.458, "aim": 0.05, "execution_seconds": round(run.execution, 1)}
            | {"model_seconds": round(run.model, 1), "site_seconds": round(run.site, 1)},
        ),
        "comments.second_start_seconds": (round(run.second_start, 2), {"baseline": 371, "aim": 5}),
        "comments.wall_ratio": (
            round(run.wall / ideal, 3),
            {"aim": 1.15, "wall_seconds": round(run.wall, 1), "model_seconds": ideal}
            | {"questions": run.questions, "most_in_a_second": run.crowd},
        ),
    }
    for figure, (value, more) in told.items():
        yield {"figure": figure, "value": value, **more}


def once() -> Run:
    """One run."""
    writer = Writer(MODEL)
    with BusyPlatform.running() as site, simulator.running(writer) as model, _installed(model.base_url) as database:
        site.seconds = SITE
        for category in CATEGORIES:
            site.publish(ARTICLES, category)
        platform, logins = classroom.join(database, site)
        ids = [classroom.process(database, platform, logins, category=each) for each in CATEGORIES]
        with _working(database):
            began = time.monotonic()
            for each in ids:
                classroom.start(database, each)
            wait_until(lambda: classroom.states(database) == {"posted": COMMENTS}, 180)
            return _counted(database, site, writer, began, ids)


@contextmanager
def _installed(model: str) -> Iterator[Database]:
    """An installation of its own, of the embedded kind, that asks this model."""
    before = dict(os.environ)
    with newsrooms.data_dir() as folder:
        settings = {"LLM_BASE_URL": model, "LLM_MODEL": "tiny", "SAMPLE": "false"}
        wanted = newsrooms.environment(folder, **{f"STONEHAND_{name}": each for name, each in settings.items()})
        os.environ.clear()
        os.environ.update(wanted)
        workshop.forget()
        pipeline.install_worker()
        engine.connect()
        try:
            yield db.database()
        finally:
            db.database().close()
            os.environ.clear()
            os.environ.update(before)
            workshop.forget()


@contextmanager
def _working(database: Database) -> Iterator[None]:
    """The worker and the scheduler of an installation, which are ready."""
    parts = [_part("worker", "--concurrency", "2"), _part("scheduler")]
    try:
        with database.transaction() as session:
            jobs.enqueue(session, "comments.tick", {})
        wait_until(lambda: workshop.completed(database) >= 1, 60)
        time.sleep(3)  # the second process of the pool, and what a new scheduler asks for at once
        yield
    finally:
        for part in parts:
            part.terminate()
        for part in parts:
            part.wait(30)


def _part(*words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([*COMMAND, *words], stdout=subprocess.DEVNULL, stderr=sys.stderr)


def _counted(database: Database, site: BusyPlatform, writer: Writer, began: float, ids: Sequence[str]) -> Run:
    with database.read() as session:
        posted = session.scalar(sa.select(sa.func.max(Comment.posted_at)))
        processes = [session.get_one(CommentProcess, each) for each in ids]
        assert posted is not None
        second = next(at for at, question in writer.asked if _is_of_second(question))
        return Run(
            wall=(_moment(posted) - _moment(processes[0].started_at)),
            second_start=second - began,
            execution=_execution(session),
            site=site.busy,
            model=len(writer.asked) * MODEL,
            signins=site.signins,
            looks=sum(each.looks for each in processes),
            empty_looks=sum(each.empty_looks for each in processes),
            questions=len(site.moments),
            crowd=site.crowd(1.0),
        )


def _is_of_second(question: str) -> bool:
    """Articles are numbered through; those of the second process come after those of the first."""
    number = question.split("<article_title-")[1].split("\n")[1].rsplit(maxsplit=1)[-1]
    return int(number) > ARTICLES


def _moment(value: datetime | None) -> float:
    assert value is not None
    return value.timestamp()


def _execution(session: Any) -> float:
    """How long all jobs of comments and of their sessions were at work."""
    ours = Job.task.startswith("comments.") | Job.task.startswith("platforms.")
    done = session.execute(sa.select(Job.started_at, Job.finished_at).where(ours, Job.state == State.COMPLETED))
    failed = session.execute(
        sa.select(Attempt.started_at, Attempt.ended_at).join(Job, Job.id == Attempt.job_id).where(ours)
    )
    return sum(_moment(ended) - _moment(began) for began, ended in [*done, *failed] if began)
