"""Claim, run, settle: what a worker process does from the moment a doorbell rings."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any

from stonehand import log, tracing
from stonehand.db import Database, DatabaseAway, Session, now
from stonehand.errors import Rejected, StonehandError
from stonehand.jobs import claims, declaration, endings, history, logs, outbox, queries, retries
from stonehand.jobs.attempts import Attempt, Batch, Item
from stonehand.jobs.broker import answers, doorbells
from stonehand.jobs.declaration import Body, Task
from stonehand.jobs.errors import Cancelled, HandedOver, LeaseLost, OutcomeUnknown, Snooze
from stonehand.jobs.held import Held, Portion
from stonehand.jobs.limits import lanes
from stonehand.jobs.states import State
from stonehand.jobs.worker import interruption
from stonehand.jobs.worker.hands import Hand, Paces
from stonehand.jobs.worker.heartbeat import Heartbeat
from stonehand.jobs.worker.waiting import Waiting
from stonehand.limits.errors import NotYet

LEISURE = 10.0  # seconds without more than single jobs
SLICE = 5.0  # seconds a queue may keep a process while others wait
SETTLE_TRIES = 6
GLANCE = 0.2  # seconds between two looks for other work while attempts wait


@dataclass(frozen=True)
class _Claimed:
    held: list[Held]
    more: bool
    """Whether the queue has more that is ready."""


class PayloadUnusable(Rejected):
    """The job's arguments do not fit its task."""


