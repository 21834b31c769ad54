"""Tables of durable work. The database is the truth; whatever travels through the broker is only a doorbell."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from stonehand.db import Base, Json, Mapped, mapped_column
from stonehand.jobs.states import WAITING, State

PUT_OFF = "state IN ('scheduled', 'retryable')"
HELD_OR_WAITING = ", ".join(f"'{state}'" for state in (*WAITING, State.EXECUTING))


def _partial(name: str, *columns: Any, where: str, unique: bool = False) -> sa.Index:
    """An index over the rows that satisfy a condition, in both dialects."""
    condition = sa.text(where)
    return sa.Index(name, *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


class Job(Base):
    """One run that somebody asked for."""

    __tablename__ = "jobs"

    id: Mapped[str] = mapped_column(sa.String(36), primary_key=True)
    task: Mapped[str] = mapped_column(sa.String(100))
    queue: Mapped[str] = mapped_column(sa.String(40))
    args: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    state: Mapped[str] = mapped_column(sa.String(20))
    priority: Mapped[int] = mapped_column(default=5)
    run_at: Mapped[datetime]
    unique_key: Mapped[str | None] = mapped_column(sa.String(200))
    parent_id: Mapped[str | None] = mapped_column(sa.String(36))
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    """Of the arguments: a worker whose task knows only earlier ones leaves the job alone."""
    fair_key: Mapped[str] = mapped_column(sa.String(120), default="", server_default="")
    """Whose work it is, such as `source:...`; the claim takes turns between keys."""
    turn: Mapped[int] = mapped_column(sa.BigInteger, default=0, server_default="0")
    """Its place among the jobs of its queue and priority; see `turns`."""
    gate: Mapped[str | None] = mapped_column(sa.String(200))
    """What it was put back for, such as `host:example.org:443`; opening the gate wakes it."""
    flow_id: Mapped[str | None] = mapped_column(sa.String(36))
    """The chain or group it belongs to."""
    needs: Mapped[int] = mapped_column(default=0, server_default="0")
    """How many jobs it still waits for; while there is one, it is blocked."""
    has_dependents: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    answers_celery: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """Whether a Celery client may wait for its result, and the result backend does not have it yet."""
    celery_id: Mapped[str | None] = mapped_column(sa.String(155))
    """What a Celery client calls it; the job has an id of its own, so that ids sort by time."""
    called_as: Mapped[str | None] = mapped_column(sa.String(100))
    """The old name of its task, if it was called by one."""
    asked_by: Mapped[str | None] = mapped_column(sa.String(120))
    trace: Mapped[str | None] = mapped_column(sa.String(60))
    """W3C `traceparent` of whoever asked for it."""

    attempts: Mapped[int] = mapped_column(default=0)
    max_retries: Mapped[int] = mapped_column(default=3)
    crash_count: Mapped[int] = mapped_column(default=0)
    solo: Mapped[bool] = mapped_column(default=False)
    fence: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    claim_id: Mapped[str | None] = mapped_column(sa.String(36))
    claim_size: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    worker: Mapped[str | None] = mapped_column(sa.String(200))

    progress_current: Mapped[int | None]
    progress_total: Mapped[int | None]
    message: Mapped[str | None] = mapped_column(sa.Text)
    result: Mapped[dict[str, Any] | None] = mapped_column(Json)
    error: Mapped[str | None] = mapped_column(sa.Text)
    error_kind: Mapped[str | None] = mapped_column(sa.String(80))
    fingerprint: Mapped[str | None] = mapped_column(sa.String(32))
    """Of a dead letter, once it has been sorted: those that died of the same have the same; see `fingerprints`."""
    cancel_requested_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        _partial("ix_jobs_head", "queue", "task", sa.desc("priority"), "turn", "id", where="state = 'available'"),
        _partial("ix_jobs_turn", "queue", "fair_key", "turn", "run_at", where="state = 'available'"),
        _partial("ix_jobs_put_off", "queue", "state", where=PUT_OFF),
        _partial("ix_jobs_gate", "gate", where="gate IS NOT NULL"),
        _partial("ix_jobs_flow_id", "flow_id", where="flow_id IS NOT NULL"),
        _partial("uq_jobs_celery_id", "celery_id", where="celery_id IS NOT NULL", unique=True),
        _partial("ix_jobs_answers_celery", "state", where="answers_celery"),
        _partial("ix_jobs_parent_id", "parent_id", where="parent_id IS NOT NULL"),
        _partial("ix_jobs_known_as", "unique_key", where="unique_key IS NOT NULL"),
        _partial("ix_jobs_fingerprint", "fingerprint", "id", where="state IN ('discarded', 'needs_reconcile')"),
        _partial("ix_jobs_due", "run_at", where=PUT_OFF),
        _partial(
            "uq_jobs_unique_key",
            "unique_key",
            unique=True,
            where=f"unique_key IS NOT NULL AND state IN ({HELD_OR_WAITING})",
        ),
        sa.Index("ix_jobs_state", "state", "id"),
        _partial("ix_jobs_finished", "finished_at", where="finished_at IS NOT NULL"),
        _partial("ix_jobs_result", "finished_at", where="result IS NOT NULL"),
    )


class Dependency(Base):
    """A job that waits until another one is completed."""

    __tablename__ = "job_dependencies"

    job_id: Mapped[str] = mapped_column(sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    needs_id: Mapped[str] = mapped_column(sa.String(36), primary_key=True, index=True)
    is_met: Mapped[bool] = mapped_column(default=False, server_default=sa.false())


class JobLog(Base):
    """The last lines that an attempt logged, without secrets."""

    __tablename__ = "job_logs"

    job_id: Mapped[str] = mapped_column(sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    fence: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
    lines: Mapped[list[Any]]


class Attempt(Base):
    """One try that did not complete its job: when, where, and why."""

    __tablename__ = "job_attempts"

    id: Mapped[str] = mapped_column(sa.String(36), primary_key=True)
    job_id: Mapped[str] = mapped_column(sa.ForeignKey("jobs.id", ondelete="CASCADE"), index=True)
    fence: Mapped[int] = mapped_column(sa.BigInteger)
    worker: Mapped[str | None] = mapped_column(sa.String(200))
    outcome: Mapped[str] = mapped_column(sa.String(20))
    error_kind: Mapped[str | None] = mapped_column(sa.String(80))
    error: Mapped[str | None] = mapped_column(sa.Text)
    detail: Mapped[str | None] = mapped_column(sa.Text)
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime] = mapped_column(index=True)


class QueueSample(Base):
    """How a queue stood at the end of a minute; idle minutes are left out."""

    __tablename__ = "queue_samples"

    queue: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True, index=True)
    waiting: Mapped[int]
    running: Mapped[int]
    done: Mapped[int]
    """Jobs completed since the sample before."""
    age: Mapped[int]
    """Seconds that the oldest ready job has been ready."""


class Doorbell(Base):
    """Whether a queue has been rung and not yet answered, so that rings never pile up."""

    __tablename__ = "doorbells"

    queue: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    rung_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    turn: Mapped[int] = mapped_column(sa.BigInteger, default=0, server_default="0")
    """How far the queue has come: the greatest turn that was claimed."""


class Schedule(Base):
    """Work that comes again and again: every so many seconds, or at the times of a cron expression."""

    __tablename__ = "schedules"

    name: Mapped[str] = mapped_column(sa.String(100), primary_key=True)
    task: Mapped[str] = mapped_column(sa.String(100))
    queue: Mapped[str] = mapped_column(sa.String(40))
    args: Mapped[dict[str, Any]] = mapped_column(Json, default=dict, server_default="{}")
    priority: Mapped[int] = mapped_column(default=5, server_default="5")
    every_seconds: Mapped[int]
    """0 if it goes by cron."""
    cron: Mapped[str | None] = mapped_column(sa.String(120))
    timezone: Mapped[str] = mapped_column(sa.String(60), default="UTC", server_default="UTC")
    missed: Mapped[str] = mapped_column(sa.String(10), default="once", server_default="once")
    """What happens to due times that nobody could fire: `once`, `skip` or `all`."""
    jitter: Mapped[int] = mapped_column(default=0, server_default="0")
    """Seconds at most that it is put off, always the same for one name, so that not everything is due at once."""
    next_at: Mapped[datetime]
    is_enabled: Mapped[bool] = mapped_column(default=True)
    is_own: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """Made by a person, not by the pipeline's table."""
    is_edited: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """Changed by a person, so that the pipeline's table no longer overrules it."""
    changed_by: Mapped[str | None] = mapped_column(sa.String(120))


