"""The embedded broker: kombu's `filesystem://`, made to survive a process that dies in the middle of a write.

kombu writes a message in place, so a reader can meet half of one, and half a routing table stays broken for ever. Here
a message appears whole or not at all, and what cannot be read is dropped: it is only a doorbell, and rung again.
"""

from __future__ import annotations

import json
import os
import uuid
from contextlib import suppress
from pathlib import Path
from queue import Empty
from time import monotonic, sleep
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem

TAKEN = ".taken"
PATIENCE = 0.3  # seconds for somebody who is still writing a message


class Channel(filesystem.Channel):
    """A folder of messages, one file each, moved into place and taken away by renaming."""

    def _put(self, queue: str, payload: Any, **_: Any) -> None:
        name = f"{round(monotonic() * 1000):015}_{uuid.uuid4()}"
        unfinished = Path(self.data_folder_out) / f"{name}.unfinished"
        unfinished.write_text(json.dumps(payload))
        unfinished.rename(unfinished.with_name(f"{name}.{queue}.msg"))

    def _get(self, queue: str) -> Any:
        ending = f".{queue}.msg"
        for name in sorted(name for name in os.listdir(self.data_folder_in) if name.endswith(ending)):
            with suppress(OSError, ValueError):  # somebody else was faster, or it is unreadable: the next one
                return self._take(Path(self.data_folder_in) / name)
        raise Empty

    def _poll(self, cycle: Any, callback: Any, timeout: Any = None) -> Any:
        """Look once whether there is any message before each of a dozen queues is looked at, twenty times a second."""
        if not any(name.endswith(".msg") for name in os.listdir(self.data_folder_in)):
            raise Empty
        return super()._poll(cycle, callback, timeout=timeout)

    def _take(self, path: Path) -> Any:
        taken = path.rename(path.with_name(path.name + TAKEN))
        try:
            return _read_patiently(taken)
        finally:
            taken.unlink()

    def get_table(self, exchange: str) -> Any:
        try:
            return super().get_table(exchange)
        except ValueError:
            return []

    def _queue_bind(self, exchange: str, *names: Any) -> None:
        try:
            super()._queue_bind(exchange, *names)
        except ValueError:  # a process died while it wrote the table; it is made anew
            self._exchange_file(exchange).unlink(missing_ok=True)
            super()._queue_bind(exchange, *names)


def _read_patiently(path: Path) -> Any:
    """A message that a Celery client without our transport may still be writing, since it writes in place."""
    until = monotonic() + PATIENCE
    while True:
        try:
            return json.loads(path.read_text())
        except ValueError:
            if monotonic() > until:
                raise
            sleep(0.02)


class Transport(filesystem.Transport):
    """What `filesystem://` means here."""

    Channel = Channel


def install() -> None:
    """Let `filesystem://` mean this transport, in this process."""
    TRANSPORT_ALIASES["filesystem"] = f"{__name__}:Transport"
