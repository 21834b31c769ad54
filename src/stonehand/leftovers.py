"""Asking again for what a job of many addresses did not bring: what failed, and what it had no time for."""

from __future__ import annotations

from typing import Any

from stonehand.db import Session
from stonehand.errors import Conflict
from stonehand.jobs import declaration, outbox
from stonehand.jobs.declaration import Task
from stonehand.jobs.models import Job
from stonehand.jobs.states import FINISHED, State

READS = "analysis.process_pages"
BEGINS_AS = {"analysis.await_pages": READS, "curation.curate": "curation.analyse"}
"""Tasks that go on with what another one has begun."""


class NothingLeft(Conflict):
    """A job has not ended, had no addresses, or has brought them all."""


def of(job: Job) -> list[str]:
    """The addresses that a job which has ended did not bring, in its order; none of any other job."""
    result = job.result or {}
    if State(job.state) not in FINISHED or not isinstance(result.get("failed_urls"), list):
        return []
    failed = [str(url) for url in result["failed_urls"]]
    if job.state == State.COMPLETED:
        return failed
    done = set(result.get("processed_urls") or [])
    unread = [url for url in str(job.args.get("urls") or "").split() if url not in done]
    return list(dict.fromkeys([*unread, *failed]))


def task(job: Job) -> Task:
    """The task that asks for them. It may load a room: no transaction may be open."""
    name = BEGINS_AS.get(job.task, job.task)
    takes_them = "urls" in job.args or name != job.task
    return declaration.find(name if takes_them else READS)


def ask(session: Session, job: Job, wanted: Task, by: str) -> str:
    """Ask for the addresses that this job did not bring, otherwise as it was asked. Returns the new job's id."""
    left = of(job)
    if State(job.state) not in FINISHED:
        raise NothingLeft(f"job {job.id} has not ended yet, it is {job.state}; wait for it, or cancel it first")
    if not left:
        raise NothingLeft(f"job {job.id} has left nothing that could be asked for again; it is {job.state}")
    args = _arguments(job, wanted) | {"urls": "\n".join(left)}
    (job_id,) = outbox.insert_all(session, [(wanted, args, {"asked_by": by[:120], "priority": job.priority})])
    return job_id


def _arguments(job: Job, wanted: Task) -> dict[str, Any]:
    if "urls" in job.args:
        return dict(job.args)
    topic = (job.result or {}).get("topic")
    return {"topic": str(topic)} if topic and wanted.name != READS else {}
