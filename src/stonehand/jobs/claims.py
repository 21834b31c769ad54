"""Claiming work, holding it under a lease, and giving it back. Every write names the claim, so a zombie writes nothing.

All functions take the moment from outside, so that a test can run them under a virtual clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from stonehand.db import Session, new_id
from stonehand.jobs.models import Job, Pause
from stonehand.jobs.states import State

CRASHES = 3  # a job that has killed this many processes is dead
CRASH_PAUSE = timedelta(seconds=3)  # before a job that may have killed its process is tried again


@dataclass(frozen=True)
class Held:
    """A job in a worker's hands. `fence` has risen with every claim; `claim_id` is shared by one attempt's jobs."""

    id: str
    task: str
    args: dict[str, Any]
    fence: int
    claim_id: str
    attempts: int
    max_retries: int
    solo: bool


def claim(
    session: Session, queue: str, worker: str, batches: Mapping[str, int], moment: datetime, lease: timedelta
) -> list[Held]:
    """Take the next ready jobs of `queue`: the first by priority and age, and as many of its task as one attempt holds.

    `batches` names the tasks this worker knows, and how many jobs an attempt of each may hold.
    """
    head = _head(session, queue, batches)
    if head is None:
        return []
    ready = _ready(queue).where(Job.task == head.task)
    mates = ready.where(Job.id == head.id) if head.solo else ready.where(Job.solo.is_(False))
    # A CTE, since PostgreSQL may run a plain subquery more than once, and so claim more than the limit.
    chosen = mates.limit(batches[head.task]).with_for_update(skip_locked=True).cte("chosen")
    claim_id = new_id()
    statement = (
        sa.update(Job)
        .where(Job.id.in_(sa.select(chosen.c.id)), Job.state == State.AVAILABLE)
        .values(
            state=State.EXECUTING,
            fence=Job.fence + 1,
            claim_id=claim_id,
            worker=worker,
            lease_until=moment + lease,
            started_at=moment,
            message=None,
            error=None,
            error_kind=None,
        )
        .returning(Job.id, Job.task, Job.args, Job.fence, Job.claim_id, Job.attempts, Job.max_retries, Job.solo)
        .execution_options(synchronize_session=False)
    )
    held = sorted((Held(*row) for row in session.execute(statement)), key=lambda job: job.id)
    session.execute(_of_claim(claim_id).values(claim_size=len(held)))
    return held


def _ready(queue: str) -> sa.Select[str]:
    return (
        sa.select(Job.id)
        .where(Job.queue == queue, Job.state == State.AVAILABLE)
        .order_by(sa.desc(Job.priority), Job.id)
    )


def _head(session: Session, queue: str, batches: Mapping[str, int]) -> Any:
    paused = sa.select(sa.literal(1)).where(
        Pause.target.in_([sa.literal("queue:") + Job.queue, sa.literal("task:") + Job.task])
    )
    statement = (
        _ready(queue).add_columns(Job.task, Job.solo).where(Job.task.in_(list(batches)), ~paused.exists()).limit(1)
    )
    return session.execute(statement).first()


def _of_claim(claim_id: str) -> sa.Update:
    return (
        sa.update(Job)
        .where(Job.claim_id == claim_id, Job.state == State.EXECUTING)
        .execution_options(synchronize_session=False)
    )


def heartbeat(session: Session, claim_id: str, until: datetime) -> int:
    """Extend the lease of a claim. Returns how many of its jobs are still ours."""
    return _count(session, _of_claim(claim_id).values(lease_until=until))


def complete(session: Session, held: Iterable[Held], moment: datetime) -> set[str]:
    """End these jobs well. Returns the ids that were still ours; the others belong to somebody else now."""
    return _end(session, held, {"state": State.COMPLETED, "finished_at": moment, "error": None, "error_kind": None})


def release(session: Session, held: Iterable[Held], moment: datetime, solo: bool = False) -> set[str]:
    """Give jobs back unharmed. `solo` makes each be claimed alone, so that the one at fault shows itself."""
    return _end(session, held, _waiting(State.AVAILABLE, moment) | {"solo": sa.or_(Job.solo, sa.literal(solo))})


def snooze(session: Session, held: Held, until: datetime, reason: str, moment: datetime) -> bool:
    """Put a job back to wait, without counting a try."""
    values = _waiting(State.SCHEDULED, moment) | {"run_at": until, "message": reason}
    return bool(_end(session, [held], values))


def fail(session: Session, held: Held, error: str, kind: str, moment: datetime, retry_at: datetime | None) -> bool:
    """Record a failed try: wait for the next one, or become a dead letter."""
    values: dict[str, Any] = {"attempts": held.attempts + 1, "error": error, "error_kind": kind}
    if retry_at is None:
        values |= {"state": State.DISCARDED, "finished_at": moment}
    else:
        values |= _waiting(State.RETRYABLE, moment) | {"run_at": retry_at}
    return bool(_end(session, [held], values))


def set_aside(session: Session, held: Held, state: State, error: str, kind: str, moment: datetime) -> bool:
    """End a job as cancelled, discarded or needs_reconcile."""
    return bool(_end(session, [held], {"state": state, "error": error, "error_kind": kind, "finished_at": moment}))


def _waiting(state: State, moment: datetime) -> dict[str, Any]:
    """Values that put a job back to wait, unless somebody has asked meanwhile for it to stop."""
    stopped = Job.cancel_requested_at.is_not(None)
    return {
        "state": sa.case((stopped, State.CANCELLED), else_=state),
        "finished_at": sa.case((stopped, moment), else_=sa.null()),
    }


def _end(session: Session, held: Iterable[Held], values: dict[str, Any]) -> set[str]:
    fences = {job.id: job.fence for job in held}
    claim_ids = {job.claim_id for job in held}
    if not fences:
        return set()
    statement = (
        sa.update(Job)
        .where(
            Job.id.in_(list(fences)),
            Job.claim_id.in_(claim_ids),  # as good as the fence: a claim id is never given twice
            Job.fence <= max(fences.values()),
            Job.state == State.EXECUTING,
        )
        .values(lease_until=None, claim_id=None, **values)
        .returning(Job.id)
        .execution_options(synchronize_session=False)
    )
    return set(session.scalars(statement))


def expire(
    session: Session, job_id: str, fence: int, moment: datetime, blame: bool = True, crashes: int = CRASHES
) -> bool:
    """Take a job from a worker that is gone, if it still held it at `fence`.

    With `blame`, its process died or froze over its work: it runs alone from now on, a little later each time, and
    after `crashes` of them alone it is dead. In a batch nobody knows whose fault it was, so nobody's crash is counted.
    """
    alone = sa.and_(Job.claim_size <= 1, sa.literal(blame))
    dying = sa.and_(alone, Job.crash_count + 1 >= crashes)
    later, stopped = moment + CRASH_PAUSE, Job.cancel_requested_at.is_not(None)
    statement = (
        sa.update(Job)
        .where(Job.id == job_id, Job.fence == fence, Job.state == State.EXECUTING)
        .values(
            state=sa.case(
                (stopped, State.CANCELLED), (dying, State.DISCARDED), (alone, State.SCHEDULED), else_=State.AVAILABLE
            ),
            run_at=sa.case((alone, later), else_=Job.run_at),
            crash_count=Job.crash_count + sa.case((alone, 1), else_=0),
            finished_at=sa.case((sa.or_(stopped, dying), moment), else_=sa.null()),
            solo=sa.or_(Job.solo, sa.literal(blame)),
            lease_until=None,
            claim_id=None,
            error_kind=sa.func.coalesce(Job.error_kind, "Crashed"),
            error=sa.func.coalesce(Job.error, "the worker died while it held this job"),
        )
        .execution_options(synchronize_session=False)
    )
    return _count(session, statement) == 1


def _count(session: Session, statement: sa.Update) -> int:
    result = session.execute(statement)
    return int(result.rowcount)  # type: ignore[attr-defined]
