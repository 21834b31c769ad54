"""`celery -A stonehand.worker` as its users know it, with real processes on a real Redis."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from stonehand import config, db, jobs
from stonehand.db import Database
from stonehand.jobs import declaration, queries
from stonehand.jobs.broker import engine
from stonehand.jobs.models import ScheduleRun
from stonehand.jobs.states import State
from stonehand.jobs.worker import presence, serving
from stonehand.migrations import upgrading
from tests.servers import Redis, wait_until

CELERY = (sys.executable, "-m", "celery", "-A", "stonehand.worker")


def celery(*words: str) -> subprocess.CompletedProcess[str]:
    """Run one of Celery's commands to its end."""
    return subprocess.run([*CELERY, *words], capture_output=True, text=True, timeout=60, check=False)


def test_a_process_may_take_its_time_to_start(data_dir: Path) -> None:
    """After four seconds Celery would kill it and begin anew, so that on a busy machine none would ever be ready."""
    engine.app.cache_clear()
    assert engine.app().conf.worker_proc_alive_timeout >= 60


@pytest.fixture
def prepared(redis_server: Redis, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database of this version, and Redis as its broker."""
    monkeypatch.setenv("CELERY_BROKER_URL", redis_server.url)
    monkeypatch.setenv("STONEHAND_STRICT_TRANSACTIONS", "false")  # of processes that share a busy machine
    config.settings.cache_clear()
    engine.app.cache_clear()
    upgrading.upgrade(db.database())
    engine.connect()
    yield db.database()
    engine.app.cache_clear()


class Worker:
    """A worker that Celery's own command started."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.file = folder / "celery.log"
        with self.file.open("wb") as log:
            command = [*CELERY, "worker", "--loglevel", "INFO", *words]
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env=dict(os.environ))

    def log(self) -> str:
        return self.file.read_text(errors="replace")

    def end(self) -> int:
        """Ask it to end, and say how it did."""
        self.process.terminate()
        try:
            return self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise


def completes(database: Database, worker: Worker) -> None:
    """Ask for a job, and wait until the worker has done it."""
    with database.transaction() as session:
        job_id = jobs.enqueue(session, "jobs.test", {})
    assert job_id

    def done() -> bool:
        engine.press("control")  # no scheduler rings here
        with database.read() as session:
            return queries.job(session, job_id).state == State.COMPLETED

    try:
        wait_until(done, "the job is done", 60)
    except AssertionError as error:
        raise AssertionError(f"{error}\n{worker.log()}") from None


def test_a_worker_of_celerys_own_command(prepared: Database, tmp_path: Path) -> None:
    worker = Worker(tmp_path, "--concurrency", "1", "--hostname", "mine@%h", "-Q", "control,article_processing")
    try:
        completes(prepared, worker)
        with prepared.read() as session:
            (found,) = presence.alive(session)
        assert (found.queues, found.concurrency) == (["control", "fetch"], 1)
        assert "drafts.write" in found.tasks  # every room was loaded
        pinged = celery("inspect", "ping", "--timeout", "20", "--destination", f"mine@{socket.gethostname()}")
        assert "pong" in pinged.stdout, pinged.stderr
    finally:
        code = worker.end()
    assert code == 0
    with prepared.read() as session:
        assert presence.alive(session) == []


def test_a_worker_of_threads(prepared: Database, tmp_path: Path) -> None:
    worker = Worker(tmp_path, "--pool", "threads", "--concurrency", "2")
    try:
        completes(prepared, worker)
        with prepared.read() as session:
            (found,) = presence.alive(session)
        assert set(found.queues) == set(declaration.QUEUES)  # without -Q it serves all
    finally:
        worker.end()


def test_purge_takes_the_bells_and_leaves_the_jobs(prepared: Database) -> None:
    with prepared.transaction() as session:
        job_id = jobs.enqueue(session, "jobs.test", {})
    engine.press("control")
    assert "Purged" in celery("purge", "-f").stdout
    with prepared.read() as session:
        assert queries.job(session, str(job_id)).state == State.AVAILABLE


def test_an_unknown_queue_is_refused(prepared: Database) -> None:
    done = celery("worker", "-Q", "fecth")
    assert done.returncode != 0
    assert "did you mean fetch?" in done.stderr


def test_the_application_is_made_only_when_it_is_asked_for() -> None:
    import stonehand.worker

    assert "app" not in vars(stonehand.worker)
    with pytest.raises(AttributeError):
        stonehand.worker.__getattr__("apple")


def test_celerys_beat_fires_our_schedules_and_keeps_no_file(prepared: Database, tmp_path: Path) -> None:
    beat = subprocess.Popen(
        [*CELERY, "beat"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )

    def fired() -> bool:
        with prepared.read() as session:
            return bool(session.scalar(sa.select(sa.func.count()).select_from(ScheduleRun)))

    try:
        wait_until(fired, "a schedule fires", 60)
    finally:
        beat.terminate()
        said = beat.communicate(timeout=30)[0]
    assert "in the database" in said
    assert not list(tmp_path.glob("celerybeat*"))


def test_our_workers_say_that_they_live_so_that_flower_sees_them(
    prepared: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without such signs Celery has nobody who could send events, also when it is asked for them."""
    given: dict[str, object] = {}
    idle = SimpleNamespace(autoscaler=None, start=lambda: None)
    monkeypatch.setattr(engine.app(), "Worker", lambda **words: given.update(words) or idle)
    serving.work(["control"], 1, lambda: None)
    assert not given["without_heartbeat"]
