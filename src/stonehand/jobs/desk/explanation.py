"""Why a job does not run now, in one sentence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa

from stonehand.db import Session, now
from stonehand.jobs import dependencies
from stonehand.jobs.desk import steering, strangers
from stonehand.jobs.errors import Cancelled
from stonehand.jobs.limits import limiting
from stonehand.jobs.models import Doorbell, Job, Pause
from stonehand.jobs.states import State
from stonehand.jobs.worker import presence

LOST = timedelta(seconds=15)  # ready for so long and not looked at; a lost bell is rung again after ten
_SENTENCES: dict[State, Callable[[Job], str]] = {
    State.EXECUTING: lambda job: _why_executing(job),  # noqa: PLW0108  defined below
    State.SCHEDULED: lambda job: f"It waits for its time, {_clock(job.run_at)}{_because(job.message)}.",
    State.RETRYABLE: lambda job: f"It failed ({job.error}) and is tried again at {_clock(job.run_at)}.",
    State.DISCARDED: lambda job: (
        f"It is a dead letter{_because(job.error)}.{_of_crashes(job)} It will not run again unless you replay it."
    ),
    State.NEEDS_RECONCILE: lambda job: f"It may have happened outside and a person must look{_because(job.error)}.",
    State.COMPLETED: lambda job: _why_done(job),  # noqa: PLW0108  defined below
    State.CANCELLED: lambda job: _why_cancelled(job),  # noqa: PLW0108  defined below
    State.PAUSED: lambda _: "It is paused.",
}


def why_not_running(session: Session, job: Job) -> str:
    """One sentence that says why this job does not run now."""
    state = State(job.state)
    if state is State.BLOCKED:
        return _why_blocked(session, job)
    return _why_available(session, job) if state is State.AVAILABLE else _SENTENCES[state](job)


def _why_executing(job: Job) -> str:
    asked = f", and has been asked to stop since {_clock(job.cancel_requested_at)}" if job.cancel_requested_at else ""
    return f"It runs{asked}: worker {job.worker} holds it until {_clock(job.lease_until)}."


def not_done(job: Job) -> str:
    """Why a job that came to its end did not do what it was asked for; empty if it did, or has not ended."""
    said = (job.result or {}) if job.state == State.COMPLETED else {}
    reason = next((str(said[kind]) for kind in ("refused", "missing", "gone", "error") if said.get(kind)), "")
    return f"What it was asked for was not done: {reason.rstrip('.')}." if reason else ""


def _why_done(job: Job) -> str:
    return f"It is done, since {_clock(job.finished_at)}. {not_done(job)}".rstrip()


def _why_cancelled(job: Job) -> str:
    if job.error_kind == steering.RESOLVED:
        return f"It was a dead letter ({job.error}), resolved at {_clock(job.finished_at)} by {job.message}."
    _, _, how = (job.error or "").partition("; ") if job.error_kind == Cancelled.__name__ else ("", "", "")
    return f"It was cancelled at {_clock(job.finished_at)}{_because(how)}."


_NEVER = {
    State.DISCARDED: "is a dead letter: run it again, or cancel this one",
    State.NEEDS_RECONCILE: "needs a person's look: say whether it happened",
    State.CANCELLED: "was cancelled: run it again, or cancel this one",
}


def _why_blocked(session: Session, job: Job) -> str:
    unmet = dependencies.unmet(session, job.id)
    if not unmet:
        return "It waits for a job whose record is gone; cancel it, and ask for it anew."
    first, more = unmet[0], len(unmet) - 1
    others = f"; and for {more} more" if more else ""
    how = _NEVER.get(State(first.state), f"is {first.state}")
    return f"It waits for job {first.id} ({first.task}), which {how}{others}."


def _of_crashes(job: Job) -> str:
    if not job.crash_count or job.error_kind != "Crashed":
        return ""
    return (
        f" It ended {job.crash_count} processes that ran it, as work does that takes more memory than there is: "
        "stonehand doctor says under worker memory whether it was that."
    )


def _because(reason: str | None) -> str:
    return f": {reason.rstrip('. ')}" if reason else ""


def _why_available(session: Session, job: Job) -> str:
    pause = session.scalar(
        sa.select(Pause).where(Pause.target.in_([f"queue:{job.queue}", f"task:{job.task}", job.fair_key])).limit(1)
    )
    if pause:
        return f"{pause.target.replace(':', ' ')} is paused by {pause.by} since {_clock(pause.since)}."
    serving = [worker for worker in presence.alive(session) if job.queue in worker.queues]
    if not serving:
        return f"No worker serves the queue {job.queue}. Start one: stonehand worker --queue {job.queue}"
    if not any(job.task in worker.tasks for worker in serving):
        dead_at = strangers.until(session, job.queue, job.task)
        how_long = f" At {_clock(dead_at)} it becomes a dead letter." if dead_at else ""
        return f"No running worker knows the task {job.task}; start workers of this version.{how_long}"
    for limited in (job.task, limiting.of_queue(job.queue)):
        limit = limiting.of_task(session, limited)
        waits = limiting.wait(session, limit, now(session)) if limit else None
        if waits:
            return f"It is ready and waits {waits}."
    ahead = _ahead(session, job)
    waited = int((now(session) - job.run_at).total_seconds())
    if waited > LOST.total_seconds() and _is_unheard(session, job) and not presence.are_busy(session, serving):
        return (
            f"It is ready, for {waited} s now, and no worker of {job.queue} hears the bell: the broker is away, or "
            "they use another one. Ask: stonehand doctor"
        )
    return f"It is ready and waits for a free worker, with {ahead} before it in {job.queue}, for {waited} s now."


def _is_unheard(session: Session, job: Job) -> bool:
    """Whether no worker has looked into its queue since it is ready."""
    heard = session.scalar(sa.select(Doorbell.answered_at).where(Doorbell.queue == job.queue))
    return heard is None or heard < job.run_at


def _ahead(session: Session, job: Job) -> int:
    before = sa.or_(Job.priority > job.priority, sa.and_(Job.priority == job.priority, Job.id < job.id))
    statement = sa.select(sa.func.count()).where(Job.queue == job.queue, Job.state == State.AVAILABLE, before)
    return int(session.scalar(statement) or 0)


def _clock(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC") if moment else "an unknown time"
