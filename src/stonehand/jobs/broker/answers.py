"""What Celery clients wait for: how their jobs ended, in the result backend, each under the client's own id.

The database says what is still owed, so an answer survives a worker that dies between the job's end and telling of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from stonehand import formerly, log
from stonehand.db import Database
from stonehand.errors import StonehandError
from stonehand.jobs.models import Job
from stonehand.jobs.states import FINISHED, State, celery_word

CHUNK = 100
QUIET_AFTER_FAILURE = 5.0  # seconds without trying a backend that did not answer

Store = Callable[[str, str, Any], None]
_store: Store | None = None
_quiet_until = 0.0


def connect(store: Store | None) -> None:
    """Say how an answer is kept: under an id, Celery's word for the state, and the result or the reason."""
    global _store  # noqa: PLW0603  one backend a process
    _store = store


def refuse(celery_id: str, reason: str) -> None:
    """Answer a call that does not become a job."""
    if _store is not None:
        _try_to_store(celery_id, "FAILURE", reason)


def give(database: Database, ids: Sequence[str]) -> None:
    """Answer those of these jobs that have ended and whose answer is owed."""
    if _store is not None and time.monotonic() >= _quiet_until:
        _give(database, sa.select(Job).where(Job.id.in_(ids), Job.answers_celery, Job.state.in_(FINISHED)))


def catch_up(database: Database) -> None:
    """Answer what ended elsewhere: cancelled while it waited, taken from a dead worker, or not told of in time."""
    if _store is not None and time.monotonic() >= _quiet_until:
        _give(database, sa.select(Job).where(Job.answers_celery, Job.state.in_(FINISHED)).limit(CHUNK))


def _give(database: Database, owed: sa.Select[Job]) -> None:
    try:
        _give_now(database, owed)
    except StonehandError as error:
        log.logger(__name__).warning("cannot look whose answers are owed", error=str(error))


def _give_now(database: Database, owed: sa.Select[Job]) -> None:
    with database.read() as session:
        jobs = session.scalars(owed).all()
    told = [job for job in jobs if _try_to_store(job.celery_id or job.id, word(job), value(job))]
    if told:
        with database.transaction() as session:
            for job in told:  # one that was run again meanwhile owes another answer
                same = sa.update(Job).where(Job.id == job.id, Job.state == job.state, Job.fence == job.fence)
                session.execute(same.values(answers_celery=False))


def word(job: Job) -> str:
    """What Celery calls the state of a job."""
    return celery_word(State(job.state), job.progress_current is not None)


def value(job: Job) -> Any:
    """What a job answers: what the old task would have returned, or why there is nothing."""
    if job.state != State.COMPLETED:
        return job.error or job.state
    return returned(job)


def returned(job: Job) -> Any:
    """The result of a job as its task, old or ours, gives it."""
    former = formerly.find(job.called_as) if job.called_as else None
    return former.answers(job.result) if former and job.result is not None else job.result


def _try_to_store(celery_id: str, word: str, value: Any) -> bool:
    global _quiet_until  # noqa: PLW0603
    assert _store is not None
    try:
        _store(celery_id, word, value)
    except Exception as error:  # any backend, any failure: the answer is owed, and given later
        _quiet_until = time.monotonic() + QUIET_AFTER_FAILURE
        log.logger(__name__).warning("the result backend does not answer", error=str(error))
        return False
    return True
