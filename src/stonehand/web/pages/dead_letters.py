"""Dead letters: by what they died of, and what a person must look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from stonehand.web.pages.jobs import Argument, JobRow
from stonehand.web.pages.parts import ONE_PAGE, Pager


@dataclass(frozen=True)
class GroupRow:
    """Dead letters that died of the same; `error` is that of the newest."""

    fingerprint: str
    count: int
    task: str
    kind: str
    error: str
    first_at: datetime
    last_at: datetime
    sample: str


@dataclass(frozen=True)
class DeadView:
    """All of them. `doubtful` may have happened outside."""

    groups: tuple[GroupRow, ...]
    doubtful: tuple[JobRow, ...]
    total: int
    can_edit: bool = False
    older: Pager = ONE_PAGE


@dataclass(frozen=True)
class GroupView:
    """One group: its letters, and what all of them could be told anew."""

    group: GroupRow
    letters: tuple[JobRow, ...]
    pager: Pager = ONE_PAGE
    trace: str = ""
    arguments: tuple[Argument, ...] = ()
    can_edit: bool = False
