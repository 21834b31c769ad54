"""Alerts and backups: what is wrong, who would hear of it, and what could be restored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from stonehand.web.pages.parts import Badge


@dataclass(frozen=True)
class AlertRow:
    """Something that is or was wrong. `muted_until` is set while nothing of it is sent."""

    key: str
    title: str
    sentence: str
    badge: Badge
    began_at: datetime
    ended_at: datetime | None = None
    muted_until: datetime | None = None


@dataclass(frozen=True)
class MuteRow:
    """What is silent, until when, and who wanted it."""

    target: str
    until: datetime
    by: str


@dataclass(frozen=True)
class BackupRow:
    """A try at a backup. `where` is its file, or why there is none."""

    made_at: datetime
    badge: Badge
    size: str
    where: str


@dataclass(frozen=True)
class AlertsView:
    """What goes on, what is over, what is muted, the ways by which people are told, the latest backups."""

    going_on: tuple[AlertRow, ...]
    over: tuple[AlertRow, ...]
    mutes: tuple[MuteRow, ...]
    ways: str
    backups: tuple[BackupRow, ...]
    backup_note: str
    can_admin: bool = False
