"""What the processes of one worker share: each ends when the worker does, and hears that it is to stop."""

from __future__ import annotations

import ctypes
import mmap
import os
import signal
import sys
import threading

PR_SET_PDEATHSIG = 1


class Lifeline:
    """Made before the fork. Without any lock: a process that is killed while it holds one would stop all others."""

    def __init__(self) -> None:
        self._reader, self._writer = os.pipe()
        self._flag = mmap.mmap(-1, 1)

    def stop(self) -> None:
        """Tell every process to take no more work."""
        self._flag[0] = 1

    def is_stopping(self) -> bool:
        """Whether the worker is to stop."""
        return self._flag[0] == 1

    def hold(self) -> None:
        """To be called in a forked process: it ends when the worker's main process has ended, and not before."""
        if sys.platform == "linux":
            # Celery asks the kernel for the same, but the kernel means the thread that forked us, and the thread that
            # scales the pool ends first when the worker is told to stop.
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, 0)
        os.close(self._writer)
        threading.Thread(target=self._wait_for_end, name="lifeline", daemon=True).start()

    def _wait_for_end(self) -> None:
        os.read(self._reader, 1)  # nobody writes: it returns when the other end is closed
        os.kill(os.getpid(), signal.SIGKILL)
