"""The first page: what waits for you, what is happening, what goes out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from stonehand.web.pages.parts import Badge
from stonehand.web.pages.stories import StoryCard


@dataclass(frozen=True)
class Waiting:
    """Something that only a person can move on. `action` is what they would do: "Review", "Retry", "Look"."""

    kind: Literal["draft", "comments", "job", "source"]
    title: str
    detail: str
    href: str
    action: str
    since: datetime


@dataclass(frozen=True)
class Outgoing:
    """A piece on its way out, or one that has just gone."""

    title: str
    channel: str
    badge: Badge
    at: datetime
    href: str


@dataclass(frozen=True)
class Step:
    """One leg of the trip with what it did in the last 24 hours, by the hour."""

    words: str
    count: int
    hours: tuple[int, ...]


@dataclass(frozen=True)
class TodayView:
    """`waiting_total` may exceed what is listed. The first of `stories` leads the page."""

    date: datetime
    waiting: tuple[Waiting, ...]
    waiting_total: int
    stories: tuple[StoryCard, ...]
    outgoing: tuple[Outgoing, ...]
    steps: tuple[Step, ...]
    has_sources: bool = True
