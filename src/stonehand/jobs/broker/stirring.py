"""Hearing that something stirs in a folder, by the kernel's word where it gives one (inotify, on Linux)."""

from __future__ import annotations

import ctypes
import os
import select
import time
from contextlib import suppress

MOVED_TO, CLOSED = 0x80, 0x8  # of inotify: put here by renaming, closed after writing
BUFFER = 64 * 1024
LOOK = 0.05  # seconds between two looks, where the kernel says nothing


class Stir:
    """Waits for new files of a folder. For one thread; what came since the last wait counts."""

    def __init__(self, folder: str) -> None:
        self._heard = _watch(folder)
        self._poll = select.poll() if self._heard is not None else None
        if self._poll is not None and self._heard is not None:
            self._poll.register(self._heard, select.POLLIN)

    def wait(self, seconds: float) -> None:
        """Return as soon as something stirs, or after so many seconds; in `LOOK` seconds if nobody tells."""
        if self._poll is None or self._heard is None:
            time.sleep(min(seconds, LOOK))
        elif self._poll.poll(seconds * 1000):
            with suppress(BlockingIOError):
                os.read(self._heard, BUFFER)

    def close(self) -> None:
        """Let go of what listens."""
        if self._heard is not None:
            os.close(self._heard)
            self._heard = self._poll = None


def _watch(folder: str) -> int | None:
    """A file descriptor that can be read once something has stirred; None where there is no such thing."""
    libc = ctypes.CDLL(None, use_errno=True) if os.name == "posix" else None
    start = getattr(libc, "inotify_init1", None)
    if libc is None or start is None:
        return None
    listening: int = start(os.O_NONBLOCK | os.O_CLOEXEC)
    if listening < 0:
        return None
    if libc.inotify_add_watch(listening, os.fsencode(folder), MOVED_TO | CLOSED) < 0:
        os.close(listening)
        return None
    return listening
