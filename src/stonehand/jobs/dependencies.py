"""Jobs that wait for jobs: chains, and groups with something that follows when all of them are done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import sqlalchemy as sa

from stonehand.db import Session, new_id
from stonehand.errors import Rejected
from stonehand.jobs import declaration, outbox, turns
from stonehand.jobs.errors import JobBusy
from stonehand.jobs.models import Dependency, Job
from stonehand.jobs.states import DEAD, State

LONGEST = 1000  # jobs of one chain or group


class FlowUnusable(Rejected):
    """A chain or group without jobs, or with too many."""


@dataclass(frozen=True)
class Step:
    """A job of a chain or group. `columns` are others of its columns, such as `priority` or `fair_key`."""

    task: str
    args: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, Any] = field(default_factory=dict)


def chain(session: Session, steps: Sequence[Step]) -> list[str]:
    """Ask for jobs that run one after the other. Returns their ids, in order."""
    _check(steps)
    ids = _ask(session, steps, [min(place, 1) for place in range(len(steps))])
    _link(session, pairwise(ids))
    return ids


def group(session: Session, steps: Sequence[Step], then: Step | None = None) -> list[str]:
    """Ask for jobs that run side by side, and for one that follows when all are completed; its id comes last."""
    _check(steps)
    if then is None:
        return _ask(session, steps, [0] * len(steps))
    ids = _ask(session, [*steps, then], [*[0] * len(steps), len(steps)])
    _link(session, ((each, ids[-1]) for each in ids[:-1]))
    return ids


def _check(steps: Sequence[Step]) -> None:
    if not 0 < len(steps) <= LONGEST:
        raise FlowUnusable(f"a chain or group has 1 to {LONGEST} jobs; this one has {len(steps)}")


def _ask(session: Session, steps: Sequence[Step], needs: Sequence[int]) -> list[str]:
    """All jobs of a flow at once. Each but the last has others that wait for it if any waits at all."""
    flow = new_id()
    wishes = []
    for place, (step, count) in enumerate(zip(steps, needs, strict=True)):
        columns = {**step.columns, "flow_id": flow, "needs": count}
        columns |= {"state": State.BLOCKED} if count else {}
        columns["has_dependents"] = any(needs) and place < len(steps) - 1
        wishes.append((declaration.find(step.task), step.args, columns))
    ids = outbox.insert_all(session, wishes)
    if len(ids) < len(steps):
        raise JobBusy("a job of this chain or group is asked for already, under the same unique key")
    return ids


def _link(session: Session, links: Iterable[tuple[str, str]]) -> None:
    rows = [{"job_id": later, "needs_id": earlier} for earlier, later in links]
    if rows:
        session.execute(sa.insert(Dependency), rows)


def met(session: Session, done: Sequence[str]) -> None:
    """These jobs are completed: what waited for them waits for fewer, and what waits for none may run."""
    links = sa.update(Dependency).where(Dependency.needs_id.in_(done), Dependency.is_met.is_(False))
    freed = session.scalars(links.values(is_met=True).returning(Dependency.job_id)).all()
    for job_id, count in sorted(Counter(freed).items()):  # in one order: two that end at once never deadlock
        _count_down(session, job_id, count)


def _count_down(session: Session, job_id: str, by: int) -> None:
    waiting = sa.update(Job).where(Job.id == job_id).values(needs=Job.needs - by)
    row = session.execute(waiting.returning(Job.state, Job.needs, Job.queue, Job.fair_key)).one()
    if row.state == State.BLOCKED and row.needs <= 0:
        place = {"queue": row.queue, "fair_key": row.fair_key}
        turns.assign(session, [place])
        session.execute(sa.update(Job).where(Job.id == job_id).values(state=State.AVAILABLE, turn=place["turn"]))
        outbox.ring_after_commit(session, row.queue)


def unmet(session: Session, job_id: str) -> Sequence[Job]:
    """The jobs that this one still waits for, those that will never be done first."""
    links = sa.select(Dependency.needs_id).where(Dependency.job_id == job_id, Dependency.is_met.is_(False))
    hopeless = sa.case((Job.state.in_([*DEAD, State.CANCELLED]), 0), else_=1)
    return session.scalars(sa.select(Job).where(Job.id.in_(links)).order_by(hopeless, Job.id)).all()


def needed(session: Session, job_id: str) -> Sequence[Job]:
    """The jobs that this one waits or waited for, in the order they were asked for: their results are its input."""
    links = sa.select(Dependency.needs_id).where(Dependency.job_id == job_id)
    return session.scalars(sa.select(Job).where(Job.id.in_(links)).order_by(Job.id)).all()


def waiting_for(session: Session, ids: Iterable[str]) -> Sequence[str]:
    """The jobs that wait for any of these."""
    links = sa.select(Dependency.job_id).where(Dependency.needs_id.in_(list(ids)), Dependency.is_met.is_(False))
    return session.scalars(links.distinct()).all()
