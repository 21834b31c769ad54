"""comments.*: two processes of 18 comments each over two logins, from their start to the last one read back.

The site takes 50 ms for an answer and is asked at most 20 times a second, the model takes 2 s, four at once. Overhead
is what attempts lasted beyond the answers of both, and so holds the turns that they wait for at the site. The baselines
are what a predecessor's own run of this took, as its log tells.
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
from types import SimpleNamespace
from typing import Any
from unittest import mock

import sqlalchemy as sa
from tests.faults import classroom
from tests.faults.classroom import Writer
from tests.llm import simulator
from tests.lookalikes.busy_platform import BusyPlatform

from benchmarks import newsrooms, workshop
from benchmarks.newsrooms import wait_until
from stonehand import config, db, jobs, pipeline, worker
from stonehand.comments import service
from stonehand.comments.models import Comment, CommentProcess
from stonehand.db import Database, Session
from stonehand.jobs import declaration
from stonehand.jobs.broker import engine
from stonehand.jobs.models import Attempt, Job
from stonehand.jobs.states import State
from stonehand.platforms import errands

FIGURES = ("comments.signins", "comments.overhead_share", "comments.second_start_seconds", "comments.wall_ratio")
ARTICLES, COMMENTS, SLOTS, PROCESSES = 9, 36, 4, 2
TURNS = "turns.txt"
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
    turns: float
    """Waiting for turns at the site, whose pace they share."""
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
            | {"model_seconds": round(run.model, 1), "site_seconds": round(run.site, 1)}
            | {"turns_seconds": round(run.turns, 1), "without_turns": round((ours - run.turns) / run.execution, 3)},
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
        with _working(database):
            _warm(database, writer)
            platform, logins = classroom.join(database, site)
            ids = [classroom.process(database, platform, logins, category=each) for each in CATEGORIES]
            began = time.monotonic()
            for each in ids:
                classroom.start(database, each)
            wait_until(lambda: _posted(database, ids) == COMMENTS, 180)
            return _counted(database, site, writer, began, ids)


def _warm(database: Database, writer: Writer) -> None:
    """A few comments elsewhere, so that what workers load when they first need it is loaded."""
    with BusyPlatform.running() as other:
        other.publish(8)
        platform, logins = classroom.join(database, other, name="Elsewhere")
        made, writer.seconds = classroom.process(database, platform, logins), 0.1
        classroom.start(database, made)
        wait_until(lambda: _posted(database, [made]) == 16, 90)
        with database.transaction() as session:
            service.stop(session, classroom.ADMIN, made)
    writer.seconds = MODEL
    writer.asked.clear()
    writer.answered.clear()
    (config.settings().data_dir / TURNS).write_text("")


def _posted(database: Database, ids: Sequence[str]) -> int:
    with database.read() as session:
        mine = sa.select(sa.func.count()).where(Comment.process_id.in_(ids), Comment.state == "posted")
        return session.scalar(mine) or 0


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
    parts = [_part("benchmarks.commenting"), _part("stonehand", "scheduler")]
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
    return subprocess.Popen([sys.executable, "-W", "ignore", "-m", *words], stdout=subprocess.DEVNULL)


def _work() -> None:
    """Be a worker that writes down how long it waits for turns at the site."""
    file = (config.settings().data_dir / TURNS).open("a", buffering=1)

    def sleep(seconds: float) -> None:
        file.write(f"{seconds}\n")
        time.sleep(seconds)

    with mock.patch.object(errands, "time", SimpleNamespace(sleep=sleep)):  # it asks for nothing else of it
        worker.run(list(declaration.QUEUES), PROCESSES)


def _counted(database: Database, site: BusyPlatform, writer: Writer, began: float, ids: Sequence[str]) -> Run:
    with database.read() as session:
        posted = session.scalar(sa.select(sa.func.max(Comment.posted_at)).where(Comment.process_id.in_(ids)))
        processes = [session.get_one(CommentProcess, each) for each in ids]
        assert posted is not None
        second = next(at for at, question in writer.asked if _is_of_second(question))
        return Run(
            wall=(_moment(posted) - _moment(processes[0].started_at)),
            second_start=second - began,
            execution=_execution(session, processes[0].started_at),
            turns=sum(map(float, (config.settings().data_dir / TURNS).read_text().split())),
            site=site.busy,
            model=sum(writer.answered),
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


def _execution(session: Session, since: datetime | None) -> float:
    """How long all jobs of comments and of their sessions were at work."""
    ours = (Job.task.startswith("comments.") | Job.task.startswith("platforms.")) & (Job.created_at >= since)
    done = session.execute(sa.select(Job.started_at, Job.finished_at).where(ours, Job.state == State.COMPLETED))
    failed = session.execute(
        sa.select(Attempt.started_at, Attempt.ended_at).join(Job, Job.id == Attempt.job_id).where(ours)
    )
    return sum(_moment(ended) - _moment(began) for began, ended in [*done, *failed] if began)


if __name__ == "__main__":
    _work()
