"""What a person does to one job beyond cancelling and retrying it: sooner, more urgent, settled, mended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from stonehand.db import Session, now
from stonehand.errors import Rejected
from stonehand.jobs import declaration, dependencies, queries, service, turns
from stonehand.jobs.desk import parameters
from stonehand.jobs.errors import JobBusy
from stonehand.jobs.models import Job
from stonehand.jobs.outbox import ring_after_commit
from stonehand.jobs.states import DEAD, WAITING, State

PRIORITIES = range(10)
RESOLVED = "Resolved"
"""The kind of error of a dead letter that somebody has settled."""


class PriorityUnknown(Rejected):
    """Priorities are numbers from 0 to 9."""


class ReasonMissing(Rejected):
    """What is settled by hand needs a reason."""


def run_now(session: Session, job_id: str) -> Job:
    """Do not wait for its time or its next try any longer. Raises `JobBusy` unless it waits for a time."""
    job = queries.job(session, job_id)
    place: dict[str, Any] = {"queue": job.queue, "fair_key": job.fair_key}
    turns.assign(session, [place])
    waits = sa.update(Job).where(Job.id == job_id, Job.state.in_([State.SCHEDULED, State.RETRYABLE]))
    values = {"state": State.AVAILABLE, "run_at": now(session), "turn": place["turn"], "gate": None, "message": None}
    if session.scalar(waits.values(**values).returning(Job.id)) is None:
        raise JobBusy(f"job {job_id} is {job.state}; only one that waits for its time or its next try can be hurried")
    ring_after_commit(session, job.queue)
    return fresh(session, job_id)


def check_priority(priority: int) -> int:
    """The priority itself. Raises `PriorityUnknown`."""
    if priority not in PRIORITIES:
        raise PriorityUnknown(f"{priority} is not a priority; choose from 0 to 9, 9 is the most urgent")
    return priority


def prioritise(session: Session, job_id: str, priority: int) -> Job:
    """Let it run sooner (up to 9) or later (down to 0) than others. Raises `JobBusy` unless it waits."""
    job = queries.job(session, job_id)
    waits = sa.update(Job).where(Job.id == job_id, Job.state.in_(WAITING))
    if session.scalar(waits.values(priority=check_priority(priority)).returning(Job.id)) is None:
        raise JobBusy(f"job {job_id} is {job.state}; a priority matters only while a job waits")
    return fresh(session, job_id)


def resolve(session: Session, job_id: str, by: str, reason: str) -> Job:
    """Settle a dead letter: nothing is to be done about it any more. Raises `JobBusy`, `ReasonMissing`."""
    dead = sa.update(Job).where(Job.id == job_id, Job.state == State.DISCARDED)
    if session.scalar(dead.values(**resolved(session, by, reason)).returning(Job.id)) is None:
        raise JobBusy(f"job {job_id} is {queries.job(session, job_id).state}; only a dead letter can be resolved")
    return fresh(session, job_id)


def resolved(session: Session, by: str, reason: str) -> dict[str, Any]:
    """The columns of a dead letter that somebody has settled. Its error stays. Raises `ReasonMissing`."""
    words = f"{by}: {_reason(reason)}"
    return {"state": State.CANCELLED, "error_kind": RESOLVED, "message": words, "finished_at": now(session)}


def it_happened(session: Session, job_id: str, by: str, note: str) -> Job:
    """Somebody has looked: it did happen outside, so the job is done. Raises `JobBusy`, `ReasonMissing`."""
    unsure = sa.update(Job).where(Job.id == job_id, Job.state == State.NEEDS_RECONCILE)
    result = {**(queries.job(session, job_id).result or {}), "confirmed by": by, "note": _reason(note)}
    values = {"state": State.COMPLETED, "finished_at": now(session), "result": result, "error": None}
    if session.scalar(unsure.values(error_kind=None, **values).returning(Job.id)) is None:
        raise _certain(session, job_id)
    dependencies.met(session, [job_id])
    return fresh(session, job_id)


def it_did_not_happen(session: Session, job_id: str) -> Job:
    """Somebody has looked: it did not happen outside, so it runs again. Raises `JobBusy`."""
    if queries.job(session, job_id).state != State.NEEDS_RECONCILE:
        raise _certain(session, job_id)
    return service.retry(session, job_id)


def _certain(session: Session, job_id: str) -> JobBusy:
    return JobBusy(f"job {job_id} is {queries.job(session, job_id).state}; nobody doubts whether it happened")


def mend(session: Session, job_id: str, changes: Mapping[str, str]) -> Job:
    """Run a dead letter again with other arguments. Raises `ArgumentsUnfit`, `JobBusy`.

    Its unique key goes, since it stood for the work that it was asked to do before.
    """
    job = queries.job(session, job_id)
    if job.state not in (*DEAD, State.CANCELLED):
        raise JobBusy(f"job {job_id} is {job.state}; only a dead or cancelled job can be run with other arguments")
    task = declaration.find(job.task)
    args = parameters.fitting(task, {**job.args, **changes})
    values: dict[str, Any] = {"args": args, "version": task.version}
    if args != job.args:
        values["unique_key"] = None
    session.execute(sa.update(Job).where(Job.id == job_id).values(**values))
    session.expire_all()
    return service.retry(session, job_id)


def _reason(words: str) -> str:
    if not words.strip():
        raise ReasonMissing("say in a few words why, for those who look at it later")
    return " ".join(words.split())[:500]


def fresh(session: Session, job_id: str) -> Job:
    """The job as it is in the database now."""
    session.expire_all()
    return queries.job(session, job_id)
