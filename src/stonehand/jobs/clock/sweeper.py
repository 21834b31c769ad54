"""What must happen even if every message is lost: wake what is due, take back what the dead held, ring again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa

from stonehand import log
from stonehand.db import Database, Session, new_id
from stonehand.jobs import endings, turns
from stonehand.jobs.broker import answers, doorbells
from stonehand.jobs.clock import glance
from stonehand.jobs.clock.glance import Glance
from stonehand.jobs.desk import strangers
from stonehand.jobs.limits import gates
from stonehand.jobs.models import Attempt, Job
from stonehand.jobs.states import State
from stonehand.jobs.worker import presence

CHUNK = 500  # jobs woken in one transaction
ORPHANS = 50  # jobs taken back in one transaction
SUSPICION = 10  # workers that died as a whole with the same job in their hands, before the job is blamed for it


def sweep(database: Database, found: Glance | None = None) -> None:
    """One round. Cheap when there is nothing to do: it then only looks."""
    found = found or glance.look(database)
    if found.gates:
        gates.open_all(database)
    if found.due:
        with database.transaction() as session:
            _wake(session, found.moment)
    is_fresh = not (found.gates or found.due)
    if found.executing:
        is_fresh = not _take_back_all(database, found.moment) and is_fresh
    waiting = found.waiting if is_fresh else glance.look(database).waiting
    if waiting:
        doorbells.ring(waiting)
    look_after_others(database)


def look_after_others(database: Database) -> None:
    """What has a rhythm of its own: tasks that nobody knows, and answers that are owed to Celery clients."""
    strangers.sweep(database)
    answers.catch_up(database)


def _take_back_all(database: Database, moment: datetime) -> int:
    with database.read() as session:
        orphans = _orphans(session, moment)
    for start in range(0, len(orphans), ORPHANS):
        with database.transaction() as session:
            _take_back(session, orphans[start : start + ORPHANS], moment)
    return len(orphans)


def _due(moment: datetime) -> sa.Select[str]:
    return sa.select(Job.id).where(Job.state.in_([State.SCHEDULED, State.RETRYABLE]), Job.run_at <= moment)


def _wake(session: Session, moment: datetime) -> None:
    chosen = _due(moment).order_by(Job.run_at).limit(CHUNK).with_for_update(skip_locked=True, key_share=True)
    rows = session.execute(chosen.add_columns(Job.queue, Job.fair_key, Job.state, Job.turn)).mappings()
    woken = [dict(row) for row in rows]
    turns.assign(session, [row for row in woken if row["state"] == State.SCHEDULED])  # a retry keeps its place
    changes = [{"id": row["id"], "turn": row["turn"], "state": State.AVAILABLE} for row in woken]
    if changes:
        session.execute(sa.update(Job), changes)


def _orphans(session: Session, moment: datetime) -> list[Job]:
    """Jobs whose lease is over, or whose worker was on this machine and is gone."""
    executing = sa.select(Job).where(Job.state == State.EXECUTING)
    is_dead = _remembering(presence.is_surely_dead)
    return [
        job
        for job in session.scalars(executing)
        if (job.lease_until and job.lease_until < moment) or is_dead(job.worker or "")
    ]


def _remembering(question: Callable[[str], bool]) -> Callable[[str], bool]:
    answers: dict[str, bool] = {}

    def ask(name: str) -> bool:
        if name not in answers:
            answers[name] = question(name)
        return answers[name]

    return ask


def _take_back(session: Session, orphans: list[Job], moment: datetime) -> None:
    # The fence rises with every claim: a job that was claimed again since we looked is not touched.
    innocent = _remembering(presence.died_with_its_worker)
    taken = [
        job
        for job in orphans
        if endings.expire(
            session, job.id, job.fence, moment, not innocent(job.worker or "") or _is_suspicious(session, job)
        )
    ]
    session.add_all(_crash(job, moment) for job in taken)
    for worker, count in Counter(job.worker for job in taken).items():
        log.logger(__name__).warning("jobs taken back from a worker that is gone", worker=worker, jobs=count)


def _is_suspicious(session: Session, job: Job) -> bool:
    """Whether too many workers have died as a whole over it: a job that kills its worker would else live for ever."""
    crashes = sa.select(sa.func.count()).where(Attempt.job_id == job.id, Attempt.outcome == "crashed")
    return (session.scalar(crashes) or 0) >= SUSPICION


def _crash(job: Job, moment: datetime) -> Attempt:
    return Attempt(
        id=new_id(),
        job_id=job.id,
        fence=job.fence,
        worker=job.worker,
        outcome="crashed",
        error_kind=job.error_kind or "Crashed",
        error=job.error or "the worker died while it held this job",
        detail=None,
        started_at=job.started_at,
        ended_at=moment,
    )