class Runner:
    """Runs the jobs of one process."""

    def __init__(
        self,
        database: Database,
        worker: str,
        lease: timedelta,
        stopping: Callable[[], bool] = lambda: False,
        at_rest: Callable[[], None] = lambda: None,
        queues: Sequence[str] = (),
        waiting: int = 0,
    ) -> None:
        """`queues` are those it looks into while up to `waiting` attempts wait for strangers."""
        self._database = database
        self._worker = worker
        self._lease = lease
        self._stopping = stopping
        self._heartbeat = Heartbeat(database, lease, at_rest, stopping)
        self._worked_at = time.monotonic()
        self._paces = Paces()
        self._queues = queues
        self._waiting = Waiting(waiting)

    def is_at_leisure(self) -> bool:
        """Whether this process has done nothing but single, short jobs for a while."""
        return time.monotonic() - self._worked_at > LEISURE

    def close(self) -> None:
        """It runs nothing any more."""
        self._heartbeat.end()

    def rehearse(self) -> None:
        """Get ready for the first job: connect, and prepare the statements that every claim needs."""
        portions = {task.name: self._portion(task) for task in declaration.of_queue(self._queues[0])}
        try:
            with self._database.transaction(durable=False) as session:
                claims.rehearse(session, self._worker, portions)
        except StonehandError as error:
            log.logger(__name__).warning("cannot get ready", error=str(error))

    def drain(self, queue: str) -> int:
        """Run what is ready in `queue`, for a slice of time. Returns the number of jobs it ran.

        Attempts that wait for strangers do so beside other work. Until they have ended, this process stays and serves
        every queue that has something ready: no bell can reach it meanwhile.
        """
        ended = self._waiting.ended
        ran = self._serve(queue)
        while self._waiting.is_busy or self._waiting.ended > ended:  # where all places were taken, work may be left
            self._waiting.pause(GLANCE)
            ended = self._waiting.ended
            ran += sum(map(self._serve, self._with_work(queue)))
        return ran

    def _with_work(self, queue: str) -> list[str]:
        if self._stopping():
            return []
        try:
            with self._database.read() as session:
                return queries.with_ready(session, self._queues or [queue])
        except StonehandError as error:
            log.logger(__name__).warning("cannot look for other work", error=str(error))
            return []

    def _serve(self, queue: str) -> int:
        began, ran = time.monotonic(), 0
        claimed = self._claim(queue, answering=True)
        if claimed.more:
            doorbells.ring([queue])  # wake another process, which will do the same
        while claimed.held:
            ran += self._run_hand(claimed.held)
            if time.monotonic() > began + SLICE or self._stopping():
                doorbells.ring([queue])
                break
            claimed = self._claim(queue)
        if ran > 1 or time.monotonic() - began > 1.0:
            self._worked_at = time.monotonic()
        return ran

    def _claim(self, queue: str, answering: bool = False) -> _Claimed:
        open_now = (task for task in declaration.of_queue(queue) if not (task.waits and self._waiting.is_full))
        portions = {task.name: self._portion(task) for task in open_now}
        with self._database.transaction(durable=False) as session:
            held = claims.claim(session, queue, self._worker, portions, None, self._lease)
            left = answering and doorbells.answer(session, queue, held[0].turn if held else 0)
            more = left and bool(held) and len(held) >= portions[held[0].task].size
        return _Claimed(held, more)

    def _portion(self, task: Task) -> Portion:
        if task.is_batch:
            return Portion(task.batch, task.version, is_batch=True, lane=task.lane)
        return Portion(self._paces.hand(task.name), task.version, lane=task.lane)

    def _run_hand(self, held: list[Held]) -> int:
        """Run what was claimed at once: a batch as one attempt, short jobs one after the other."""
        task = declaration.find(held[0].task)
        if (
            task.waits and self._waiting.is_used and not held[0].solo
        ):  # what may be dangerous runs with nobody beside it
            self._waiting.begin(partial(self.run, held))
            return len(held)
        if task.is_batch:
            self.run(held)
            return len(held)
        hand = Hand(self._database, task.queue, held)
        self._heartbeat.hand = hand
        for job in hand:
            with self._paces.measured(task.name):
                self.run([job])
            if self._stopping():
                hand.give_back()
        return hand.taken

    def run(self, held: list[Held]) -> None:
        """Run one attempt at these jobs, which are of one task, and settle each, whatever the body raises."""
        task = declaration.find(held[0].task)
        batch = (Batch if task.is_batch else Attempt)(self._database, held, self._lease)
        self._heartbeat.hold(batch, task.hard_limit)
        with log.kept(logs.MOST) as lines:
            try:
                self._call(task, batch)
            finally:
                self._heartbeat.drop(batch)
                said = list(lines)
                self._settle(batch)
                if any(job.answers_celery for job in held):
                    answers.give(self._database, [job.id for job in held])
                logs.keep(self._database, held, said)
                if task.lane:
                    self._free(held, task.lane)

    def _free(self, held: Sequence[Held], by: str) -> None:
        """Let the next ones of these lanes begin; if that fails they do so a little later."""
        try:
            with self._database.transaction(durable=False) as session:
                for lane in {lanes.of(job.task, job.args, by) for job in held}:
                    lanes.go_on(session, lane)
        except StonehandError as error:
            log.logger(__name__).warning("cannot free a lane", error=str(error))

    def _call(self, task: Task, batch: Batch) -> None:
        first = batch.items[0].held
        try:
            with _marked(task, first), outbox.caused_by(first.id), _traced(task, batch, first.trace):
                arguments = {} if task.is_batch else _fitting(task, first.args)
                with interruption.limited(task.soft_limit):
                    task.body(batch, **arguments)
        except BaseException as error:  # whatever it is, sys.exit() too, it is this job's, and the worker goes on
            self._blame(batch, interruption.reason(error))
            if isinstance(error, KeyboardInterrupt):
                raise

    def _blame(self, batch: Batch, error: BaseException) -> None:
        suspects = [item for item in batch.remaining if not item.ended]
        for item in suspects:
            # In a batch nobody knows whose fault it was: each goes on alone, and the one at fault shows itself.
            item.fail(error if len(suspects) == 1 else Snooze(0, "runs again alone after its batch failed"))
            item.alone = len(suspects) > 1

    def _settle(self, batch: Batch) -> None:
        if all(item.ended for item in batch.items):
            return
        for number in range(SETTLE_TRIES):
            try:
                with self._database.transaction() as session:
                    self._settle_in(session, batch)
                return
            except StonehandError as error:
                log.logger(__name__).warning("cannot settle yet", error=str(error))
                time.sleep(0.5 * 2**number)

    def _settle_in(self, session: Session, batch: Batch) -> None:
        open_ones = [item for item in batch.items if not item.ended]
        endings.complete(session, [item.held for item in open_ones if item.error is None])
        self._hand_over(session, open_ones)
        rest = [
            (item, item.error)
            for item in open_ones
            if item.error is not None and not isinstance(item.error, HandedOver)
        ]
        if rest:
            ending = _Ending(session, now(session), history.starts(session, [item.held.id for item, _ in rest]))
            for item, error in rest:
                self._settle_item(ending, item, error)

    def _hand_over(self, session: Session, items: Sequence[Item]) -> None:
        handed: dict[str, list[Item]] = {}
        for item in items:
            if isinstance(item.error, HandedOver):
                handed.setdefault(item.error.task, []).append(item)
        for task, some in handed.items():
            version = declaration.find(task).version
            endings.hand_over(session, [item.held for item in some], task, version, str(some[0].error), now(session))

    def _settle_item(self, ending: _Ending, item: Item, error: BaseException) -> None:
        session, moment, held = ending.session, ending.moment, item.held
        if isinstance(error, LeaseLost):
            return
        if isinstance(error, Snooze) and item.alone:
            endings.release(session, [held], moment, solo=True)
        elif isinstance(error, Snooze):
            ending.snooze(held, error.seconds, error.reason, error.gate)
        elif isinstance(error, NotYet):
            ending.snooze(held, error.retry_after or 0.0, str(error), error.gate)
        elif isinstance(error, DatabaseAway):  # not the job's fault, so no try is counted
            ending.snooze(held, error.retry_after or 0.0, history.describe(error))
        elif isinstance(error, Cancelled):
            endings.set_aside(session, held, State.CANCELLED, history.describe(error), "Cancelled", moment)
        elif isinstance(error, OutcomeUnknown):
            endings.set_aside(session, held, State.NEEDS_RECONCILE, str(error), error.kind, moment)
        else:
            ending.fail(held, error, self._worker)


