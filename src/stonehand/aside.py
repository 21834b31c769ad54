"""Work in a thread of its own, for the sake of its memory.

The C library gives each thread a heap of its own. Who makes and drops a hundred thousand small pieces, as the tree of a
page has, finds them side by side there, whatever the process keeps meanwhile (decision 0095).
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context
from typing import TypeVar

T = TypeVar("T")
STRIKES, AGAIN = 5, 1.0  # how often, and after how many seconds, what nobody waits for is told so anew


class Abandoned(BaseException):
    """Nobody waits for this work any more. Raised inside it."""


def run(deed: Callable[[], T]) -> T:
    """Do this aside, and wait for what it returns or raises. It sees the same context variables.

    Whatever interrupts the waiting, such as the limit of a job, ends the work as well: the next one shall not run
    beside it.
    """
    outcome: Future[T] = Future()
    thread = threading.Thread(target=copy_context().run, args=(_do, deed, outcome), name="aside", daemon=True)
    try:
        thread.start()
        return outcome.result()
    finally:
        if not outcome.done():
            _abandon(thread)


def _do(deed: Callable[[], T], outcome: Future[T]) -> None:
    try:
        outcome.set_result(deed())
    except BaseException as error:  # who waits is to hear of everything
        outcome.set_exception(error)


def _abandon(thread: threading.Thread) -> None:
    """Raise an error where the thread is; it may be lost in a destructor, so more than once."""
    for _ in range(STRIKES):
        if not thread.is_alive():
            return
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(Abandoned))
        thread.join(AGAIN)
