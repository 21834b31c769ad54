"""One trip from URLs to drafts, and on to publications if asked: every step a job, run by a real worker."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any, Self

import click

from stonehand import config, db, pipeline
from stonehand.cli import approving, counting, preparation
from stonehand.db import DatabaseUnavailable
from stonehand.drafts import choosing, gathering
from stonehand.drafts import queries as drafts
from stonehand.drafts import service as drafts_service
from stonehand.errors import StonehandError, Unavailable
from stonehand.jobs import queries
from stonehand.jobs.broker import engine
from stonehand.jobs.clock import sweeper
from stonehand.sample import Newsroom, loading, record
from stonehand.sources import intake
from stonehand.sources import service as sources

HORIZON = timedelta(seconds=20)  # a retry that is further away is left to a later run
GRACE = 15.0  # seconds for the worker to end
DEATHS = 3  # of a worker, after which another one would not help


class WorkerGone(Unavailable):
    """The worker of a trip does not start, or has died."""


class Trip:
    """The whole thread once."""

    def __init__(self, urls: Sequence[str], sample: bool, approve_to: str | None, timeout: float) -> None:
        self._urls, self._sample, self._approve_to = urls, sample, approve_to
        self._until = time.monotonic() + timeout
        self._errors: list[dict[str, str]] = []
        self._sources: set[str] = set()

    def travel(self) -> dict[str, Any]:
        """Go, and return the summary: counts, seconds per step, errors."""
        preparation.prepare()
        preparation.prepare_model()
        # Now, since a channel that is not there should not be found out after everything else is done.
        channel_id = approving.channel_for(self._approve_to) if self._approve_to else None
        with db.database().read() as session:
            since = db.now(session)
        with ExitStack() as stack:
            if self._sample:
                stack.enter_context(self._newsroom())
            pipeline.install()
            engine.connect()
            self._worker = stack.enter_context(_Worker())
            stack.enter_context(_sweeping())
            self._collect(since)
            self._write(since)
            if channel_id:
                self._publish(channel_id, since)
        return {"sample": self._sample} | counting.summary(db.database(), sorted(self._sources), since, self._errors)

    @contextmanager
    def _newsroom(self) -> Iterator[None]:
        kept = record.read_or_new()
        config.override("sample_address", f"127.0.0.1:{kept.port}")
        with Newsroom(kept.port, datetime.fromisoformat(kept.epoch)):
            yield

    def _collect(self, since: datetime) -> None:
        if self._sample:
            with db.database().transaction() as session:
                self._sources |= set(loading.add_outlets(session, f"http://{config.settings().sample_address}"))
                for source_id in self._sources:
                    sources.poll_if_polled(session, source_id)
        for url in self._urls:
            self._add(url)
        self._wait(since)

    def _add(self, url: str) -> None:
        try:
            for found in intake.identify(url, files=True):
                if found.refused:
                    self._errors.append({"source": found.url, "reason": found.refused})
                    click.echo(f"{found.title or found.url}: {found.refused}", err=True)
                    continue
                with db.database().transaction() as session:
                    added = sources.add(session, found)
                    if not added.is_new:  # a new one is looked at because it was added
                        sources.poll_if_polled(session, added.source_id)
                self._sources.add(added.source_id)
                click.echo(f"{found.url}: {found.sentence}", err=True)
        except StonehandError as error:
            self._errors.append({"source": url, "reason": str(error)})
            click.echo(f"{url}: {error}", err=True)

    def _write(self, since: datetime) -> None:
        with db.database().transaction() as session:
            room = config.settings().drafts_waiting - drafts.waiting(session)
            settled = db.now(session) + choosing.STORY_QUIET  # nothing more will come in this run
            for story_id in choosing.choose(gathering.choices(session), room, settled):
                drafts_service.commission(session, story_id, "run")
        self._wait(since)

    def _publish(self, channel_id: str, since: datetime) -> None:
        self._errors += approving.approve_open(channel_id)
        self._wait(since)

    def _wait(self, since: datetime) -> None:
        """Until nothing runs or is about to, showing how far each step is."""
        shown = ""
        while time.monotonic() < self._until:
            with db.database().read() as session:
                pending, spans = queries.pending(session, HORIZON), queries.spans(session, since)
            line = " · ".join(f"{span.task} {span.done}/{span.asked}" for span in spans)
            if line != shown:
                click.echo(line, err=True)
                shown = line
            if not pending:
                return
            self._worker.tend()
            time.sleep(0.3)
        self._errors.append({"source": "run", "reason": f"{pending} jobs were not done in time; run again to go on"})


class _Worker:
    """A real worker beside this process, started again if it dies, as the supervisor of `stonehand start` does."""

    def __init__(self) -> None:
        self._deaths = 0
        self._process = self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def tend(self) -> None:
        """Start it again if it has died; raise `WorkerGone` if that does not help."""
        if self._process.poll() is None:
            return
        self._deaths += 1
        if self._deaths > DEATHS:
            raise WorkerGone(f"the worker died {self._deaths} times before its work was done; its reason stands above")
        click.echo("The worker died and is started again.", err=True)
        self._process = self._start()

    @staticmethod
    def _start() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "stonehand", "worker"]
        return subprocess.Popen(command, stdout=sys.stderr, start_new_session=True)  # noqa: S603  our own, no shell


@contextmanager
def _sweeping() -> Iterator[None]:
    """What the scheduler's process does besides its schedules, which a single trip does not need."""
    stop = threading.Event()

    def sweep() -> None:
        while not stop.wait(0.5):
            with suppress(DatabaseUnavailable):  # the next round may find it again
                sweeper.sweep(db.database())

    thread = threading.Thread(target=sweep, name="sweeper", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
