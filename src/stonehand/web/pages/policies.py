"""Policies: who must approve for each channel, and which pieces may go out without a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from stonehand.web.pages.parts import Badge


@dataclass(frozen=True)
class Choice:
    """A box to tick."""

    id: str
    name: str
    is_chosen: bool = False


@dataclass(frozen=True)
class PolicyForm:
    """What stands in the fields of a channel's policy."""

    reason: str = ""
    daily_cap: int = 3
    expires: str = ""
    """A day, as a form's field has it."""
    support: str = "verbatim"
    max_words: int = 600
    sources: tuple[Choice, ...] = ()
    agents: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class ChannelRule:
    """A channel, who must approve for it, and its policy, if it has one."""

    id: str
    name: str
    eyes: str
    rule: str
    badge: Badge
    form: PolicyForm
    has_policy: bool = False
    is_on: bool = False
    reason: str = ""
    used: str = ""
    expires_at: datetime | None = None
    terms: str = ""
    is_over: bool = False


@dataclass(frozen=True)
class PoliciesView:
    """Every channel with its rule. `least` is the installation's rule."""

    channels: tuple[ChannelRule, ...]
    eyes: tuple[tuple[str, str], ...]
    least: str
    can_edit: bool = False
    can_stop: bool = False