class ScheduleRun(Base):
    """What became of a due time. Its key is what makes a due time fire once, however many schedulers tick."""

    __tablename__ = "schedule_runs"

    schedule: Mapped[str] = mapped_column(sa.ForeignKey("schedules.name", ondelete="CASCADE"), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(primary_key=True)
    job_id: Mapped[str | None] = mapped_column(sa.String(36))
    """The job that it asked for, or the one that was still working."""
    fired_at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(sa.String(20), default="fired", server_default="fired")
    """See `Outcome`."""


class Pause(Base):
    """What an operator has stopped: `queue:fetch`, `task:drafts.write`, `host:example.org:443`, `source:...`."""

    __tablename__ = "pauses"

    target: Mapped[str] = mapped_column(sa.String(120), primary_key=True)
    by: Mapped[str] = mapped_column(sa.String(120))
    since: Mapped[datetime]


class TaskLimit(Base):
    """How often and how many at once a task may run, over all workers."""

    __tablename__ = "task_limits"

    task: Mapped[str] = mapped_column(sa.String(100), primary_key=True)
    rate: Mapped[str | None] = mapped_column(sa.String(20))
    """Such as `10/m`."""
    concurrency: Mapped[int | None]
    next_at: Mapped[float] = mapped_column(sa.Double, default=0.0, server_default="0")
    """When the next one may start if none is saved up, in seconds since 1970: the theoretical arrival time of GCRA."""
    changed_by: Mapped[str | None] = mapped_column(sa.String(120))
    """The person who set it; None if it is what the task declares."""


class UnknownTask(Base):
    """A task that jobs ask for and no running worker knows."""

    __tablename__ = "unknown_tasks"

    queue: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    task: Mapped[str] = mapped_column(sa.String(100), primary_key=True)
    since: Mapped[datetime]


class Worker(Base):
    """A worker that has said within the last minute that it is alive."""

    __tablename__ = "workers"

    name: Mapped[str] = mapped_column(sa.String(120), primary_key=True)
    queues: Mapped[list[str]] = mapped_column(Json)
    tasks: Mapped[list[str]] = mapped_column(Json)
    concurrency: Mapped[int]
    version: Mapped[str] = mapped_column(sa.String(40), default="", server_default="")
    processes: Mapped[list[Any]] = mapped_column(Json, default=list, server_default="[]")
    """Its main process and its pool: `pid`, `started` and `memory` in bytes of each, main process first."""
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
