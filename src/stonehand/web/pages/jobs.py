"""Jobs: what runs, what waits and why, what failed; the page of one job; deeds for many; starting one by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from stonehand.web.pages.parts import ONE_PAGE, Badge, Field, Link, Meter, Pager, Tab
from stonehand.web.pages.queues import QueueRow


@dataclass(frozen=True)
class JobRow:
    """A job in a list. `about` names the thing it works on; `why` says why it is not running, or why it failed."""

    id: str
    task: str
    about: str
    queue: str
    badge: Badge
    at: datetime
    attempts: int
    meter: Meter | None = None
    why: str = ""


@dataclass(frozen=True)
class Narrowed:
    """What stands in the filter's fields. `bulk` leads to deeds for all jobs that it finds."""

    show: str = "unfinished"
    task: str = ""
    queue: str = ""
    text: str = ""
    owner: str = ""
    flow: str = ""
    parent: str = ""
    asked_by: str = ""
    fingerprint: str = ""
    since: str = ""
    until: str = ""
    bulk: str = ""

    @property
    def is_open(self) -> bool:
        """Whether one of the rarer fields is in use."""
        return any((self.text, self.owner, self.flow, self.parent, self.asked_by, self.since, self.until))


@dataclass(frozen=True)
class JobsView:
    """`states` are the single states that can be chosen; `cut`, whether older ones have not been looked at."""

    queues: tuple[QueueRow, ...]
    jobs: tuple[JobRow, ...]
    tabs: tuple[Tab, ...]
    narrowed: Narrowed = Narrowed()
    pager: Pager = ONE_PAGE
    cut: bool = False
    can_edit: bool = False
    queue_names: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    states: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Choice:
    """A deed, and to how many jobs it would be done."""

    verb: str
    words: str
    count: int
    sure: str


@dataclass(frozen=True)
class BulkView:
    """`facts` say in words which jobs are meant; `hidden` are the fields that mean them again."""

    facts: tuple[tuple[str, str], ...]
    counts: tuple[tuple[Badge, int], ...]
    choices: tuple[Choice, ...]
    hidden: tuple[tuple[str, str], ...]
    back: str
    total: int


@dataclass(frozen=True)
class AttemptRow:
    """One try. `error` is empty unless it failed; `trace` is where in the code it did."""

    number: int
    started_at: datetime | None
    ended_at: datetime | None
    worker: str
    badge: Badge
    error: str = ""
    trace: str = ""


@dataclass(frozen=True)
class LogLine:
    """A line that an attempt logged."""

    at: str
    level: str
    words: str


@dataclass(frozen=True)
class OtherJob:
    """A job beside this one: an item, something it waits for, a step of the same way."""

    link: Link
    badge: Badge
    at: datetime | None = None
    here: bool = False
    about: str = ""


@dataclass(frozen=True)
class Others:
    """Jobs beside this one: how many in each state, some of them, and where the others are."""

    title: str
    counts: tuple[tuple[Badge, int], ...] = ()
    jobs: tuple[OtherJob, ...] = ()
    more: Link | None = None


@dataclass(frozen=True)
class Argument:
    """A field of a task's form."""

    name: str
    label: str
    field: Field
    required: bool = True


@dataclass(frozen=True)
class JobView:
    """One job. `why` is the sentence that answers "why is it not running?", empty while it runs or is done.

    `results` are what it answered that is too long for a fact: a name, how many, and all of it.
    """

    id: str
    task: str
    about: Link | None
    queue: str
    badge: Badge
    asked_at: datetime
    attempts: tuple[AttemptRow, ...]
    facts: tuple[tuple[str, str], ...]
    alive: bool
    why: str = ""
    error: str = ""
    meter: Meter | None = None
    others: tuple[Others, ...] = ()
    way: tuple[OtherJob, ...] = ()
    log: tuple[LogLine, ...] = ()
    arguments: tuple[Argument, ...] = ()
    priority: int = 5
    can_cancel: bool = False
    can_retry: bool = False
    can_hurry: bool = False
    can_prioritise: bool = False
    can_decide: bool = False
    can_resolve: bool = False
    can_mend: bool = False
    asked_by: Link | None = None
    asker: str = ""
    alike: Link | None = None
    results: tuple[tuple[str, int, str], ...] = ()
    left: int = 0
    """Addresses that it did not bring and that can be asked for again."""
    again: Link | None = None
    """The job that asks for them already."""


@dataclass(frozen=True)
class TaskRow:
    """A task that can be started by hand."""

    name: str
    about: str
    queue: str
    takes: str = ""
    """Its arguments, as they are written in a line."""


@dataclass(frozen=True)
class SeveralView:
    """The tasks that this person may start, and the form of several jobs as it was typed."""

    tasks: tuple[TaskRow, ...]
    steps: str = ""
    how: str = "chain"
    then: str = ""
    error: str = ""


@dataclass(frozen=True)
class NewJobView:
    """The tasks that this person may start; and the form of one, if one was chosen."""

    tasks: tuple[TaskRow, ...]
    chosen: TaskRow | None = None
    rest: str = ""
    arguments: tuple[Argument, ...] = ()
    error: str = ""
