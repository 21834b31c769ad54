"""Short jobs are claimed by the handful and run one after the other: a claim costs more than such a job.

Nothing waits long in a hand. It holds as many jobs as took a tenth of a second lately, and when one of them takes
longer than expected, the others go back for anybody.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from stonehand import log
from stonehand.db import Database, now
from stonehand.errors import StonehandError
from stonehand.jobs import endings
from stonehand.jobs.broker import doorbells
from stonehand.jobs.held import Held

ENOUGH = 0.1  # seconds of work in a hand
MOST = 50  # jobs in a hand
IMPATIENCE = 1.0  # seconds after which a hand that does not get on is opened
MEMORY = 0.3  # weight of the last job in a task's pace


class Paces:
    """How long jobs of each task took in this process lately: an exponentially weighted mean, in seconds."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}

    def hand(self, task: str) -> int:
        """How many jobs of this task to claim at once."""
        seconds = self._seconds.get(task)
        return 1 if seconds is None else max(1, min(MOST, int(ENOUGH / max(seconds, 1e-6))))

    @contextmanager
    def measured(self, task: str) -> Iterator[None]:
        """Learn from one job."""
        began = time.monotonic()
        yield
        seconds = time.monotonic() - began
        self._seconds[task] = (1 - MEMORY) * self._seconds.get(task, seconds) + MEMORY * seconds


class Hand:
    """Jobs that were claimed at once and wait for each other. Another thread may give back those not yet begun."""

    def __init__(self, database: Database, queue: str, held: Sequence[Held]) -> None:
        self._database, self._queue = database, queue
        self._waiting = deque(held)
        self._since = time.monotonic()
        self.taken = 0

    def __iter__(self) -> Iterator[Held]:
        while self._waiting:
            try:
                job = self._waiting.popleft()
            except IndexError:  # given back in this very moment
                return
            self.taken, self._since = self.taken + 1, time.monotonic()
            yield job

    def tend(self) -> None:
        """Open the hand if it does not get on."""
        if self._waiting and time.monotonic() - self._since > IMPATIENCE:
            self.give_back()

    def give_back(self) -> None:
        """Let others run what has not begun. If the database is away, the lease ends and the sweeper does it."""
        left = []
        while self._waiting:
            left.append(self._waiting.pop())
        if not left:
            return
        try:
            with self._database.transaction(durable=False) as session:
                endings.release(session, left, now(session))
        except StonehandError as error:
            log.logger(__name__).warning("cannot give back what has not begun", jobs=len(left), error=str(error))
        else:
            doorbells.ring([self._queue])
