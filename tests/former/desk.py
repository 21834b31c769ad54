"""A real worker, and plain Celery clients that know nothing of Stonehand but the broker's address."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from celery import Celery
from celery.result import AsyncResult

from stonehand import config, db
from stonehand.jobs.worker import presence
from tests.servers import wait_until

QUEUES = "sources,control,default,priority"


class Desk:
    """A worker in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self._log = folder / "worker.log"
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "stonehand", "worker", "--queue", QUEUES, "--concurrency", "1"],
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=dict(os.environ),
            )

    def wait(self) -> None:
        """Until it is ready."""

        def ready() -> bool:
            assert self._process.poll() is None, self.said()
            with db.database().read() as session:
                return bool(presence.alive(session))

        try:
            wait_until(ready, "the worker says that it is there", 120)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.said()}") from None

    def said(self) -> str:
        """Its log."""
        return self._log.read_text(errors="replace")[-4000:]

    def close(self) -> None:
        """End it."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


class Client:
    """A program of before."""

    def __init__(self, backend: str, broker: str | None = None, **options: Any) -> None:
        settings = config.settings()
        self.app = Celery("before", set_as_current=False)
        self.app.backend_cls = backend  # Celery would rather believe our environment
        address = broker or settings.broker
        self.app.conf.update(broker_read_url=address, broker_write_url=address)
        if settings.broker.startswith("filesystem"):
            spool = settings.data_dir / "spool"
            bells, control = str(spool / "bells"), str(spool / "control")
            options |= {"data_folder_in": bells, "data_folder_out": bells, "control_folder": control}
        self.app.conf.broker_transport_options = options
        self.app.conf.result_backend_transport_options = options

    def send(self, name: str, args: Sequence[Any] = (), **options: Any) -> AsyncResult[Any]:
        """Call a task by its name, as `send_task` does."""
        options.setdefault("task_id", str(uuid.uuid4()))
        return self.app.send_task(name, args=list(args), **options)
