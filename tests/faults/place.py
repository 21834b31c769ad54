"""One installation under fire: a scheduler, and workers that can be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil

from stonehand import db, migrations
from stonehand.jobs import enqueue as ask_for
from stonehand.jobs import queries
from stonehand.jobs.broker import doorbells, engine
from stonehand.jobs.clock import scheduler
from stonehand.jobs.models import Job
from stonehand.jobs.states import UNFINISHED, State
from stonehand.jobs.worker import presence
from tests.faults import yard
from tests.servers import wait_until


class Yard:
    """One installation under fire."""

    module = "tests.faults.yard"
    """What a worker runs."""

    def __init__(self, folder: Path) -> None:
        self.database = db.database()
        self.folder = folder
        self.workers: list[subprocess.Popen[bytes]] = []
        self._kept: dict[int, int] = {}
        self._stop = threading.Event()
        migrations.load_models().create_all(self.database.engine)
        yard.EFFECTS.create(self.database.engine)
        engine.app.cache_clear()
        engine.connect()
        self._scheduler = threading.Thread(target=scheduler.run, args=(self.database, self._stop), daemon=True)
        self._scheduler.start()

    def keep_worker(self, concurrency: int = 1) -> None:
        """A worker that is started again when it ends, as a supervisor does."""
        self._kept[self.start_worker(concurrency, pulse=2.0).pid] = concurrency

    def tend(self) -> None:
        """Start again what is kept and has ended."""
        for worker in [worker for worker in self.workers if worker.poll() is not None and worker.pid in self._kept]:
            self.workers.remove(worker)
            self.keep_worker(self._kept.pop(worker.pid))

    def retire(self, worker: subprocess.Popen[bytes]) -> None:
        """Keep it no longer."""
        self._kept.pop(worker.pid, None)
        if worker in self.workers:
            self.workers.remove(worker)

    def start_worker(self, concurrency: int = 1, pulse: float = presence.EVERY) -> subprocess.Popen[bytes]:
        """A real Celery worker, in a process group of its own."""
        return self.start_module(self.module, str(concurrency), str(pulse))

    def start_module(self, module: str, *words: str) -> subprocess.Popen[bytes]:
        """Another process of this installation."""
        with (self.folder / "worker.log").open("ab") as log:
            worker = subprocess.Popen(
                [sys.executable, "-m", module, *words],
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=dict(os.environ),
            )
        self.workers.append(worker)
        return worker

    def kill(self, worker: subprocess.Popen[bytes], number: int = signal.SIGKILL) -> None:
        """Send a signal to a worker and its whole pool."""
        os.killpg(worker.pid, number)
        if number == signal.SIGKILL:
            worker.wait()
            if worker.pid not in self._kept:
                self.workers.remove(worker)

    def children(self, worker: subprocess.Popen[bytes]) -> list[psutil.Process]:
        """The processes of a worker's pool."""
        return psutil.Process(worker.pid).children(recursive=True)

    def ask(self, task: str, priority: int = 5, **args: str) -> str:
        """Ask for a job."""
        with self.database.transaction() as session:
            job_id = ask_for(session, task, args, priority=priority)
        assert job_id
        return job_id

    def job(self, job_id: str) -> Job:
        """The job as it is now."""
        with self.database.read() as session:
            return queries.job(session, job_id)

    def wait_for(self, job_id: str, state: State, seconds: float = 60) -> Job:
        """Wait until a job is in this state."""
        try:
            wait_until(lambda: self._is(job_id, state), f"{job_id} is {state}", seconds)
        except AssertionError as error:
            job = self.job(job_id)
            raise AssertionError(
                f"{error}; it is {job.state} of {job.task}: {job.error}\n{self.log()[-3000:]}"
            ) from None
        return self.job(job_id)

    def _is(self, job_id: str, state: State) -> bool:
        self.tend()
        return self.job(job_id).state == state

    def wait_until_quiet(self, seconds: float = 60) -> None:
        """Wait until no job waits or runs."""

        def quiet() -> bool:
            self.tend()
            try:
                with self.database.read() as session:
                    counts = queries.counts(session)
            except db.DatabaseAway:  # it is restarted while we look
                return False
            return not any(counts[state] for state in UNFINISHED)

        try:
            wait_until(quiet, "every job has ended", seconds)
        except AssertionError as error:
            with self.database.read() as session:
                raise AssertionError(f"{error}; {queries.counts(session)}\n{self.log()[-3000:]}") from None

    def log(self) -> str:
        """What the workers have said."""
        return (self.folder / "worker.log").read_text(errors="replace")

    def close(self) -> None:
        """End everything."""
        self._stop.set()
        self._scheduler.join(20)
        for worker in [worker for worker in self.workers if worker.poll() is None]:
            self.kill(worker)
        doorbells._press = None
        doorbells._quiet_until = 0.0
        engine.app.cache_clear()
