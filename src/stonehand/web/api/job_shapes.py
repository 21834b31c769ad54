"""Shapes of the API of jobs: wishes for many of them, and what belongs to one."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from stonehand.jobs.desk.bulk import Deed
from stonehand.jobs.desk.deadletters import Group
from stonehand.jobs.desk.filters import Filter
from stonehand.jobs.models import JobLog
from stonehand.jobs.schemas import EARLIEST, LATEST, JobIn, JobOut
from stonehand.jobs.states import State
from stonehand.web.api.contract import ID, Wish

Word = Annotated[str, StringConstraints(max_length=120)]
Id = Annotated[str, Field(pattern=ID)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]
Time = Annotated[AwareDatetime | None, Field(ge=EARLIEST, le=LATEST)]


class FilterIn(Wish):
    """Which jobs. What is left out does not matter, but something must be said."""

    state: list[State] = Field(default_factory=list, max_length=10)
    task: Word = ""
    queue: Word = ""
    text: Word = Field(default="", description="In the error.")
    owner: Word = Field(default="", description="The fair key, such as `source:...`.")
    flow_id: Id | None = None
    parent_id: Id | None = None
    asked_by: Word = ""
    fingerprint: Id | None = Field(default=None, description="Of a group of dead letters.")
    since: Time = None
    until: Time = None

    def filter(self) -> Filter:
        """As the room of jobs knows it."""
        ids: dict[str, Any] = {
            "flow": self.flow_id or "",
            "parent": self.parent_id or "",
            "fingerprint": self.fingerprint or "",
        }
        plain = self.model_dump(include={"task", "queue", "text", "owner", "asked_by", "since", "until"})
        return Filter(states=tuple(self.state), **ids, **plain)


class BulkIn(Wish):
    """One deed for every job of a filter. `expected`, if it is sent, must be the number that is meant now."""

    verb: Literal["cancel", "retry", "prioritise", "resolve"]
    filter: FilterIn
    priority: int | None = Field(default=None, ge=0, le=9, description="For `prioritise`.")
    reason: Text | None = Field(default=None, description="For `resolve`.")
    expected: int | None = Field(default=None, ge=0, le=2**31)
    dry_run: bool = Field(default=False, description="Only count.")

    def deed(self, by: str) -> Deed:
        """As the room of jobs knows it."""
        value = str(self.priority) if self.verb == "prioritise" else self.reason or ""
        return Deed(self.verb, value, by)


class BulkOut(BaseModel):
    """How many are meant; how many were changed at once, or the job that changes them and shows how far it is."""

    meant: int
    changed: int | None = None
    job_id: str | None = None


class ChainIn(Wish):
    """Jobs that run one after the other."""

    steps: list[JobIn] = Field(min_length=1, max_length=1000)


class GroupIn(Wish):
    """Jobs that run side by side, and one that follows when all of them are completed."""

    steps: list[JobIn] = Field(min_length=1, max_length=1000)
    then: JobIn | None = None


class FlowOut(BaseModel):
    """A chain or group that was accepted: the ids of its jobs in the order of the wish."""

    flow_id: str
    job_ids: list[str]


class PriorityIn(Wish):
    """How urgent, 9 is the most."""

    priority: int = Field(ge=0, le=9)


class ReasonIn(Wish):
    """Why, for those who look at it later."""

    reason: Text


class HappenedIn(Wish):
    """What a person found out about a job that may have happened outside."""

    happened: bool
    note: Text | None = Field(default=None, description="Needed if it did happen: where it was seen.")


class MendIn(Wish):
    """Arguments to change; the others stay."""

    args: dict[Annotated[str, StringConstraints(max_length=100)], Annotated[str, StringConstraints(max_length=2000)]]


class ItemsOut(BaseModel):
    """The jobs that one attempt held together: by state, and a part of them. `next` goes into `after`."""

    counts: dict[str, int]
    items: list[JobOut]
    next: str | None = None


class LogOut(BaseModel):
    """What one attempt logged at its end, without secrets: its last lines, oldest first."""

    attempt: int
    lines: list[dict[str, Any]]

    @classmethod
    def of(cls, kept: JobLog) -> Self:
        """As it was kept."""
        return cls(attempt=kept.fence, lines=kept.lines)


class NeedsOut(BaseModel):
    """What a job waits or waited for, what waits for it, and what it asked for itself."""

    needs: list[JobOut]
    unmet: list[str]
    waiting_for_it: list[str]
    flow: dict[str, int]
    children: dict[str, int]


class LetterGroupOut(BaseModel):
    """Dead letters that died of the same. `sample` is the newest."""

    fingerprint: str
    count: int
    task: str
    error_kind: str | None
    error: str | None
    first_at: AwareDatetime
    last_at: AwareDatetime
    sample: JobOut

    @classmethod
    def of(cls, group: Group) -> Self:
        """A group as it stands."""
        told = {"task": group.sample.task, "error_kind": group.sample.error_kind, "error": group.sample.error}
        times = {"first_at": group.first_at, "last_at": group.last_at}
        return cls(fingerprint=group.fingerprint, count=group.count, sample=JobOut.of(group.sample), **told, **times)
