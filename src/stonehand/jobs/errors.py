"""What can go wrong with jobs themselves."""

from __future__ import annotations

from stonehand.errors import Conflict, NotFound, Rejected, StonehandError, Unavailable


class JobNotFound(NotFound):
    """No such job, or its record has expired."""


class JobFailed(StonehandError):
    """What a Celery client is told of a job that came to nothing."""


class JobBusy(Conflict):
    """The job is not in a state that allows this."""


class ScheduleNotFound(NotFound):
    """No schedule has this name."""


class ScheduleTaken(Conflict):
    """There is a schedule of this name already, or it belongs to the pipeline."""


class TimetableInvalid(Rejected):
    """The interval, the cron expression or the time zone cannot be read."""


class ScheduleInvalid(Rejected):
    """The schedule asks for something that cannot be."""


class TaskUnknown(Rejected):
    """No task has this name."""


class BrokerUnreachable(Unavailable):
    """The broker does not answer. Accepted work is safe and waits."""


class EventUnknown(StonehandError):
    """No row of the pipeline knows this event; a step would be lost."""


class LeaseLost(StonehandError):
    """Another worker holds the job now; whatever this attempt wanted to write is not written."""


class ItemEnded(Rejected):
    """An item of a batch cannot fail any more: it has ended."""


class Cancelled(StonehandError):
    """A person asked for the job to stop."""


class OutcomeUnknown(StonehandError):
    """It may have happened outside, and nobody but a person can tell: the job stops in `needs_reconcile`."""


class TimeLimitReached(StonehandError):
    """The attempt lasted longer than its task allows."""


class Interrupted(BaseException):
    """The body is stopped from outside, wherever it is, for a `reason`. No `except Exception` on its way may take it
    for an answer about the thing that it was busy with."""

    def __init__(self, reason: StonehandError) -> None:
        super().__init__(str(reason))
        self.reason = reason


class Crashed(StonehandError):
    """The worker died while it held the job."""


class HandedOver(StonehandError):
    """Not a failure: the job goes on as another task of its queue, and no try is counted."""

    def __init__(self, task: str, reason: str) -> None:
        super().__init__(reason)
        self.task = task


class Snooze(StonehandError):
    """Not a failure: the job goes back to wait, and no try is counted.

    `gate` names what it waits for, such as `host:example.org:443`; `service.open_gate` wakes it before its time.
    """

    def __init__(self, seconds: float, reason: str, gate: str | None = None) -> None:
        super().__init__(reason)
        self.seconds = seconds
        self.reason = reason
        self.gate = gate
