"""Stopping a body that runs: by its soft limit, or because somebody cancelled it and it did not listen.

Python runs signal handlers in the main thread between two instructions, so an error can be raised there from outside.
In other threads nothing happens, and only the process can be ended.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from stonehand.errors import StonehandError
from stonehand.jobs.errors import Interrupted, TimeLimitReached

AGAIN = 10.0  # seconds until the limit strikes anew: an error that strikes in a destructor or a callback is lost

_armed: list[StonehandError] = []  # why the body is interrupted; empty while no body runs


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise `Interrupted` by `TimeLimitReached` inside if it lasts longer than that."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    if signal.getsignal(signal.SIGALRM) is not _ring:
        signal.signal(signal.SIGALRM, _ring)  # for good: an alarm that comes too late must not end the process
    _armed[:] = [TimeLimitReached(f"lasted longer than its limit of {seconds:g} s")]
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
    try:
        yield
    finally:
        _armed.clear()
        signal.setitimer(signal.ITIMER_REAL, 0)


def interrupt(error: StonehandError) -> None:
    """Stop the body that runs now, if one does, for this reason. To be called from another thread."""
    if _armed:
        _armed[:] = [error]
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGALRM)


def reason(error: BaseException) -> BaseException:
    """Why a body ended, with the lines where it was stopped."""
    return error.reason.with_traceback(error.__traceback__) if isinstance(error, Interrupted) else error


def _ring(_signal: int, _frame: Any) -> None:
    if _armed:
        raise Interrupted(_armed[0])
