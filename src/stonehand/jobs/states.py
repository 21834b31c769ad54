"""The states of a job, and what Celery calls them."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a job stands."""

    SCHEDULED = "scheduled"  # waits for its time
    AVAILABLE = "available"  # may be claimed now
    EXECUTING = "executing"  # held by a worker, under a lease
    RETRYABLE = "retryable"  # failed, waits for its next try
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    DISCARDED = "discarded"  # a dead letter: will not run again unless a person replays it
    NEEDS_RECONCILE = "needs_reconcile"  # may have happened outside; a person must look
    PAUSED = "paused"
    BLOCKED = "blocked"  # waits for another job


WAITING = (State.SCHEDULED, State.AVAILABLE, State.RETRYABLE, State.PAUSED, State.BLOCKED)
UNFINISHED = (*WAITING, State.EXECUTING)
FINISHED = (State.COMPLETED, State.CANCELLED, State.DISCARDED, State.NEEDS_RECONCILE)
DEAD = (State.DISCARDED, State.NEEDS_RECONCILE)

_CELERY_WORDS = {
    State.EXECUTING: "STARTED",
    State.RETRYABLE: "RETRY",
    State.COMPLETED: "SUCCESS",
    State.CANCELLED: "REVOKED",
    State.DISCARDED: "FAILURE",
    State.NEEDS_RECONCILE: "FAILURE",
}


def celery_word(state: State, has_progress: bool = False) -> str:
    """What a Celery client would call this state."""
    if has_progress and state in (State.EXECUTING, State.SCHEDULED, State.AVAILABLE):  # it may wait for other jobs
        return "PROGRESS"
    return _CELERY_WORDS.get(state, "PENDING")
