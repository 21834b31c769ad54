"""Claiming work and holding it under a lease. `endings` gives it back.

All functions take the moment from outside, so that a test can run them under a virtual clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from stonehand.db import Session, clock, dialect, new_id, now
from stonehand.jobs import endings
from stonehand.jobs.held import COLUMNS, TABLE, Held, Portions, of
from stonehand.jobs.limits import lanes, limiting
from stonehand.jobs.limits.limiting import Standing
from stonehand.jobs.models import Job, Pause, TaskLimit
from stonehand.jobs.states import State

PAUSED_FOR = timedelta(minutes=10)  # between two looks whether the owner of a job is still paused
ROUNDS = 20  # of putting aside what belongs to paused owners, in one transaction
FREE = Standing()
NOWHERE = ""  # no queue, task or job has this name
_P = sa.bindparam


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
        endings.snooze(session, job, moment + PAUSED_FOR, f"{job.fair_key} is paused", moment, gate=job.fair_key)
        if lane:
            lanes.go_on(session, lane)
        return True
    if lane is None or not lanes.is_taken(session, lane, job.claim_id):
        return False
    endings.snooze(session, job, moment + lanes.AGAIN, lanes.WORDS, moment, gate=lane.gate)
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
        endings.release(session, held, values["moment"])  # another worker took the last place meanwhile
        return []
    return held


def _ready(queue: Any, task: Any, version: Any) -> sa.Select[str]:
    return (
        sa.select(of.id)
        .where(of.queue == queue, of.task == task, of.state == State.AVAILABLE, of.version <= version)
        .order_by(sa.desc(of.priority), of.turn, of.id)
    )


def _taking(alone: bool) -> sa.sql.dml.ReturningUpdate[Any]:
    ready = _ready(_P("the_queue"), _P("the_task"), _P("the_version"))
    mates = ready.where(of.id == _P("head")) if alone else ready.where(of.solo.is_(False))
    # A CTE, since PostgreSQL may run a plain subquery more than once, and so claim more than the limit.
    chosen = mates.limit(_P("size")).with_for_update(skip_locked=True, key_share=True).cte("chosen")
    return (
        sa.update(TABLE)
        .where(of.id.in_(sa.select(chosen.c.id)))  # by id alone, or PostgreSQL may walk through all that is available
        .values(
            state=State.EXECUTING,
            fence=of.fence + 1,
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
        .returning(*COLUMNS)
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
        sa.select(of.id, of.task, of.solo, orders.label("has_orders"), clock().label("moment"))
        .join(heads, heads.c.id == of.id)
        .order_by(sa.desc(of.priority), of.turn, of.id)
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
    result = session.execute(mine.values(lease_until=until))
    return int(result.rowcount)  # type: ignore[attr-defined]


def rehearse(session: Session, worker: str, portions: Portions) -> None:
    """Run the statements of every claim once, about nothing, so that the first job of a process waits for none of them:
    to connect, and to build and prepare a statement, takes longer than to run it a hundred times.
    """
    _head(session, NOWHERE, portions)
    moment = now(session)
    nothing = {"the_queue": NOWHERE, "the_task": NOWHERE, "the_version": 0, "size": 0, "claim": new_id()}
    session.connection().execute(_TAKE[False], nothing | {"the_worker": worker, "moment": moment, "until": moment})
    session.connection().execute(
        endings.completing(dialect(session)), {"claim": new_id(), "ids": [NOWHERE], "moment": None}
    )
