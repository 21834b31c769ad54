"""Which jobs are meant: the filter of lists and of what is done to many jobs at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any, Self

import sqlalchemy as sa

from stonehand.db import Session, first_id
from stonehand.jobs.models import Job
from stonehand.jobs.states import State

EARLIEST, EVER = datetime(1971, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
Condition = sa.ColumnElement[bool]


@dataclass(frozen=True)
class Filter:
    """What is left empty does not matter. `since` and `until` are about when a job was asked for."""

    states: tuple[State, ...] = ()
    task: str = ""
    queue: str = ""
    text: str = ""
    """In the error."""
    owner: str = ""
    """Its fair key, such as `source:...`."""
    flow: str = ""
    """The chain or group."""
    asked_by: str = ""
    parent: str = ""
    fingerprint: str = ""
    since: datetime | None = None
    until: datetime | None = None
    last: str = ""
    """The newest id that is meant: what is asked for later is not."""

    @property
    def is_narrow(self) -> bool:
        """Whether anything but the states narrows it."""
        return any(getattr(self, field.name) for field in fields(self) if field.name not in ("states", "last"))

    def conditions(self) -> list[Condition]:
        """What a job must satisfy."""
        columns = (
            *((Job.task, self.task), (Job.queue, self.queue), (Job.fair_key, self.owner), (Job.flow_id, self.flow)),
            *((Job.asked_by, self.asked_by), (Job.parent_id, self.parent), (Job.fingerprint, self.fingerprint)),
        )
        found: list[Condition] = [column == value for column, value in columns if value]
        states = self.states or (_WITH_ERRORS if self.text else ())
        if states:
            found.append(Job.state.in_(states))
        if self.text:
            found.append(Job.error.icontains(self.text, autoescape=True))
        return found + self._times()

    def _times(self) -> list[Condition]:
        # Ids sort by when they were made, and every list goes by id: so a time is a range of the primary key.
        found: list[Condition] = []
        if self.since:
            found.append(Job.id >= first_id(self.since))
        if self.until:
            found.append(Job.id < first_id(self.until))
        if self.last:
            found.append(Job.id <= self.last)
        return found

    def stored(self) -> dict[str, Any]:
        """As the arguments of a job keep it."""
        plain = {name: value for name, value in asdict(self).items() if value}
        for name in ("since", "until"):
            if name in plain:
                plain[name] = plain[name].isoformat()
        return plain | ({"states": [str(state) for state in self.states]} if self.states else {})

    @classmethod
    def read(cls, stored: dict[str, Any]) -> Self:
        """The other way round."""
        times = {name: datetime.fromisoformat(stored[name]) for name in ("since", "until") if stored.get(name)}
        return cls(**{**stored, "states": tuple(map(State, stored.get("states", ()))), **times})


WINDOW = 20_000  # jobs that one look goes through at most
_WITH_ERRORS = (State.RETRYABLE, State.DISCARDED, State.NEEDS_RECONCILE, State.CANCELLED)


@dataclass(frozen=True)
class Part:
    """Some jobs, newest first, and the id before which the list goes on; empty at the end."""

    jobs: Sequence[Job]
    next: str = ""


def part(session: Session, wish: Filter, before: str = "", limit: int = 50) -> Part:
    """A part of the list. A search that finds little stops after 20,000 jobs, and can go on from there."""
    edge = _edge(session, wish, before)
    statement = sa.select(Job).where(*wish.conditions()).order_by(Job.id.desc()).limit(limit + 1)
    if before:
        statement = statement.where(Job.id < before)
    found = session.scalars(statement.where(Job.id >= edge) if edge else statement).all()
    return Part(found[:limit], found[limit - 1].id if len(found) > limit else edge)


def listing(session: Session, wish: Filter, before: str = "", limit: int = 50) -> Sequence[Job]:
    """Jobs, newest first, however long it takes to find them."""
    found: list[Job] = []
    while True:
        some = part(session, wish, before, limit - len(found))
        found += some.jobs
        before = some.next
        if not before or len(found) >= limit:
            return found


def _edge(session: Session, wish: Filter, before: str) -> str:
    """Where a look ends that no index leads: `WINDOW` jobs on."""
    is_led = wish.flow or wish.parent or wish.fingerprint or not wish.is_narrow
    if is_led or (wish.states and _are_few(session, wish.states)):
        return ""
    newest = sa.select(Job.id).order_by(Job.id.desc()).offset(WINDOW).limit(1)
    if before or wish.until:
        newest = newest.where(Job.id < (before or first_id(wish.until or EVER)))
    return session.scalar(newest) or ""


def _are_few(session: Session, states: Sequence[State]) -> bool:
    some = sa.select(Job.id).where(Job.state.in_(states)).limit(WINDOW).subquery()
    return (session.scalar(sa.select(sa.func.count()).select_from(some)) or 0) < WINDOW


def counts(session: Session, wish: Filter) -> dict[State, int]:
    """How many jobs are meant, by state."""
    rows = session.execute(sa.select(Job.state, sa.func.count()).where(*wish.conditions()).group_by(Job.state))
    return {State(state): int(count) for state, count in rows}


def newest(session: Session) -> str:
    """The newest id there is: an edge beyond which nothing had been asked for yet."""
    return session.scalar(sa.select(sa.func.max(Job.id))) or ""
