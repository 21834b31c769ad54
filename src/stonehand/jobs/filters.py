"""Which jobs are meant: the filter of lists and of what is done to many jobs at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Self

import sqlalchemy as sa

from stonehand.db import Session
from stonehand.jobs.models import Job
from stonehand.jobs.states import State

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
        columns = {
            **{Job.task: self.task, Job.queue: self.queue, Job.fair_key: self.owner, Job.flow_id: self.flow},
            **{Job.asked_by: self.asked_by, Job.parent_id: self.parent, Job.fingerprint: self.fingerprint},
        }
        found: list[Condition] = [column == value for column, value in columns.items() if value]
        if self.states:
            found.append(Job.state.in_(self.states))
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


def first_id(moment: datetime) -> str:
    """The least id (see `db.new_id`) that could be made at `moment`: ids from then on are not less."""
    stamp = f"{int(moment.timestamp() * 1000):012x}"
    return f"{stamp[:8]}-{stamp[8:]}-7000-8000-000000000000"


def listing(session: Session, wish: Filter, before: str = "", limit: int = 50) -> Sequence[Job]:
    """Jobs, newest first; `before` is the id of the last one of the page before."""
    statement = sa.select(Job).where(*wish.conditions()).order_by(Job.id.desc()).limit(limit)
    return session.scalars(statement.where(Job.id < before) if before else statement).all()


def counts(session: Session, wish: Filter) -> dict[State, int]:
    """How many jobs are meant, by state."""
    rows = session.execute(sa.select(Job.state, sa.func.count()).where(*wish.conditions()).group_by(Job.state))
    return {State(state): int(count) for state, count in rows}


def newest(session: Session) -> str:
    """The newest id there is: an edge beyond which nothing had been asked for yet."""
    return session.scalar(sa.select(sa.func.max(Job.id))) or ""
