"""Coming in and going out, one's own account, and for administrators the people and the audit log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from stonehand.web.pages.parts import BLANK, ONE_PAGE, Badge, Field, Pager, Tab


@dataclass(frozen=True)
class SignInView:
    """The form at the door. `next` is the path on this site that somebody wanted to see."""

    next: str = "/"
    email: Field = BLANK
    password: Field = BLANK
    error: str = ""


@dataclass(frozen=True)
class SetupView:
    """The form that makes the first administrator. `secret` is that of the setup link."""

    secret: str
    name: Field = BLANK
    email: Field = BLANK
    password: Field = BLANK
    error: str = ""


@dataclass(frozen=True)
class TokenRow:
    """A token without its secret. `scopes` are words."""

    id: str
    name: str
    prefix: str
    scopes: str
    badge: Badge
    expires_at: datetime
    last_used_at: datetime | None = None
    can_revoke: bool = False


@dataclass(frozen=True)
class AccountView:
    """Who you are. `secret` is that of a token made just now; it is shown this once."""

    name: str
    email: str
    role: str
    may: str
    tokens: tuple[TokenRow, ...]
    scopes: tuple[str, ...]
    tabs: tuple[Tab, ...] = ()
    secret: str = ""
    token_name: Field = BLANK
    days: Field = BLANK
    current: Field = BLANK
    password: Field = BLANK


@dataclass(frozen=True)
class UserRow:
    """Somebody with an account."""

    id: str
    name: str
    email: str
    role: str
    badge: Badge
    is_active: bool
    is_self: bool
    created_at: datetime
    last_seen_at: datetime | None = None


@dataclass(frozen=True)
class UsersView:
    """Everybody, and the form that adds somebody. `role` is the one chosen there."""

    users: tuple[UserRow, ...]
    roles: tuple[str, ...]
    tabs: tuple[Tab, ...] = ()
    name: Field = BLANK
    email: Field = BLANK
    password: Field = BLANK
    role: Field = BLANK


@dataclass(frozen=True)
class AuditRow:
    """Who did what to which thing; `href` leads to it where it has a page."""

    at: datetime
    actor: str
    verb: str
    kind: str
    detail: str = ""
    href: str = ""


@dataclass(frozen=True)
class AuditView:
    """A part of the audit log, newest first."""

    records: tuple[AuditRow, ...]
    tabs: tuple[Tab, ...] = ()
    pager: Pager = ONE_PAGE
