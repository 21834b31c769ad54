"""Giving work back: done, failed, put off, or taken from a worker that is gone. Every write names the claim."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from stonehand.db import Session, UtcDateTime, clock, dialect
from stonehand.jobs import dependencies
from stonehand.jobs.held import TABLE, Held, of
from stonehand.jobs.models import Job
from stonehand.jobs.states import State

CRASHES = 3  # a job that has killed this many processes is dead
CRASH_PAUSE = timedelta(seconds=3)  # before a job that may have killed its process is tried again
_P = sa.bindparam


def complete(session: Session, held: Sequence[Held], moment: datetime | None = None) -> set[str]:
    """End these jobs well, and let go on what waited for them.

    Returns the ids that were still ours; the others belong to somebody else now.
    """
    if not held:
        return set()
    whole = {"claim": held[0].claim_id, "ids": [job.id for job in held], "moment": moment}
    ours = set(session.connection().execute(completing(dialect(session)), whole).scalars().all())
    waited_for = [job.id for job in held if job.has_dependents and job.id in ours]
    if waited_for:
        dependencies.met(session, waited_for)
    return ours


@cache
def completing(name: str) -> sa.sql.dml.ReturningUpdate[Any]:
    """PostgreSQL takes the ids as one array, so that it need not read a new statement for each number of them."""
    array = sa.any_(_P("ids", type_=postgresql.ARRAY(sa.String())))
    mine = of.id == array if name == "postgresql" else of.id.in_(_P("ids", expanding=True))
    done: dict[str, Any] = {"state": State.COMPLETED, "finished_at": sa.func.coalesce(_P("moment"), clock())}
    return (
        sa.update(TABLE)
        # the claim is as good as the fence: its id is never given twice
        .where(mine, of.claim_id == _P("claim"), of.state == State.EXECUTING)
        .values(**done, error=None, error_kind=None, lease_until=None, claim_id=None)
        .returning(of.id)
    )


def release(session: Session, held: Iterable[Held], moment: datetime, solo: bool = False) -> set[str]:
    """Give jobs back unharmed. `solo` makes each be claimed alone, so that the one at fault shows itself."""
    return _end(session, held, _waiting(State.AVAILABLE, moment) | {"solo": sa.or_(Job.solo, sa.literal(solo))})


def snooze(
    session: Session, held: Held, until: datetime, reason: str, moment: datetime, gate: str | None = None
) -> bool:
    """Put a job back to wait, without counting a try, until a time or until its gate is opened.

    If that was opened after the job was claimed, perhaps right after it had looked, there is nothing to wait for.
    """
    was_opened = Job.gate == gate if gate else sa.false()
    run_at = sa.case((was_opened, sa.literal(moment, UtcDateTime())), else_=sa.literal(until, UtcDateTime()))
    behind = sa.case((was_opened, sa.null()), else_=sa.literal(gate))
    values = _waiting(State.SCHEDULED, moment) | {"run_at": run_at, "message": reason, "gate": behind}
    return bool(_end(session, [held], values))


def hand_over(
    session: Session, held: Sequence[Held], task: str, version: int, reason: str, moment: datetime
) -> set[str]:
    """Let jobs go on as another task of their queue, ready at once, without counting a try."""
    return _end(
        session, held, _waiting(State.AVAILABLE, moment) | {"task": task, "version": version, "message": reason}
    )


def fail(session: Session, held: Held, error: str, kind: str, moment: datetime, retry_at: datetime | None) -> bool:
    """Record a failed try: wait for the next one, or become a dead letter."""
    said: dict[str, Any] = {
        "tries": held.attempts + 1,
        "words": error,
        "kind": kind,
        "moment": moment,
        "retry_at": retry_at,
    }
    mine = {"job": held.id, "claim": held.claim_id, "its_fence": held.fence}
    statement = _FAIL[retry_at is None]
    return session.connection().execute(statement, said | mine).first() is not None


def _failing(is_last: bool) -> sa.sql.dml.ReturningUpdate[Any]:
    stopped, moment = of.cancel_requested_at.is_not(None), _P("moment", type_=UtcDateTime())
    again = {
        "state": sa.case((stopped, State.CANCELLED), else_=State.RETRYABLE),
        "finished_at": sa.case((stopped, moment), else_=sa.null()),
        "run_at": _P("retry_at"),
    }
    over = {"state": State.DISCARDED, "finished_at": moment}
    said: dict[str, Any] = {"attempts": _P("tries"), "error": _P("words"), "error_kind": _P("kind")}
    return (
        sa.update(TABLE)
        .where(of.id == _P("job"), of.claim_id == _P("claim"), of.fence <= _P("its_fence"))
        .where(of.state == State.EXECUTING)
        .values(lease_until=None, claim_id=None, **said, **(over if is_last else again))
        .returning(of.id)
    )


_FAIL = {is_last: _failing(is_last) for is_last in (True, False)}


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
            gate=None,
            error_kind=sa.func.coalesce(Job.error_kind, "Crashed"),
            error=sa.func.coalesce(Job.error, "the worker died while it held this job"),
        )
        .execution_options(synchronize_session=False)
    )
    return int(session.execute(statement).rowcount) == 1  # type: ignore[attr-defined]
