"""From breakers, limits and pauses to what their page shows."""

from __future__ import annotations

from collections.abc import Mapping

from stonehand.accounts.permissions import Person
from stonehand.channels import pausing
from stonehand.db import Session
from stonehand.jobs.declaration import QUEUES
from stonehand.jobs.limits import limit_queries, limit_targets
from stonehand.jobs.limits.limit_schemas import PauseOut, moment
from stonehand.jobs.limits.limit_targets import Limit
from stonehand.jobs.worker import presence
from stonehand.limits import breakers
from stonehand.limits.breakers import State
from stonehand.limits.models import Breaker
from stonehand.web.pages.limits import BreakerRow, Forms, LimitRow, LimitsView, PauseRow
from stonehand.web.pages.parts import Badge

FAILING = Badge("Fails now and then", "warn")
STATES = {
    State.CLOSED: Badge("Answers", "good"),
    State.OPEN: Badge("Does not answer", "bad"),
    State.HALF_OPEN: Badge("Being tried", "busy"),
}
DECLARED = {"task": "declared by the task", "queue": "from the settings"}
HELD = Badge("Paused", "warn")


def index(session: Session, person: Person, forms: Forms = Forms()) -> LimitsView:  # noqa: B008  it never changes
    """Everything that holds work up on purpose."""
    rows, channels = breakers.every(session), pausing.channel_names(session)
    waits = limit_queries.waiting(session, [row.name for row in rows])
    return LimitsView(
        breakers=tuple(_breaker(row, waits.get(row.name, 0), channels) for row in rows),
        limits=tuple(map(_limit, limit_targets.every(session))),
        pauses=tuple(_pause(each, channels) for each in limit_queries.paused(session)),
        can_admin=person.may("admin"),
        targets=_targets(session, channels),
        forms=forms,
    )


def _breaker(row: Breaker, waiting: int, channels: Mapping[str, str]) -> BreakerRow:
    state, is_held = State(row.state), row.held_by is not None
    badge = FAILING if state is State.CLOSED and row.failures else STATES[state]
    return BreakerRow(
        name=row.name,
        called=pausing.called(row.name, channels),
        badge=HELD if is_held else badge,
        failures=row.failures,
        waiting=waiting,
        changed_at=moment(row.changed_at),
        error=row.last_error or "",
        next_at=moment(row.probe_at) if state is State.OPEN and not is_held else None,
        held_by=row.held_by or "",
        is_shut=state is not State.CLOSED,
    )


def _limit(limit: Limit) -> LimitRow:
    return LimitRow(
        target=limit.target,
        rate=limit.rate or "",
        concurrency=str(limit.concurrency or ""),
        origin=f"set by {limit.changed_by}" if limit.changed_by else DECLARED.get(limit.target.partition(":")[0], ""),
        waits=f"waits {limit.waits}" if limit.waits else "",
        is_set=limit.changed_by is not None,
    )


def _pause(each: PauseOut, channels: Mapping[str, str]) -> PauseRow:
    return PauseRow(each.target, pausing.called(each.target, channels), each.by, each.since)


def _targets(session: Session, channels: Mapping[str, str]) -> tuple[str, ...]:
    tasks = {task for worker in presence.alive(session) for task in worker.tasks}
    queues = [f"queue:{name}" for name in QUEUES]
    return (*queues, *(f"task:{name}" for name in sorted(tasks)), *(f"channel:{name}" for name in channels.values()))
