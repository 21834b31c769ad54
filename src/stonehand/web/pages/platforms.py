"""Platforms: sites on which comments are made, and as whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from stonehand.web.pages.parts import BLANK, Badge, Field

CAPS = ("most_per_login_a_day", "most_a_day", "most_per_article")
FIELDS = ("name", "base_url", "preset", "config", "permission", "interval", "language", "disclosure", *CAPS)
PACE = "0.5"


@dataclass(frozen=True)
class LoginRow:
    """A login: its state in words, and until when its session holds."""

    id: str
    username: str
    shown_as: str
    badge: Badge
    trouble: str = ""
    session_since: datetime | None = None
    is_off: bool = False


@dataclass(frozen=True)
class PlatformRow:
    """A site and its logins."""

    id: str
    name: str
    base_url: str
    what: str
    permission: str
    pace: str
    caps: str = ""
    opt_outs: int = 0
    told: str = ""
    """In which language its comments are written, and what they begin with, as far as that is set."""
    logins: tuple[LoginRow, ...] = ()
    wrong: str = ""
    """What is wrong with the login that was just typed."""
    typed: str = ""


@dataclass(frozen=True)
class PresetChoice:
    """A configuration to choose."""

    name: str
    title: str
    hint: str


def blank() -> dict[str, Field]:
    """The empty form."""
    return {**dict.fromkeys(FIELDS, BLANK), "interval": Field(PACE)}


@dataclass(frozen=True)
class PlatformsView:
    """Every platform, and the form that adds one."""

    platforms: tuple[PlatformRow, ...]
    presets: tuple[PresetChoice, ...] = ()
    form: Mapping[str, Field] = field(default_factory=blank)
    can_edit: bool = False


@dataclass(frozen=True)
class OptOutRow:
    """Somebody who wants no comments of ours; without an author the whole site."""

    id: str
    author: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class PlatformEditView:
    """One platform, to be changed."""

    id: str
    name: str
    base_url: str
    presets: tuple[PresetChoice, ...]
    form: Mapping[str, Field]


@dataclass(frozen=True)
class OptOutsView:
    """Who wants no comments on a platform, and the form that notes somebody."""

    id: str
    name: str
    rows: tuple[OptOutRow, ...]
    author: Field = BLANK
    reason: Field = BLANK
    can_edit: bool = False
    can_remove: bool = False
