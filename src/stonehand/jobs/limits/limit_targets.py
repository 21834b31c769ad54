"""Limits by their target: `task:NAME` has a rate and a concurrency, `host:NAME` and `provider:NAME` have a rate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from stonehand.db import Session, now
from stonehand.errors import NotFound, Rejected
from stonehand.jobs.limits import limiting
from stonehand.jobs.models import TaskLimit
from stonehand.limits import names, paces

TASK = "task"


class LimitUnfit(Rejected):
    """Such a limit cannot be set."""


class LimitNotFound(NotFound):
    """Nothing of this name can have a limit."""


@dataclass(frozen=True)
class Limit:
    """What limits a target. `waits` says why nothing may begin now.

    Without `changed_by`, the task declares it, or for a queue the settings.
    """

    target: str
    rate: str | None
    concurrency: int | None
    changed_by: str | None
    waits: str | None = None


def every(session: Session) -> list[Limit]:
    """All limits: of tasks and queues, then of hosts and providers."""
    moment = now(session)
    limited = [row for row in limiting.all_limits(session) if row.rate or row.concurrency is not None]
    tasks = [_of_task(session, row, moment) for row in limited]
    return tasks + [Limit(row.target, row.rate, None, row.changed_by) for row in paces.every(session)]


def _of_task(session: Session, row: TaskLimit, moment: datetime) -> Limit:
    waits = limiting.wait(session, row, moment)
    target = row.task if row.task.startswith(limiting.QUEUE) else f"{TASK}:{row.task}"
    return Limit(target, row.rate, row.concurrency, row.changed_by, waits)


def set_limit(session: Session, target: str, by: str, rate: str | None, concurrency: int | None) -> str:
    """Limit a task, a host or a provider. Returns the target's full name.

    Raises `LimitUnfit`, `RateUnusable`, `TaskUnknown`, `TargetUnknown`.
    """
    name = _named(target)
    if rate is None and concurrency is None:
        raise LimitUnfit("say how often or how many at once, such as a rate of 10/m or a concurrency of 2")
    if name.startswith(f"{TASK}:"):
        limiting.limit(session, name.partition(":")[2], by, rate, concurrency)
        return name
    if concurrency is not None or rate is None:
        raise LimitUnfit(
            f"{names.shown(name)} can have a rate, but no concurrency; limit that of the task that asks it"
        )
    paces.set_pace(session, name, rate, by)
    return name


def unset(session: Session, target: str) -> str:
    """Forget what a person has set; what the task declares, or the settings say, counts again.

    Raises `LimitNotFound` for what cannot have a limit.
    """
    try:
        name = _named(target)
    except LimitUnfit as error:
        raise LimitNotFound(str(error)) from error
    if name.startswith(f"{TASK}:"):
        limiting.unlimit(session, name.partition(":")[2])
    else:
        paces.unset(session, name)
    return name


def _named(target: str) -> str:
    kind, _, rest = target.strip().partition(":")
    if kind == TASK and rest:
        return f"{TASK}:{rest}"
    if kind not in names.ASKED_BY_ADDRESS:
        kinds = ", ".join(f"{each}:NAME" for each in (TASK, *names.ASKED_BY_ADDRESS))
        raise LimitUnfit(f"{target[:80]!r} cannot be limited; write one of {kinds}")
    return names.named(target)
