"""Ids, which tell when they were made."""

from __future__ import annotations

import os
import secrets
import threading
import time
from datetime import datetime

_MILLION = 1_000_000
_last = 0
_lock = threading.Lock()


def _unlock() -> None:
    """A child process must not inherit a lock that a thread of its parent holds."""
    global _lock  # noqa: PLW0603
    _lock = threading.Lock()


os.register_at_fork(after_in_child=_unlock)


def new_id() -> str:
    """A UUIDv7 as text (RFC 9562, 5.7): unique everywhere, and sorts by the time it was made.

    The 12 bits after the milliseconds are their fraction (6.2, method 3), so that ids of one process are in order
    however fast they are made, and none runs ahead of the clock.
    """
    moment = _moment()
    value = (moment >> 12) << 80 | 0x7 << 76 | (moment & 0xFFF) << 64 | 0b10 << 62 | secrets.randbits(62)
    digits = f"{value:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _moment() -> int:
    """Now, in 4096ths of a millisecond: later than any that was given in this process."""
    global _last  # noqa: PLW0603  one clock a process
    milliseconds, rest = divmod(time.time_ns(), _MILLION)
    with _lock:
        _last = max(_last + 1, milliseconds << 12 | (rest << 12) // _MILLION)
        return _last


def first_id(moment: datetime) -> str:
    """What every id that was made from this moment on is not less than."""
    stamp = f"{int(moment.timestamp() * 1000):012x}"
    return f"{stamp[:8]}-{stamp[8:]}-7000-8000-000000000000"
