"""Agents: the table, the page of one with what it would do next and its history, and the form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from stonehand.web.pages.parts import ONE_PAGE, Badge, Link, Meter, Pager
from stonehand.web.pages.schedules import DueTime


@dataclass(frozen=True)
class Used:
    """What an agent has used of something in some time: `12 of 30 posts`. `meter` is None without a limit."""

    words: str
    meter: Meter | None = None


@dataclass(frozen=True)
class RunLine:
    """A run: why, what about, what became of it and what it cost. `draft` leads to its review."""

    at: datetime
    why: str
    badge: Badge
    topic: str
    note: str
    cost: str
    draft: Link | None = None
    job: str = ""


@dataclass(frozen=True)
class AgentRow:
    """An agent in the table."""

    id: str
    name: str
    badge: Badge
    note: str
    when: str
    next_at: datetime | None
    last: RunLine | None
    used: tuple[Used, ...]
    is_sample: bool = False


@dataclass(frozen=True)
class AgentsView:
    """All agents."""

    rows: tuple[AgentRow, ...]
    can_edit: bool


@dataclass(frozen=True)
class PartView:
    """A part of a topic's score, in percent, and why."""

    words: str
    percent: int
    reason: str


@dataclass(frozen=True)
class TopicView:
    """Something the agent could write about, its score in percent, and why not, if not."""

    title: str
    href: str
    score: int
    keyword: str
    articles: int
    parts: tuple[PartView, ...] = ()
    why_not: str = ""


@dataclass(frozen=True)
class AgentView:
    """One agent."""

    row: AgentRow
    facts: tuple[tuple[str, str], ...]
    schedule: str
    upcoming: tuple[DueTime, ...]
    chosen: tuple[TopicView, ...]
    others: tuple[TopicView, ...]
    blocks: tuple[str, ...]
    looked_at: int
    runs: tuple[RunLine, ...]
    used: tuple[tuple[str, tuple[Used, ...]], ...]
    costs: tuple[float, ...]
    """Millionths of the budget's currency, of the last 30 days."""
    posts: tuple[float, ...]
    in_all: str
    can_edit: bool
    pager: Pager = ONE_PAGE
    error: str = ""
    topic: str = ""
    keyword: str = ""


@dataclass(frozen=True)
class Option:
    """A choice in a form."""

    value: str
    words: str
    chosen: bool = False


@dataclass(frozen=True)
class AgentForm:
    """The form of an agent, as it is typed."""

    title: str
    action: str
    values: dict[str, str]
    lengths: tuple[Option, ...]
    kinds: tuple[Option, ...]
    rules: tuple[Option, ...]
    sources: tuple[Option, ...]
    prompts: tuple[Option, ...]
    models: tuple[Option, ...]
    channels: tuple[Option, ...]
    zones: tuple[str, ...]
    error: str = ""
    back: str = "/agents"
