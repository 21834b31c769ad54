"""A thread that keeps the leases of running attempts, hears of cancellations and ends what lasts too long."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

import sqlalchemy as sa

from stonehand import log
from stonehand.db import Database, now
from stonehand.errors import StonehandError
from stonehand.jobs import endings
from stonehand.jobs.attempts import Batch
from stonehand.jobs.errors import Cancelled, TimeLimitReached
from stonehand.jobs.models import Job
from stonehand.jobs.states import State
from stonehand.jobs.worker import interruption
from stonehand.jobs.worker.hands import Hand

TICK = 1.0  # seconds
GRACE = 12.0  # seconds for what runs when its worker is told to stop; then it goes back, and another worker begins it
LAST_WORDS = 2.0  # seconds to write down why a process is ended
CANCEL_GRACE = 10.0  # seconds for a cancelled body to stop by itself, and as many again to heed an error in it
REST = 5.0  # seconds without work after which a process gives back what it holds only for work


@dataclass
class _Watch:
    batch: Batch
    hard_limit: float
    since: float = field(default_factory=time.monotonic)
    renewed: float = field(default_factory=time.monotonic)
    heard: float | None = None
    """When it was first known that every job of it is to stop."""
    hears: bool = field(default_factory=lambda: threading.current_thread() is threading.main_thread())
    """Whether its body runs where an error can be raised in it from outside."""


class Heartbeat:
    """Watches the attempts of one process. Its thread sleeps when there are none, and calls `at_rest` then."""

    def __init__(
        self,
        database: Database,
        lease: timedelta,
        at_rest: Callable[[], None] = lambda: None,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._at_rest = at_rest
        self._stopping = stopping
        self._told_to_stop: float | None = None
        self._database = database
        self._every = lease.total_seconds() / 3
        self._watches: dict[str, _Watch] = {}
        self._lock = threading.Lock()
        self._busy = threading.Event()
        self._ended = False
        self.hand: Hand | None = None
        """What else this process holds and has not begun."""
        threading.Thread(target=self._run, name="heartbeat", daemon=True).start()

    def hold(self, batch: Batch, hard_limit: float) -> None:
        """Keep this attempt alive from now on."""
        with self._lock:
            self._watches[batch.claim_id] = _Watch(batch, hard_limit)
            self._busy.set()

    def drop(self, batch: Batch) -> None:
        """The attempt has ended."""
        with self._lock:
            self._watches.pop(batch.claim_id, None)
            if not self._watches:
                self._busy.clear()

    def end(self) -> None:
        """Its thread ends; there is nothing to watch any more."""
        self._ended = True
        self._busy.set()

    def _run(self) -> None:
        while not self._ended:
            if not self._busy.wait(REST):
                self._rest()
                self._busy.wait()
            time.sleep(min(TICK, self._every))
            for watch in list(self._watches.values()):
                self._tend(watch)

    def _rest(self) -> None:
        try:
            self._at_rest()
        except Exception as error:  # nothing may end this thread
            log.logger(__name__).warning("cannot rest", error=str(error))

    def _tend(self, watch: _Watch) -> None:
        try:
            if time.monotonic() - watch.since > watch.hard_limit:
                reason = f"lasted longer than its limit of {watch.hard_limit:g} s, so its process was ended"
                self._end_process(watch, TimeLimitReached(reason))
            if self._must_go():
                self._give_back()
            if self.hand:
                self.hand.tend()
            self._renew_if_due(watch)
            self._hear_cancellations(watch)
            self._insist(watch)
        except Exception as error:  # without this thread, every later lease of this process would run out
            log.logger(__name__).warning("heartbeat missed", claim=watch.batch.claim_id, error=str(error))

    def _renew_if_due(self, watch: _Watch) -> None:
        if time.monotonic() - watch.renewed < self._every:
            return
        with self._database.transaction() as session:
            watch.batch.renew(session)
        watch.renewed = time.monotonic()

    def _hear_cancellations(self, watch: _Watch) -> None:
        asked = sa.select(Job.id).where(
            Job.id.in_([item.id for item in watch.batch.items]), Job.cancel_requested_at.is_not(None)
        )
        with self._database.read() as session:
            watch.batch.cancelled.update(session.scalars(asked))

    def _insist(self, watch: _Watch) -> None:
        """Stop a body that does not listen: by an error in it, and if that does not help, with its process."""
        if len(watch.batch.cancelled) < len(watch.batch.items):
            return
        watch.heard = watch.heard or time.monotonic()
        waited = time.monotonic() - watch.heard
        if waited > (2 if watch.hears else 6) * CANCEL_GRACE:  # who waits for strangers ends when they do
            self._end_process(watch, Cancelled("cancelled on request; it did not stop, so its process was ended"))
        elif waited > CANCEL_GRACE and watch.hears:
            interruption.interrupt(Cancelled("cancelled on request"))

    def _end_process(self, watch: _Watch, reason: StonehandError) -> None:
        # Python cannot stop a thread that does not listen; the sweeper finds the dead process and judges the jobs.
        writing = threading.Thread(target=self._write_reason, args=(watch, reason), daemon=True)
        writing.start()
        writing.join(LAST_WORDS)  # no longer, since the body may itself hold the lock that the reason waits for
        os.kill(os.getpid(), signal.SIGKILL)

    def _write_reason(self, watch: _Watch, reason: StonehandError) -> None:
        if self.hand:
            self.hand.give_back()
        mine = sa.update(Job).where(
            Job.claim_id == watch.batch.claim_id, Job.id.in_([item.id for item in watch.batch.items])
        )
        words, kind = str(reason), type(reason).__name__
        with suppress(StonehandError), self._database.transaction() as session:
            if isinstance(reason, Cancelled):  # told now: on a machine without a scheduler a lease would have to end
                for item in watch.batch.items:
                    endings.set_aside(session, item.held, State.CANCELLED, words, kind, now(session))
            else:
                session.execute(mine.values(error=words, error_kind=kind))

    def _must_go(self) -> bool:
        if self._told_to_stop is None and self._stopping():
            self._told_to_stop = time.monotonic()
        return self._told_to_stop is not None and time.monotonic() - self._told_to_stop > GRACE

    def _give_back(self) -> None:
        # Whoever stops us ends us soon, which would look like a crash of the job.
        if self.hand:
            self.hand.give_back()
        with self._database.transaction() as session:
            for watch in list(self._watches.values()):
                endings.release(session, [item.held for item in watch.batch.items], now(session))
        os.kill(os.getpid(), signal.SIGKILL)
