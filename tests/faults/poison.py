"""Jobs that kill, hang or confuse the process that runs them: `DEEDS` has what each does and what is said of it."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable

import psutil
import sqlalchemy as sa

from stonehand import jobs
from stonehand.jobs.models import Pause


class Unprintable(Exception):
    """Cannot say what is wrong."""

    def __str__(self) -> str:
        raise ValueError("not even this")


class Sneaky(BaseException):
    """Not an `Exception`."""


def _segfault(_attempt: jobs.Attempt) -> None:
    ctypes.string_at(0)


def _abort(_attempt: jobs.Attempt) -> None:
    os.abort()


def _exit(_attempt: jobs.Attempt) -> None:
    os._exit(1)


def _kill_itself(_attempt: jobs.Attempt) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _kill_its_worker(_attempt: jobs.Attempt) -> None:
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(60)


def _leave(_attempt: jobs.Attempt) -> None:
    sys.exit("I quit")


def _recursion(attempt: jobs.Attempt) -> None:
    _recursion(attempt)


def _memory(_attempt: jobs.Attempt) -> None:
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (psutil.Process().memory_info().vms + 50_000_000, before[1]))
    try:
        bytearray(500_000_000)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def _loop(_attempt: jobs.Attempt) -> None:
    while True:
        try:
            time.sleep(0.01)
        except BaseException:
            continue


def _loop_without_signals(attempt: jobs.Attempt) -> None:
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    _loop(attempt)


def _lock(_attempt: jobs.Attempt) -> None:
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()


def _unprintable(_attempt: jobs.Attempt) -> None:
    raise Unprintable


def _huge(_attempt: jobs.Attempt) -> None:
    raise ValueError("far too long " * 500_000)


def _binary(_attempt: jobs.Attempt) -> None:
    raise ValueError("a zero \0 and half a letter \ud800")


def _sneaky(_attempt: jobs.Attempt) -> None:
    raise Sneaky("past every except")


def _result(attempt: jobs.Attempt) -> None:
    with attempt.finish() as session:
        attempt.note(session, {"set": {1, 2}})


def _constraint(attempt: jobs.Attempt) -> None:
    with attempt.finish() as session:
        session.execute(sa.insert(Pause).values(target=None))


def _twice(attempt: jobs.Attempt) -> None:
    with attempt.finish():
        pass
    with attempt.finish() as session:
        attempt.note(session, {"second": "never"})


Deed = Callable[[jobs.Attempt], None]
DEEDS: dict[str, tuple[Deed, str]] = {
    "segfault": (_segfault, "the worker died"),
    "abort": (_abort, "the worker died"),
    "exit": (_exit, "the worker died"),
    "kills itself": (_kill_itself, "the worker died"),
    "kills its worker": (_kill_its_worker, "the worker died"),
    "leaves": (_leave, "I quit"),
    "recursion": (_recursion, "recursion"),
    "out of memory": (_memory, "MemoryError"),
    "endless loop": (_loop, "longer than its limit of 1 s"),
    "endless loop without signals": (_loop_without_signals, "longer than its limit of 1 s"),
    "deadlock": (_lock, "longer than its limit of 0.5 s"),
    "unprintable error": (_unprintable, "Unprintable"),
    "huge error": (_huge, "far too long"),
    "binary error": (_binary, "a zero"),
    "not an Exception": (_sneaky, "past every except"),
    "result that is no JSON": (_result, "JSON"),
    "broken constraint": (_constraint, "constraint"),
}


@jobs.task("poison.take", queue="default", retries=0, soft_limit=0.5, hard_limit=1)
def take(attempt: jobs.Attempt, deed: str) -> None:
    """Do what this poison does."""
    DEEDS[deed][0](attempt)


@jobs.task("poison.mixed", queue="default", retries=0)
def mixed(attempt: jobs.Attempt, mark: str, deed: str = "") -> None:
    """Harmless, but for some: so that poison comes to lie in a hand among others."""
    if deed:
        DEEDS[deed][0](attempt)
    from tests.faults import yard

    with attempt.finish() as session:
        yard.keep(session, mark, attempt.job.fence)
