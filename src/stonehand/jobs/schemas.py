"""Jobs at the border. Both our own words for a state and Celery's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from stonehand.jobs.models import Attempt, Job
from stonehand.jobs.states import State, celery_word

EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


class JobIn(BaseModel):
    """A wish for a job of a task, with the arguments that the task takes: ids, never secrets."""

    model_config = ConfigDict(extra="forbid")

    task: str = Field(max_length=100)
    args: dict[str, str] = Field(default_factory=dict, max_length=20)
    priority: int | None = Field(default=None, ge=0, le=9)
    run_at: AwareDatetime | None = Field(default=None, ge=EARLIEST, le=LATEST)


class Progress(BaseModel):
    """How far a job is. `total` is null while nobody knows it."""

    current: int
    total: int | None
    message: str | None


class JobOut(BaseModel):
    """A job. `celery_status` is what a Celery client would call its `state`."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    task: str
    queue: str
    args: dict[str, Any]
    state: State
    celery_status: str = ""
    priority: int
    run_at: datetime
    unique_key: str | None
    fair_key: str = ""
    flow_id: str | None = None
    parent_id: str | None
    asked_by: str | None = None
    attempts: int
    max_retries: int
    crash_count: int
    worker: str | None
    progress: Progress | None = None
    message: str | None
    result: dict[str, Any] | None
    error: str | None
    error_kind: str | None
    cancel_requested_at: datetime | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def of(cls, job: Job) -> Self:
        """The job as it stands."""
        progress = None
        if job.progress_current is not None:
            progress = Progress(current=job.progress_current, total=job.progress_total, message=job.message)
        word = celery_word(State(job.state), progress is not None)
        return cls.model_validate(job).model_copy(update={"celery_status": word, "progress": progress})


class AttemptOut(BaseModel):
    """A try that did not complete its job. `detail` is its traceback, without secrets."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    worker: str | None
    outcome: str
    error_kind: str | None
    error: str | None
    detail: str | None
    started_at: datetime | None
    ended_at: datetime


class JobDetail(JobOut):
    """A job with its failed tries; `why` says in a sentence why it does not run now."""

    failed_attempts: list[AttemptOut] = []
    why: str = ""

    @classmethod
    def whole(cls, job: Job, attempts: Sequence[Attempt], why: str) -> Self:
        """Everything about one job."""
        failed = [AttemptOut.model_validate(attempt) for attempt in attempts]
        return cls.of(job).model_copy(update={"failed_attempts": failed, "why": why})


class QueueOut(BaseModel):
    """A queue: jobs that are ready, that wait in any way and that run, the workers that serve it, and a pause."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    ready: int
    waiting: int
    executing: int
    oldest_ready_at: datetime | None
    workers: int
    paused_by: str | None
    paused_since: datetime | None
    rate: float = 0.0
    """Jobs done a minute, lately."""


class CourseOut(BaseModel):
    """A queue over the last six hours in steps of ten minutes, oldest first; `rate` is jobs done a minute."""

    model_config = ConfigDict(from_attributes=True)

    queue: str = ""
    rate: list[float]
    waiting: list[int]
    age: list[int]


class WorkerOut(BaseModel):
    """A worker that is alive, and what it serves."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    queues: list[str]
    tasks: list[str]
    concurrency: int
    version: str = ""
    processes: list[dict[str, int | list[str]]] = []
    started_at: datetime
    seen_at: datetime


class ParameterOut(BaseModel):
    """An argument of a task. `default` is null if it must be given."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    default: str | None


class TaskOut(BaseModel):
    """A task, and how many running workers know it. `parameters` is null if only its body knows what it takes.

    `role` is the least role that may start it by hand; null if nobody may.
    """

    name: str
    workers: int
    queue: str = ""
    role: str | None = None
    parameters: list[ParameterOut] | None = None
    about: str = ""
