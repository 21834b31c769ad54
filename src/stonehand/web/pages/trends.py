"""Trends: the board by state, and the page of one trend."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from stonehand.web.pages.parts import ONE_PAGE, Badge, Pager, Tab


@dataclass(frozen=True)
class TrendCard:
    """A trend folded to a few lines. `hours` is reports an hour over two days, the oldest first."""

    id: str
    title: str
    badge: Badge
    why: str
    score: int
    articles: int
    outlets: int
    updated_at: datetime
    hours: tuple[int, ...] = ()
    is_sample: bool = False


@dataclass(frozen=True)
class Column:
    """The trends of one state, the highest score first."""

    title: str
    words: str
    count: int
    href: str
    trends: tuple[TrendCard, ...]


@dataclass(frozen=True)
class BoardView:
    """All states side by side, or the trends of one."""

    tabs: tuple[Tab, ...]
    columns: tuple[Column, ...]
    pager: Pager = ONE_PAGE


@dataclass(frozen=True)
class Part:
    """A part of a score: what it is, from 0 to 100, and its share in the whole."""

    words: str
    value: float
    share: str


@dataclass(frozen=True)
class Turn:
    """A change of state, and why."""

    at: datetime
    badge: Badge
    why: str


@dataclass(frozen=True)
class TrendView:
    """One trend: why, what its score is made of, how its velocity went, how it turned (newest first)."""

    card: TrendCard
    parts: tuple[Part, ...]
    facts: tuple[tuple[str, str], ...]
    velocities: tuple[float, ...]
    turns: tuple[Turn, ...]
