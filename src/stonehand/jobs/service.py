"""An operator's verbs: cancel, retry, pause, resume."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

import sqlalchemy as sa

from stonehand import formerly
from stonehand.db import Session, insert, now
from stonehand.errors import Rejected
from stonehand.jobs import queries
from stonehand.jobs.declaration import QUEUES, find
from stonehand.jobs.errors import JobBusy
from stonehand.jobs.models import Job, Pause
from stonehand.jobs.outbox import ring_after_commit
from stonehand.jobs.states import UNFINISHED, WAITING, State
from stonehand.limits import breakers, circuits, names

LONGEST_TARGET = 120
PAUSABLE = ("queue", "task", "source", "agent", "process")
REPLAYABLE = (State.RETRYABLE, State.DISCARDED, State.CANCELLED, State.NEEDS_RECONCILE)

_ANEW = {
    "state": sa.case((Job.needs > 0, State.BLOCKED), else_=State.AVAILABLE),
    "attempts": 0,
    "crash_count": 0,
    "finished_at": None,
    "cancel_requested_at": None,
    "gate": None,
    "fingerprint": None,
    "answers_celery": sa.or_(Job.celery_id.is_not(None), Job.called_as.is_not(None)),
}


class QueueUnknown(Rejected):
    """There is no queue of this name."""


def cancel(session: Session, job_id: str) -> Job:
    """Stop a job: at once if it waits, between two items if it runs. Raises `JobBusy` if it has ended."""
    moment, job_id = now(session), queries.job(session, job_id).id
    waiting = sa.update(Job).where(Job.id == job_id, Job.state.in_(WAITING))
    session.execute(waiting.values(state=State.CANCELLED, finished_at=moment, cancel_requested_at=moment))
    running = sa.update(Job).where(Job.id == job_id, Job.state == State.EXECUTING)
    session.execute(running.values(cancel_requested_at=moment))
    job = _fresh(session, job_id)
    if job.cancel_requested_at is None:
        raise JobBusy(f"job {job_id} has ended already: it is {job.state}")
    return job


def retry(session: Session, job_id: str) -> Job:
    """Run a failed, dead or cancelled job again, now, with all its tries. Raises `JobBusy` if it waits or runs."""
    job = queries.job(session, job_id)
    job_id = job.id
    _refuse_twin(session, job)
    statement = (
        sa.update(Job)
        .where(Job.id == job_id, Job.state.in_(REPLAYABLE))
        .values(run_at=now(session), **_ANEW)
        .returning(Job.queue)
    )
    try:
        with session.begin_nested():
            queue = session.scalar(statement)
    except sa.exc.IntegrityError:
        raise JobBusy(f"another job already does the same work as {job_id}") from None
    job = _fresh(session, job_id)
    if queue is None:
        raise JobBusy(f"job {job_id} is {job.state}; only a failed, dead or cancelled job can be run again")
    ring_after_commit(session, queue)
    return job


def retry_these(session: Session, ids: Sequence[str]) -> int:
    """Run these again of which nobody doubts whether they happened. Returns how many."""
    surely = (State.RETRYABLE, State.DISCARDED, State.CANCELLED)
    statement = sa.update(Job).where(Job.id.in_(ids), Job.state.in_(surely))
    anew = statement.values(run_at=now(session), **_ANEW).execution_options(synchronize_session=False)
    queues = session.scalars(anew.returning(Job.queue)).all()
    for queue in set(queues):
        ring_after_commit(session, queue)
    return len(queues)


def reconciled(session: Session, unique_key: str, words: str) -> None:
    """A person has said what became of this work: its job needs nobody any more."""
    stopped = sa.update(Job).where(Job.unique_key == unique_key, Job.state == State.NEEDS_RECONCILE)
    session.execute(stopped.values(state=State.CANCELLED, finished_at=now(session), message=words))


def _refuse_twin(session: Session, job: Job) -> None:
    if job.unique_key is None:
        return
    twin = sa.select(Job.id).where(Job.unique_key == job.unique_key, Job.state.in_(UNFINISHED), Job.id != job.id)
    other = session.scalar(twin.limit(1))
    if other:
        raise JobBusy(f"job {other} already does the same work as {job.id}")


def _fresh(session: Session, job_id: str) -> Job:
    session.expire_all()
    return queries.job(session, job_id)


def open_gate(session: Session, gate: str) -> int:
    """Wake at once what was put back until this gate opens. Returns how many.

    What runs now may have seen it shut, and be about to wait for it: its row is told, and `endings.snooze` looks there.
    A row that somebody writes in this moment is passed over, since its writer may wait for what we hold.
    """
    running = sa.select(Job.id).where(Job.state == State.EXECUTING).with_for_update(skip_locked=True, key_share=True)
    session.execute(sa.update(Job).where(Job.id.in_(running)).values(gate=gate))
    waiting = sa.update(Job).where(Job.gate == gate, Job.state == State.SCHEDULED)
    return len(session.scalars(waiting.values(run_at=now(session), gate=None).returning(Job.id)).all())


def pause(session: Session, target: str, by: str) -> str:
    """Stop handing out jobs of `queue:NAME`, `task:NAME` or an owner such as `source:ID`; or asking `host:NAME`,
    `provider:NAME` or `channel:ID`. What runs goes on. Returns the target's full name.
    """
    if target.partition(":")[0] in names.KINDS:
        return _hold(session, names.named(target), by)
    target = ":".join(_check_target(target))
    row = insert(session, Pause).values(target=target, by=by, since=now(session))
    session.execute(row.on_conflict_do_nothing())
    return target


def _hold(session: Session, name: str, by: str) -> str:
    breakers.hold(session, name, by)
    circuits.forget_soon(session, name)
    return name


def resume(session: Session, target: str) -> str:
    """Hand them out, or ask it, again. Returns the target's full name."""
    if target.partition(":")[0] in names.KINDS:
        return reset(session, names.named(target))
    kind, name = _check_target(target)
    target = f"{kind}:{name}"
    session.execute(sa.delete(Pause).where(Pause.target == target))
    open_gate(session, target)
    if kind in ("queue", "task"):
        ring_after_commit(session, name if kind == "queue" else find(name).queue)
    return target


def reset(session: Session, breaker: str) -> str:
    """Close a breaker, whoever holds it and whatever failed, and wake what waits for it. Returns its name."""
    breakers.reset(session, breaker)
    circuits.forget_soon(session, breaker)
    open_gate(session, breaker)
    return breaker


def check_queue(name: str) -> str:
    """The queue of this name, which may be an old one; an unknown queue is an error, never a silent, empty worker."""
    if name not in QUEUES and name not in formerly.QUEUES:
        near = get_close_matches(name, [*QUEUES, *formerly.QUEUES], n=1)
        hint = f"did you mean {near[0]}?" if near else f"the queues are {', '.join(QUEUES)}"
        raise QueueUnknown(f"there is no queue {name!r}; {formerly.NO_QUEUES.get(name, hint)}")
    return formerly.QUEUES.get(name, name)


def _check_target(target: str) -> tuple[str, str]:
    kind, _, name = target.partition(":")
    if kind not in PAUSABLE or not name or len(target) > LONGEST_TARGET:
        kinds = ", ".join(f"{each}:NAME" for each in (*PAUSABLE, *names.KINDS))
        raise QueueUnknown(f"{target[:80]!r} cannot be paused; write one of {kinds}")
    if kind == "queue":
        name = check_queue(name)
    if kind == "task":
        find(name)
    return kind, name
