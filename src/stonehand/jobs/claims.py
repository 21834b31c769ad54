"""Claiming work, holding it under a lease, and giving it back. Every write names the claim, so a zombie writes nothing.

All functions take the moment from outside, so that a test can run them under a virtual clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from stonehand.db import Session, UtcDateTime, clock, dialect, new_id, now
from stonehand.jobs import dependencies
from stonehand.jobs.limits import lanes, limiting
from stonehand.jobs.limits.limiting import Standing
from stonehand.jobs.models import Job, Pause, TaskLimit
from stonehand.jobs.states import State

CRASHES = 3  # a job that has killed this many processes is dead
PAUSED_FOR = timedelta(minutes=10)  # between two looks whether the owner of a job is still paused
ROUNDS = 20  # of putting aside what belongs to paused owners, in one transaction
CRASH_PAUSE = timedelta(seconds=3)  # before a job that may have killed its process is tried again


@dataclass(frozen=True)
class Portion:
    """How many jobs of a task a worker wants at once, the latest version of their arguments that it knows, and the
    argument that is their lane."""

    size: int = 1
    version: int = 1
    is_batch: bool = False
    lane: str | None = None


Portions = Mapping[str, Portion]
FREE = Standing()
NOWHERE = ""  # no queue, task or job has this name


@dataclass(frozen=True)
class Held:
    """A job in a worker's hands. Its `fence` rises with every claim; what was claimed at once shares a `claim_id`."""

    id: str
    task: str
    args: dict[str, Any]
    fence: int
    claim_id: str
    attempts: int
    max_retries: int
    solo: bool
    priority: int = 5
    fair_key: str = ""
    turn: int = 0
    has_dependents: bool = False
    answers_celery: bool = False
    trace: str | None = None


# Statements that run for every job are built once, of the table alone: building one anew costs more than running it.
_jobs = cast(sa.Table, Job.__table__)
_of = _jobs.c
_P = sa.bindparam

_HELD = (
    *(_of.id, _of.task, _of.args, _of.fence, _of.claim_id, _of.attempts, _of.max_retries, _of.solo),
    *(_of.priority, _of.fair_key, _of.turn, _of.has_dependents, _of.answers_celery, _of.trace),
)


def claim(
    session: Session, queue: str, worker: str, portions: Portions, moment: datetime | None, lease: timedelta
) -> list[Held]:
    """Take the next ready jobs of `queue`: the first by priority and turn, and as many of its task as are wanted.

    `portions` names the tasks this worker may run now, and how many jobs of each it wants. What is paused or at its
    limit is not taken. Without a `moment` it is now, by the database's clock.
    """
    head = _head(session, queue, portions)
    if head is None:
        return []
    moment = moment or head.moment
    standing = FREE
    if head.has_orders:
        standing = limiting.standing(session, queue, list(portions), moment)
        portions = {name: portions[name] for name in portions if name not in standing.closed}
        head = _head(session, queue, portions)
    values = {"the_queue": queue, "the_worker": worker, "moment": moment, "until": moment + lease}
    for _ in range(ROUNDS):
        held = _take(session, head, portions, standing, values) if head else []
        free = [job for job in held if not _put_aside(session, job, standing, moment, portions[job.task].lane)]
        if free or not held:
            return free
        head = _head(session, queue, portions)
    return []


def _put_aside(session: Session, job: Held, standing: Standing, moment: datetime, by: str | None) -> bool:
    """Whether the job's owner is paused, or its lane is taken; it then waits until its owner or the lane goes on."""
    lane = lanes.of(job.task, job.args, by) if by else None
    if job.fair_key in standing.paused:
        snooze(session, job, moment + PAUSED_FOR, f"{job.fair_key} is paused", moment, gate=job.fair_key)
        if lane:
            lanes.go_on(session, lane)
        return True
    if lane is None or not lanes.is_taken(session, lane, job.claim_id):
        return False
    snooze(session, job, moment + lanes.AGAIN, lanes.WORDS, moment, gate=lane.gate)
    lanes.line_up(session, lane, moment)
    return True


def _take(session: Session, head: Any, portions: Portions, standing: Standing, values: Mapping[str, Any]) -> list[Held]:
    portion = portions[head.task]
    size = 1 if head.task in standing.rated and not portion.is_batch else portion.size
    wish = {"the_task": head.task, "the_version": portion.version, "size": size, "claim": new_id()}
    wish |= {"head": head.id} if head.solo else {}
    rows = session.connection().execute(_TAKE[head.solo], {**values, **wish}).all()  # one by one they take longer
    held = sorted((Held(*row) for row in rows), key=lambda job: (-job.priority, job.turn, job.id))
    limits = sorted({head.task, limiting.of_queue(values["the_queue"])} & standing.limited)
    if held and not all(limiting.count(session, name, values["moment"]) for name in limits):
        release(session, held, values["moment"])  # another worker took the last place meanwhile
        return []
    return held


def _ready(queue: Any, task: Any, version: Any) -> sa.Select[str]:
    return (
        sa.select(_of.id)
        .where(_of.queue == queue, _of.task == task, _of.state == State.AVAILABLE, _of.version <= version)
        .order_by(sa.desc(_of.priority), _of.turn, _of.id)
    )


