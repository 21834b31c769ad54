"""Notices that a worker's pool stands still: a process that never lets go of the interpreter, or a lock left behind."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import psutil
import sqlalchemy as sa

from stonehand import log
from stonehand.db import Session
from stonehand.jobs.models import Doorbell, Job
from stonehand.jobs.states import State
from stonehand.jobs.worker import presence

YOUTH = 4  # signs of life in which a process of the pool comes up, however busy the machine
LOOKS = 3  # in a row, one at each sign of life, before a worker that answers no bell is ended


@dataclass(frozen=True)
class Bell:
    """When a queue was rung, and when somebody last answered there."""

    rung_at: datetime
    answered_at: datetime | None


class Watchdog:
    """Looks at one worker, from a thread of its main process."""

    def __init__(self, worker: str, queues: Sequence[str]) -> None:
        self._worker, self._queues = worker, list(queues)
        self._first: dict[str, Bell] = {}
        self._looks = 0

    def finds_it_stuck(self, session: Session) -> bool:
        """Whether a bell has gone unanswered for several looks while no job was in this worker's hands.

        It must have been rung again meanwhile: a single ring may have been lost by the broker.
        """
        unanswered = self._unanswered(session)
        waited = {queue: bell for queue, bell in self._first.items() if _is_same(bell, unanswered.get(queue))}
        self._first = unanswered | waited
        again = [queue for queue, bell in waited.items() if unanswered[queue].rung_at != bell.rung_at]
        self._looks = self._looks + 1 if again and not self._is_busy(session) and not is_being_born() else 0
        return self._looks >= LOOKS

    def _unanswered(self, session: Session) -> dict[str, Bell]:
        rung = sa.select(Doorbell.queue, Doorbell.rung_at, Doorbell.answered_at).where(
            Doorbell.queue.in_(self._queues),
            sa.or_(Doorbell.answered_at.is_(None), Doorbell.answered_at < Doorbell.rung_at),
        )
        return {queue: Bell(rung_at, answered_at) for queue, rung_at, answered_at in session.execute(rung)}

    def _is_busy(self, session: Session) -> bool:
        mine = Job.worker.endswith(f"{presence.OF}{self._worker}", autoescape=True)
        return bool(session.scalar(sa.select(sa.exists().where(Job.state == State.EXECUTING, mine))))


def _is_same(bell: Bell, later: Bell | None) -> bool:
    """Whether nobody has answered between two looks."""
    return later is not None and later.answered_at == bell.answered_at


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
