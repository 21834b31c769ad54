"""Attempts that do little but wait for strangers run in threads, so that a slow host holds up nobody else's work."""

from __future__ import annotations

import threading
from collections.abc import Callable

MOST = 4  # such attempts at once in a process


class Waiting:
    """The threads of one process. With `most=0` there are none, and such attempts run like all others."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._threads: list[threading.Thread] = []
        self._one_ended = threading.Event()
        self.ended = 0
        """How many attempts have ended."""

    @property
    def is_used(self) -> bool:
        """Whether there are such threads at all."""
        return self._most > 0

    @property
    def is_full(self) -> bool:
        """Whether no further attempt may begin now."""
        return self.is_used and len(self._alive()) >= self._most

    @property
    def is_busy(self) -> bool:
        """Whether any attempt still waits."""
        return bool(self._alive())

    def begin(self, deed: Callable[[], None]) -> None:
        """Run this beside everything else."""
        thread = threading.Thread(target=self._run, args=(deed,), name="waiting", daemon=True)
        self._threads.append(thread)
        thread.start()

    def pause(self, seconds: float) -> None:
        """Wait until an attempt has ended, at most so many seconds."""
        self._one_ended.wait(seconds)
        self._one_ended.clear()

    def _run(self, deed: Callable[[], None]) -> None:
        try:
            deed()
        finally:
            self.ended += 1  # before it is no longer busy, so that nobody sees neither
            self._threads.remove(threading.current_thread())  # no longer counted before its end is heard of
            self._one_ended.set()

    def _alive(self) -> list[threading.Thread]:
        return list(self._threads)
