"""A job in words: its row in a list, its state, its subject."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from stonehand.db import Session
from stonehand.jobs.models import Job
from stonehand.jobs.states import DEAD, UNFINISHED, State
from stonehand.web.pages.jobs import JobRow, OtherJob
from stonehand.web.pages.parts import Badge, Link, Meter
from stonehand.web.pages.subjects import subjects

STATES = {
    State.SCHEDULED: Badge("Waits for its time"),
    State.AVAILABLE: Badge("Ready"),
    State.EXECUTING: Badge("Running", "busy"),
    State.RETRYABLE: Badge("Retrying", "warn"),
    State.COMPLETED: Badge("Done", "good"),
    State.CANCELLED: Badge("Cancelled"),
    State.DISCARDED: Badge("Dead letter", "bad"),
    State.NEEDS_RECONCILE: Badge("Needs a look", "bad"),
    State.PAUSED: Badge("Paused"),
    State.BLOCKED: Badge("Waits for another job"),
}


def rows(session: Session, jobs: Sequence[Job]) -> tuple[JobRow, ...]:
    """Jobs as a list shows them."""
    names = subjects(session, jobs)
    return tuple(_row(job, names.get(job.id)) for job in jobs)


def _row(job: Job, about: Link | None) -> JobRow:
    state = State(job.state)
    why = job.error if state in (*DEAD, State.RETRYABLE) else job.message if state == State.SCHEDULED else ""
    first = (why or "").splitlines()[0][:300] if why else ""
    words = about.words if about else ""
    return JobRow(job.id, job.task, words, job.queue, badge(job), since(job), tries(job), meter(job), first)


def badge(job: Job) -> Badge:
    """Its state in words."""
    if job.cancel_requested_at and job.state == State.EXECUTING:
        return Badge("Stops after this item", "warn")
    return STATES[State(job.state)]


def since(job: Job) -> datetime:
    """Since when it is so."""
    if job.finished_at:
        return job.finished_at
    return (job.started_at if job.state == State.EXECUTING else None) or job.created_at


def tries(job: Job) -> int:
    """How many times it was tried."""
    return job.attempts + (job.state in (State.EXECUTING, State.COMPLETED))


def meter(job: Job) -> Meter | None:
    """How far it is, while it is not at its end."""
    if job.progress_current is None or job.state not in UNFINISHED:
        return None
    return Meter(job.progress_current, job.progress_total or 0, job.message or "")


def others(session: Session, jobs: Sequence[Job], here: str = "", by_task: bool = False) -> tuple[OtherJob, ...]:
    """Jobs beside one: named for their tasks, or for what they work on."""
    names = subjects(session, jobs)
    return tuple(_other(job, _name(job, names), here, by_task) for job in jobs)


def _other(job: Job, about: str, here: str, by_task: bool) -> OtherJob:
    link = Link(job.task if by_task else about or job.id, f"/jobs/{job.id}")
    return OtherJob(link, badge(job), since(job), job.id == here, about if by_task else "")


def _name(job: Job, names: Mapping[str, Link]) -> str:
    return names[job.id].words if job.id in names else ""


def counted(counts: Mapping[State, int]) -> tuple[tuple[Badge, int], ...]:
    """States in words with their numbers, in the order of the states."""
    return tuple((STATES[state], counts[state]) for state in State if counts.get(state))


def worker_name(name: str | None) -> str:
    """The machine and the process, without what tells them from those of the same name."""
    return ":".join((name or "").split(":")[:2])
