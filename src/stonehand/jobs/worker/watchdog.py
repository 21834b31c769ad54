"""Notices that a worker's pool stands still: a process that never lets go of the interpreter, or a lock left behind."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from contextlib import suppress

import psutil
import sqlalchemy as sa

from stonehand import log
from stonehand.db import Session
from stonehand.jobs.models import Doorbell, Job
from stonehand.jobs.states import State
from stonehand.jobs.worker import presence

YOUTH = 4  # signs of life in which a process of the pool comes up, however busy the machine
LOOKS = 3  # in a row, one at each sign of life, before a worker that answers no bell is ended


class Watchdog:
    """Looks at one worker, from a thread of its main process."""

    def __init__(self, worker: str, queues: Sequence[str]) -> None:
        self._worker, self._queues = worker, list(queues)
        self._last: dict[str, object] = {}
        self._looks = 0

    def finds_it_stuck(self, session: Session) -> bool:
        """Whether bells have gone unanswered for several looks while no job was in this worker's hands."""
        unanswered = self._unanswered(session)
        same = [queue for queue in unanswered if queue in self._last and self._last[queue] == unanswered[queue]]
        self._looks = self._looks + 1 if same and not self._is_busy(session) and not is_being_born() else 0
        self._last = unanswered
        return self._looks >= LOOKS

    def _unanswered(self, session: Session) -> dict[str, object]:
        rung = sa.select(Doorbell.queue, Doorbell.answered_at).where(
            Doorbell.queue.in_(self._queues),
            sa.or_(Doorbell.answered_at.is_(None), Doorbell.answered_at < Doorbell.rung_at),
        )
        return dict(session.execute(rung).tuples().all())

    def _is_busy(self, session: Session) -> bool:
        mine = Job.worker.endswith(f"{presence.OF}{self._worker}", autoescape=True)
        return bool(session.scalar(sa.select(sa.exists().where(Job.state == State.EXECUTING, mine))))


def is_being_born() -> bool:
    """Whether a process of the pool is so young that on a busy machine it may not have come up yet."""
    youth = YOUTH * presence.EVERY
    with suppress(psutil.NoSuchProcess):
        return any(time.time() - each.create_time() < youth for each in psutil.Process().children())
    return False


def end_with_pool() -> None:
    """End this worker at once; its supervisor starts another. What its pool held is taken back by the sweeper."""
    log.logger(__name__).error(
        "the worker answers no bell although it has nothing to do; it is ended and started again"
    )
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            child.kill()  # not left to the child, whose interpreter may be held for ever
    os.kill(os.getpid(), signal.SIGKILL)
