"""Lanes: of jobs of a task with the same value of one argument, such as the site they work at, one runs at a time.

Whoever finds its lane taken is put back with all that wait in it, in one statement, and the end of the one that runs
wakes the next by priority and turn. So a lane that is slow takes one place, and costs nothing while it waits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from stonehand.db import Session, now
from stonehand.jobs.models import Job, TaskLimit
from stonehand.jobs.outbox import ring_after_commit
from stonehand.jobs.states import State

AGAIN = timedelta(seconds=30)  # until those whose turn nobody announced, since a process died, look again
LONGEST = 100  # characters of a value
WORDS = "another job of its lane is at work; it is next as soon as that has ended"


@dataclass(frozen=True)
class Lane:
    """Jobs of `task` whose argument `by` has this value; without a value, those that do not have it."""

    task: str
    by: str
    value: str

    @property
    def gate(self) -> str:
        """What its jobs wait for."""
        return f"lane:{self.task}:{self.value}"

    @property
    def jobs(self) -> sa.ColumnElement[bool]:
        """Those that belong to it."""
        return sa.and_(Job.task == self.task, sa.func.coalesce(Job.args[self.by].as_string(), "") == self.value)


def of(task: str, args: Mapping[str, Any], by: str) -> Lane:
    """The lane of a job. What is too long for a value is nobody's lane, and stands in nobody's way."""
    return Lane(task, by, str(args.get(by) or "")[:LONGEST])


def is_taken(session: Session, lane: Lane, claim_id: str) -> bool:
    """Whether another claim works in it. The claim has been counted, so nobody else takes it or leaves it now."""
    return _is_taken(session, lane, Job.claim_id != claim_id)


def line_up(session: Session, lane: Lane, moment: datetime) -> None:
    """Let all that is ready in it wait until it goes on. What others are just claiming, they will put back."""
    ready = sa.select(Job.id).where(lane.jobs, Job.state == State.AVAILABLE)
    free = ready.with_for_update(skip_locked=True, key_share=True).cte("free")
    waits = {"state": State.SCHEDULED, "run_at": moment + AGAIN, "gate": lane.gate, "message": WORDS}
    # By id alone, as a claim finds what it has chosen: PostgreSQL may else walk through all that is available.
    put_back = sa.update(Job).where(Job.id.in_(sa.select(free.c.id))).values(**waits)
    session.execute(put_back.execution_options(synchronize_session=False))


def go_on(session: Session, lane: Lane) -> None:
    """Wake the first that waits for it, unless somebody works in it already."""
    _hold(session, lane)
    first = (
        sa.select(Job.id)
        .where(Job.gate == lane.gate, Job.state == State.SCHEDULED)
        .order_by(sa.desc(Job.priority), Job.turn, Job.id)
        .limit(1)
    )
    job_id = session.scalar(first)
    if job_id is None or _is_taken(session, lane):
        return
    woken = sa.update(Job).where(Job.id == job_id, Job.state == State.SCHEDULED)
    ready = {"state": State.AVAILABLE, "run_at": now(session), "gate": None, "message": None}
    for queue in session.scalars(woken.values(**ready).returning(Job.queue)).all():
        ring_after_commit(session, queue)


def _hold(session: Session, lane: Lane) -> None:
    session.execute(sa.select(TaskLimit.task).where(TaskLimit.task == lane.task).with_for_update(key_share=True))


def _is_taken(session: Session, lane: Lane, *which: sa.ColumnElement[bool]) -> bool:
    working = sa.exists().where(lane.jobs, Job.state == State.EXECUTING, *which)
    return bool(session.scalar(sa.select(working)))
