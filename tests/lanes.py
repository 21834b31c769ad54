"""How several processes share the tests: one begins with those that wait for processes, the others with the rest.

Side by side, the waiting ones would leave the processor idle, and later nobody would wait any more.
"""

from __future__ import annotations

import os

from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

WAITING = ("tests/acceptance/", "tests/browser/", "tests/faults/")
"""Tests that wait for processes which they start, most of their time."""
SINGLE = ("tests/acceptance/test_killed", "tests/acceptance/test_trip", "tests/faults/")
"""Of these, each test is given by itself, so that nobody is left with a whole file of long ones at the end."""
FIRST = "gw0"
POLITE = 5  # of 19


def is_waiting(nodeid: str) -> bool:
    """Whether a test or file is one of those."""
    return nodeid.startswith(WAITING)


def step_back(worker: str) -> None:
    """All but the first let go before what the first has started: tests there know how long a thing may take."""
    if worker != FIRST:
        os.nice(POLITE)


class Lanes(LoadScopeScheduling):  # type: ignore[misc]  # it comes without types
    """Tests of one file stay together. The first process begins with the waiting ones; all go on with what is left."""

    def _split_scope(self, nodeid: str) -> str:
        scope: str = nodeid if nodeid.startswith(SINGLE) else super()._split_scope(nodeid)
        return scope

    def _assign_work_unit(self, node: WorkerController) -> None:
        waits = node.gateway.id == FIRST
        ours = [scope for scope in self.workqueue if is_waiting(scope) == waits]
        self.workqueue.move_to_end((ours or list(self.workqueue))[0], last=False)
        super()._assign_work_unit(node)
