"""The filter of jobs as an address spells it, for the API and for the pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Query

from stonehand.jobs.desk import filters
from stonehand.jobs.desk.filters import Filter
from stonehand.jobs.states import State
from stonehand.web.api.contract import ID

Word = Annotated[str, Query(max_length=120, pattern=r"^[^\x00]*$")]
Id = Annotated[str, Query(pattern=rf"{ID}|^$")]


@dataclass(frozen=True)
class Narrowing:
    """What narrows a list of jobs, but for their states."""

    task: Word = ""
    queue: Word = ""
    text: Annotated[str, Query(max_length=120, pattern=r"^[^\x00]*$", description="In the error.")] = ""
    owner: Annotated[str, Query(max_length=120, pattern=r"^[^\x00]*$", description="Its fair key.")] = ""
    flow: Annotated[str, Query(pattern=rf"{ID}|^$", description="Its chain or group.")] = ""
    parent: Annotated[str, Query(pattern=rf"{ID}|^$", description="The job that asked for it.")] = ""
    asked_by: Word = ""
    fingerprint: Annotated[str, Query(pattern=rf"{ID}|^$", description="Of a group of dead letters.")] = ""
    since: Annotated[datetime | None, Query(description="Asked for then or later; UTC if it names no offset.")] = None
    until: Annotated[datetime | None, Query(description="Asked for before.")] = None

    def filter(self, states: tuple[State, ...] = ()) -> Filter:
        """As the room of jobs knows it."""
        return Filter(
            states=states,
            task=self.task.strip(),
            queue=self.queue.strip(),
            text=self.text.strip(),
            owner=self.owner.strip(),
            flow=self.flow,
            parent=self.parent,
            asked_by=self.asked_by.strip(),
            fingerprint=self.fingerprint,
            since=_near(self.since),
            until=_near(self.until),
        )


def _near(moment: datetime | None) -> datetime | None:
    """The moment, or the nearest that an id can tell."""
    if moment is None:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(aware, filters.EARLIEST), filters.EVER)


Narrowed = Annotated[Narrowing, Depends()]