@dataclass(frozen=True)
class _Ending:
    """One transaction in which the jobs of an attempt end, at one moment; when each of them began."""

    session: Session
    moment: datetime
    starts: Mapping[str, datetime]

    def snooze(self, held: Held, seconds: float, reason: str, gate: str | None = None) -> None:
        until = self.moment + timedelta(seconds=seconds)
        endings.snooze(self.session, held, until, str(log.redact(reason)), self.moment, gate)

    def fail(self, held: Held, error: BaseException, worker: str) -> None:
        verdict, words = retries.judge(error, held.attempts + 1, held.max_retries), history.describe(error)
        retry_at = None if verdict.delay is None else self.moment + timedelta(seconds=verdict.delay)
        if endings.fail(self.session, held, words, type(error).__name__, self.moment, retry_at):
            outcome = "discarded" if retry_at is None else "failed"
            tried = history.Tried(held, worker, self.starts.get(held.id), self.moment)
            history.remember(self.session, tried, outcome, error)
            log.logger(__name__).warning("job failed", job=held.id, task=held.task, error=words, outcome=outcome)


def _marked(task: Task, job: Held) -> AbstractContextManager[None]:
    """What every line that is logged inside carries. The trace is the second part of a `traceparent`."""
    trace = tracing.trace_of(job.trace)
    return log.bound(task=task.name, job=job.id, attempt=job.attempts + 1, fence=job.fence, trace=trace)


def _traced(task: Task, batch: Batch, parent: str | None) -> AbstractContextManager[tracing.Spot]:
    return tracing.span(task.name, "consumer", parent, queue=task.queue, jobs=len(batch.items))


def _fitting(task: Task, args: dict[str, Any]) -> dict[str, Any]:
    try:
        _signature(task.body).bind(None, **args)
    except TypeError as error:
        raise PayloadUnusable(f"{task.name} cannot take these arguments: {error}") from error
    return args


@cache
def _signature(body: Body) -> inspect.Signature:
    return inspect.signature(body)
