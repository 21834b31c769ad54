"""Breakers and limits: what does not answer, what is limited, and what somebody has paused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from stonehand.web.pages.parts import BLANK, Badge, Field


@dataclass(frozen=True)
class BreakerRow:
    """Something outside. `called` is its name in words; `next_at` is when it is tried again."""

    name: str
    called: str
    badge: Badge
    failures: int
    waiting: int
    changed_at: datetime | None
    error: str = ""
    next_at: datetime | None = None
    held_by: str = ""
    is_shut: bool = False


@dataclass(frozen=True)
class LimitRow:
    """How often a target may begin or be asked, and how many at once."""

    target: str
    rate: str
    concurrency: str
    origin: str
    waits: str = ""
    is_set: bool = False


@dataclass(frozen=True)
class PauseRow:
    """What somebody has stopped."""

    target: str
    called: str
    by: str
    since: datetime | None


@dataclass(frozen=True)
class Forms:
    """What was typed into the page's forms, and what is wrong with it."""

    pause: Field = BLANK
    target: Field = BLANK
    rate: Field = BLANK
    concurrency: Field = BLANK


@dataclass(frozen=True)
class LimitsView:
    """The whole page."""

    breakers: tuple[BreakerRow, ...]
    limits: tuple[LimitRow, ...]
    pauses: tuple[PauseRow, ...]
    can_admin: bool = False
    targets: tuple[str, ...] = ()
    forms: Forms = Forms()
