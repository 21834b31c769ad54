"""Work in a thread of its own: what comes of it, and what ends it."""

from __future__ import annotations

import threading
import time
from contextvars import ContextVar

import pytest

from stonehand import aside
from stonehand.jobs.errors import Interrupted
from stonehand.jobs.worker import interruption

_said: ContextVar[str] = ContextVar("said", default="")


def test_it_returns_what_the_work_returns_and_sees_the_same_context() -> None:
    _said.set("here")
    assert aside.run(lambda: (_said.get(), threading.current_thread().name)) == ("here", "aside")


@pytest.mark.parametrize("kind", [ValueError, SystemExit])
def test_it_raises_what_the_work_raises(kind: type[BaseException]) -> None:
    def fail() -> None:
        raise kind("no")

    with pytest.raises(kind, match="no"):
        aside.run(fail)


def test_a_limit_ends_the_work_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aside, "AGAIN", 0.1)
    steps, lost = [0], list[bool]()

    def work() -> None:
        while True:
            try:
                while True:
                    steps[0] += 1
                    time.sleep(0.001)
            except aside.Abandoned:
                if lost:
                    raise
                lost.append(True)  # as a destructor loses it

    with pytest.raises(Interrupted), interruption.limited(0.1):
        aside.run(work)
    assert lost, "it was told so only once"
    reached = steps[0]
    time.sleep(0.05)
    assert steps[0] == reached > 0
    assert all(thread.name != "aside" for thread in threading.enumerate())
