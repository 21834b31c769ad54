"""Asking again for what a job of many addresses did not bring: what failed, and what it had no time for."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from stonehand.db import Session
from stonehand.errors import Conflict
from stonehand.jobs import declaration, outbox
from stonehand.jobs.declaration import Task
from stonehand.jobs.errors import JobNotFound
from stonehand.jobs.models import Job
from stonehand.jobs.states import FINISHED, State

READS = "analysis.process_pages"
BEGINS_AS = {"analysis.await_pages": READS, "curation.curate": "curation.analyse"}
"""Tasks that go on with what another one has begun."""
AGAIN = "asked_again_by"
"""In a job's result: the id of the job that asks for what it did not bring."""


class NothingLeft(Conflict):
    """A job has not ended, had no addresses, has brought them all, or another job asks for the rest already."""


def of(job: Job) -> list[str]:
    """The addresses that a job which has ended did not bring, in its order; none of any other job.

    None either once another job asks for them: what that one does not bring is its own rest.
    """
    result = job.result or {}
    if State(job.state) not in FINISHED or AGAIN in result or not isinstance(result.get("failed_urls"), list):
        return []
    failed = [str(url) for url in result["failed_urls"]]
    if job.state == State.COMPLETED:
        return failed
    done = set(result.get("processed_urls") or [])
    unread = [url for url in str(job.args.get("urls") or "").split() if url not in done]
    return list(dict.fromkeys([*unread, *failed]))


def asked_by(job: Job) -> str | None:
    """The id of the job that asks for what this one did not bring, if there is one. A retry forgets it."""
    return (job.result or {}).get(AGAIN)


def task(job: Job) -> Task:
    """The task that asks for them. It may load a room: no transaction may be open."""
    name = BEGINS_AS.get(job.task, job.task)
    takes_them = "urls" in job.args or name != job.task
    return declaration.find(name if takes_them else READS)


def ask(session: Session, job: Job, wanted: Task, by: str) -> str:
    """Ask for the addresses that this job did not bring, otherwise as it was asked. Returns the new job's id.

    Only once: two who ask at the same moment wait for each other. Raises `NothingLeft`, `JobNotFound`.
    """
    held = sa.select(Job).where(Job.id == job.id).with_for_update(key_share=True)
    found = session.scalars(held.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise JobNotFound(f"job {job.id} is here no longer; its record has just expired")
    job = found
    _check(job)
    args = _arguments(job, wanted) | {"urls": "\n".join(of(job))}
    (job_id,) = outbox.insert_all(session, [(wanted, args, {"asked_by": by[:120], "priority": job.priority})])
    result = {**(job.result or {}), AGAIN: job_id}
    session.execute(sa.update(Job).where(Job.id == job.id).values(result=result))
    return job_id


def _check(job: Job) -> None:
    if State(job.state) not in FINISHED:
        raise NothingLeft(f"job {job.id} has not ended yet, it is {job.state}; wait for it, or cancel it first")
    if other := asked_by(job):
        raise NothingLeft(f"job {other} asks for what job {job.id} did not bring; look there for what is still left")
    if not of(job):
        raise NothingLeft(f"job {job.id} has left nothing that could be asked for again; it is {job.state}")


def _arguments(job: Job, wanted: Task) -> dict[str, Any]:
    if "urls" in job.args:
        return dict(job.args)
    topic = (job.result or {}).get("topic")
    return {"topic": str(topic)} if topic and wanted.name != READS else {}
