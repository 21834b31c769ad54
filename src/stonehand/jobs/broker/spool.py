"""The embedded broker: kombu's `filesystem://`, made to survive a process that dies in the middle of a write.

kombu writes a message in place, so a reader can meet half of one, and half a routing table stays broken for ever. Here
a message appears whole or not at all, and what cannot be read is dropped: it is only a doorbell, and rung again.
"""

from __future__ import annotations

import json
import os
import uuid
from contextlib import suppress
from math import inf
from pathlib import Path
from queue import Empty
from time import monotonic, sleep
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem

from stonehand.jobs.broker.stirring import LOOK, Stir

TAKEN = ".taken"
LONGEST = 2.0  # seconds between two looks, even if nothing was heard: a disk of another machine tells nothing
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
        """Look once whether there is any message before each of a dozen queues is looked at."""
        if not self.has_messages():
            raise Empty
        return super()._poll(cycle, callback, timeout=timeout)

    def has_messages(self) -> bool:
        """Whether there is a message for anybody."""
        return any(name.endswith(".msg") for name in os.listdir(self.data_folder_in))

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
    """What `filesystem://` means here: a message is heard when it comes, where the system tells of it."""

    Channel = Channel
    _stir: Stir | None = None

    def drain_events(self, connection: Any, timeout: float | None = None) -> None:
        """Deliver a message, or raise `TimeoutError` when none has come in so many seconds."""
        stir, cycle = self._listening(), self.cycle
        assert cycle is not None, "it is None only after the end"
        until = monotonic() + timeout if timeout is not None else inf
        while True:
            try:
                cycle.get(self._deliver, timeout=timeout)
            except Empty:
                if monotonic() >= until:
                    raise TimeoutError from None
                self._rest(stir, until - monotonic())
            else:
                return

    def close_connection(self, connection: Any) -> None:
        """Let go of everything."""
        super().close_connection(connection)
        if self._stir is not None:
            self._stir.close()
            self._stir = None

    def _listening(self) -> Stir:
        """Listens from before the first look, so that nothing comes unheard between a look and the rest after it."""
        if self._stir is None:
            client: Any = self.client
            self._stir = Stir(client.transport_options["data_folder_in"])
        return self._stir

    def _rest(self, stir: Stir, seconds: float) -> None:
        if any(channel.has_messages() for channel in self.channels):
            sleep(min(seconds, LOOK))  # they are for others, or our hands are full: nothing tells when one is free
        else:
            stir.wait(max(0.0, min(seconds, LONGEST)))


def install() -> None:
    """Let `filesystem://` mean this transport, in this process."""
    TRANSPORT_ALIASES["filesystem"] = f"{__name__}:Transport"