def _taking(alone: bool) -> sa.sql.dml.ReturningUpdate[Any]:
    ready = _ready(_P("the_queue"), _P("the_task"), _P("the_version"))
    mates = ready.where(_of.id == _P("head")) if alone else ready.where(_of.solo.is_(False))
    # A CTE, since PostgreSQL may run a plain subquery more than once, and so claim more than the limit.
    chosen = mates.limit(_P("size")).with_for_update(skip_locked=True, key_share=True).cte("chosen")
    return (
        sa.update(_jobs)
        .where(_of.id.in_(sa.select(chosen.c.id)))  # by id alone, or PostgreSQL may walk through all that is available
        .values(
            state=State.EXECUTING,
            fence=_of.fence + 1,
            claim_id=_P("claim"),
            claim_size=sa.select(sa.func.count()).select_from(chosen).scalar_subquery(),
            worker=_P("the_worker"),
            lease_until=_P("until"),
            started_at=_P("moment"),
            message=None,
            gate=None,
            error=None,
            error_kind=None,
        )
        .returning(*_HELD)
    )


_TAKE = {alone: _taking(alone) for alone in (True, False)}


def _head(session: Session, queue: str, portions: Portions) -> Any:
    """The first job by priority and turn: the best of the first of each task, each found by one step into an index.

    So it costs the same whatever waits behind, and a flood of a task that is paused is never walked through. It also
    says whether anything at all is paused or limited.
    """
    if not portions:
        return None
    names = {f"task_{number}": name for number, name in enumerate(portions)}
    versions = {f"version_{number}": portion.version for number, portion in enumerate(portions.values())}
    return session.connection().execute(_heads(len(portions)), names | versions | {"the_queue": queue}).first()


@cache
def _heads(count: int) -> sa.Select[Any]:
    tasks = sa.union_all(
        *(
            sa.select(
                _P(f"task_{number}", type_=sa.String()).label("task"),
                _P(f"version_{number}", type_=sa.Integer()).label("version"),
            )
            for number in range(count)
        )
    ).subquery("tasks")
    first = _ready(_P("the_queue"), tasks.c.task, tasks.c.version).limit(1).correlate(tasks).scalar_subquery()
    heads = sa.select(first.label("id")).select_from(tasks).subquery("heads")
    orders = sa.or_(sa.exists().select_from(Pause.__table__), sa.exists().select_from(TaskLimit.__table__))
    return (
        sa.select(_of.id, _of.task, _of.solo, orders.label("has_orders"), clock().label("moment"))
        .join(heads, heads.c.id == _of.id)
        .order_by(sa.desc(_of.priority), _of.turn, _of.id)
        .limit(1)
    )


def _of_claim(claim_id: str) -> sa.Update:
    return (
        sa.update(Job)
        .where(Job.claim_id == claim_id, Job.state == State.EXECUTING)
        .execution_options(synchronize_session=False)
    )


def heartbeat(session: Session, held: Sequence[Held], until: Any) -> int:
    """Extend the lease of jobs of one claim. Returns how many of them are still ours."""
    mine = _of_claim(held[0].claim_id).where(Job.id.in_([job.id for job in held]))
    return _count(session, mine.values(lease_until=until))


def complete(session: Session, held: Sequence[Held], moment: datetime | None = None) -> set[str]:
    """End these jobs well, and let go on what waited for them.

    Returns the ids that were still ours; the others belong to somebody else now.
    """
    if not held:
        return set()
    whole = {"claim": held[0].claim_id, "ids": [job.id for job in held], "moment": moment}
    ours = set(session.connection().execute(_completing(dialect(session)), whole).scalars().all())
    waited_for = [job.id for job in held if job.has_dependents and job.id in ours]
    if waited_for:
        dependencies.met(session, waited_for)
    return ours


@cache
def _completing(name: str) -> sa.sql.dml.ReturningUpdate[Any]:
    """PostgreSQL takes the ids as one array, so that it need not read a new statement for each number of them."""
    array = sa.any_(_P("ids", type_=postgresql.ARRAY(sa.String())))
    mine = _of.id == array if name == "postgresql" else _of.id.in_(_P("ids", expanding=True))
    done: dict[str, Any] = {"state": State.COMPLETED, "finished_at": sa.func.coalesce(_P("moment"), clock())}
    return (
        sa.update(_jobs)
        # the claim is as good as the fence: its id is never given twice
        .where(mine, _of.claim_id == _P("claim"), _of.state == State.EXECUTING)
        .values(**done, error=None, error_kind=None, lease_until=None, claim_id=None)
        .returning(_of.id)
    )


def rehearse(session: Session, worker: str, portions: Portions) -> None:
    """Run the statements of every claim once, about nothing, so that the first job of a process waits for none of them:
    to connect, and to build and prepare a statement, takes longer than to run it a hundred times.
    """
    _head(session, NOWHERE, portions)
    moment = now(session)
    nothing = {"the_queue": NOWHERE, "the_task": NOWHERE, "the_version": 0, "size": 0, "claim": new_id()}
    session.connection().execute(_TAKE[False], nothing | {"the_worker": worker, "moment": moment, "until": moment})
    session.connection().execute(_completing(dialect(session)), {"claim": new_id(), "ids": [NOWHERE], "moment": None})


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
    stopped, moment = _of.cancel_requested_at.is_not(None), _P("moment", type_=UtcDateTime())
    again = {
        "state": sa.case((stopped, State.CANCELLED), else_=State.RETRYABLE),
        "finished_at": sa.case((stopped, moment), else_=sa.null()),
        "run_at": _P("retry_at"),
    }
    over = {"state": State.DISCARDED, "finished_at": moment}
    said: dict[str, Any] = {"attempts": _P("tries"), "error": _P("words"), "error_kind": _P("kind")}
    return (
        sa.update(_jobs)
        .where(_of.id == _P("job"), _of.claim_id == _P("claim"), _of.fence <= _P("its_fence"))
        .where(_of.state == State.EXECUTING)
        .values(lease_until=None, claim_id=None, **said, **(over if is_last else again))
        .returning(_of.id)
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
    return _count(session, statement) == 1


def _count(session: Session, statement: sa.Update) -> int:
    result = session.execute(statement)
    return int(result.rowcount)  # type: ignore[attr-defined]
