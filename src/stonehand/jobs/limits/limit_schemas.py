"""Breakers, limits and pauses at the border."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from stonehand.jobs.limits.limit_targets import Limit
from stonehand.jobs.models import Pause
from stonehand.limits import breakers
from stonehand.limits.breakers import State
from stonehand.limits.models import Breaker


class BreakerOut(BaseModel):
    """Whether something outside answers. `why` says why nothing is asked now, `waiting` how many jobs wait for it."""

    name: str
    state: State
    failures: int
    last_error: str | None
    opened_at: datetime | None
    tried_again_at: datetime | None
    held_by: str | None
    why: str | None
    waiting: int

    @classmethod
    def of(cls, row: Breaker, now: datetime, waiting: int) -> Self:
        """A breaker as it is now."""
        is_shut = row.state != State.CLOSED
        return cls(
            name=row.name,
            state=State(row.state),
            failures=row.failures,
            last_error=row.last_error,
            opened_at=moment(row.opened_at) if is_shut else None,
            tried_again_at=moment(row.probe_at) if is_shut and row.held_by is None else None,
            held_by=row.held_by,
            why=str(breakers.refusal(row, now.timestamp())) if is_shut else None,
            waiting=waiting,
        )


def moment(seconds: float) -> datetime | None:
    """A time from seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


class LimitOut(BaseModel):
    """A limit of a task, a host or a provider. `changed_by` is null if it is what the task itself declares."""

    target: str
    rate: str | None
    concurrency: int | None
    changed_by: str | None
    waits: str | None

    @classmethod
    def of(cls, limit: Limit) -> Self:
        """A limit as it is now."""
        names = ("target", "rate", "concurrency", "changed_by", "waits")
        return cls(**{name: getattr(limit, name) for name in names})


class LimitIn(BaseModel):
    """How often it may begin or be asked (`10/m`), and how many of a task may run at once. Null lifts one."""

    model_config = ConfigDict(extra="forbid")

    rate: Annotated[str, Field(max_length=20, examples=["10/m"])] | None = None
    concurrency: Annotated[int, Field(ge=1, le=10_000)] | None = None


class PauseOut(BaseModel):
    """What somebody has stopped."""

    target: str
    by: str
    since: datetime | None

    @classmethod
    def of(cls, pause: Pause) -> Self:
        """A queue, a task or an owner of jobs."""
        return cls(target=pause.target, by=pause.by, since=pause.since)

    @classmethod
    def of_breaker(cls, row: Breaker) -> Self:
        """A host, a provider or a channel."""
        return cls(target=row.name, by=row.held_by or "", since=moment(row.changed_at))


class PauseIn(BaseModel):
    """What to stop."""

    model_config = ConfigDict(extra="forbid")

    target: str = Field(max_length=200, examples=["queue:fetch", "host:example.org", "task:drafts.write"])
