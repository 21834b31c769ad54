"""Whether a transaction lasts too long: what a thread's time went on while it was open.

Only under `strict_transactions`, which tests switch on.
"""

from __future__ import annotations

import gc
import os
import resource
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stonehand import config
from stonehand.errors import StonehandError

LONGEST_TRANSACTION = 0.5  # seconds; a longer one starves the other writers of SQLite
TURN = 0.005  # seconds after which a thread that waits for the interpreter's lock asks again


class TransactionAbused(StonehandError):
    """A transaction lasted too long, or waited for the network. Only raised under `strict_transactions`."""


class _Open(threading.local):
    """What this thread has open and on what its time went, under `strict_transactions`."""

    def __init__(self) -> None:
        self.transactions: list[_Moment] = []
        self.collecting = 0.0
        self.collected = 0.0
        self.entered = 0.0
        self.stalled = 0.0


_open = _Open()


def assert_no_transaction(deed: str) -> None:
    """Under `strict_transactions`, refuse to wait for the network while this thread holds a transaction."""
    if config.settings().strict_transactions and _open.transactions:
        raise TransactionAbused(f"{deed} inside a database transaction")


class _Moment:
    """What this thread has spent by now, in seconds."""

    def __init__(self) -> None:
        self.thread = threading.get_ident()
        self.at = time.monotonic()
        self.computed = time.thread_time() - _open.collected
        self.starved = _starved()  # of the whole machine, so it counts whichever thread ends it
        self.excused = _open.stalled + _run_delay() + _turns() * TURN


def _note_collection(phase: str, _info: dict[str, int]) -> None:
    """Python tidies up in whichever thread comes by. In a process that holds much, that takes longer than we allow."""
    if phase == "start":
        _open.collecting = time.thread_time()
    else:
        _open.collected += time.thread_time() - _open.collecting


@contextmanager
def watched() -> Iterator[None]:
    if not config.settings().strict_transactions:
        yield
        return
    if _note_collection not in gc.callbacks:
        gc.callbacks.append(_note_collection)
    mine, began = _open.transactions, _Moment()  # of the thread that begins it; the web may end it in another
    mine.append(began)
    try:
        yield
    finally:
        mine.remove(began)
    _judge(began, _Moment())


def _judge(began: _Moment, ended: _Moment) -> None:
    """Computing counts on any machine. Waiting counts as far as neither the machine nor SQLite's disk made it wait."""
    lasted, is_known = ended.at - began.at, ended.thread == began.thread
    computed = ended.computed - began.computed if is_known else 0.0
    excused = ended.starved - began.starved + (ended.excused - began.excused if is_known else 0.0)
    waited = lasted - computed - excused
    if computed > LONGEST_TRANSACTION or waited > _patience():
        parts = f"{computed:.3f} s of computing, {max(waited, 0):.3f} s of waiting"
        raise TransactionAbused(f"a transaction lasted {lasted:.3f} s ({parts}), more than {LONGEST_TRANSACTION} s")


def _patience() -> float:
    """Seconds after which a transaction surely waits by itself: a busy machine makes it wait in many ways."""
    return LONGEST_TRANSACTION * (1 + 4 * os.getloadavg()[0])


def _idle() -> float:
    """Seconds that this thread has neither run nor waited for a core: it slept, or waited for a disk or a lock."""
    return time.monotonic() - time.thread_time() - _run_delay()


def enter_sqlite(*_: Any) -> None:
    if config.settings().strict_transactions:
        _open.entered = _idle()


def leave_sqlite(*_: Any) -> None:
    # SQLite computes in our own thread. What it waits for is the disk, and a slow disk is not the transaction's fault.
    if config.settings().strict_transactions:
        _open.stalled += max(0.0, _idle() - _open.entered)


def _run_delay() -> float:
    """Seconds that this thread was ready to run but had no core."""
    try:
        file = os.open("/proc/thread-self/schedstat", os.O_RDONLY)  # twice a statement, so without the luxury of Path
    except OSError:
        return 0.0
    try:
        return int(os.read(file, 100).split()[1]) / 1e9
    except (OSError, IndexError):
        return 0.0
    finally:
        os.close(file)


def _starved() -> float:
    """Seconds in which anybody on this machine lacked a core or a disk: PostgreSQL's processes, say, for which we wait.

    Linux's pressure stall information; 0 where there is none.
    """
    try:
        lines = [Path(f"/proc/pressure/{what}").read_text().split("\n", 1)[0] for what in ("cpu", "io")]
        return sum(int(line.rpartition("total=")[2]) for line in lines) / 1e6
    except (OSError, ValueError):
        return 0.0


def _turns() -> int:
    """How often this thread has waited for something and was woken; it wakes to ask for the interpreter's lock, too."""
    who = getattr(resource, "RUSAGE_THREAD", None)  # Linux only
    return 0 if who is None else resource.getrusage(who).ru_nvcsw
