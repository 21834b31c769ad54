"""Tables of platforms, logins and sessions."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from stonehand import vault
from stonehand.db import Base, Mapped, mapped_column, new_id

_ACTIVE = sa.text("state = 'active'")


class LoginState(StrEnum):
    """Whether a login may be used."""

    READY = "ready"
    REFUSED = "refused"
    """The site has refused its password; a person must mend it."""
    OFF = "off"
    """A person has switched it off."""


class SessionState(StrEnum):
    """Whether the cookies of a session are of use."""

    ACTIVE = "active"
    OVER = "over"


class Platform(Base):
    """A site. `permission` says who of the site allows what we do there; `interval` is seconds between questions.

    The three numbers are how many comments may be begun in 24 hours by one login and by all, and how many of ours may
    stand under one article.
    """

    __tablename__ = "platforms"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]
    name: Mapped[str] = mapped_column(unique=True)
    base_url: Mapped[str]
    config: Mapped[dict[str, Any]]
    permission: Mapped[str] = mapped_column(sa.Text)
    interval: Mapped[float]
    most_per_login_a_day: Mapped[int] = mapped_column(default=50, server_default="50")
    most_a_day: Mapped[int] = mapped_column(default=200, server_default="200")
    most_per_article: Mapped[int] = mapped_column(default=4, server_default="4")
    language: Mapped[str] = mapped_column(default="", server_default="")
    """In which comments are written and disclosed there, such as `de`; empty takes the article's."""
    disclosure: Mapped[str] = mapped_column(default="", server_default="")
    """What every comment begins with; empty takes the language's own. There is no way to leave it out."""
    created_at: Mapped[datetime]


class Login(Base):
    """Who we are at a platform. `password` is sealed for this login and the platform's host.

    Who signs in holds the lease; while it lasts, and `holder` is nobody, the site has just failed and is left alone.
    """

    __tablename__ = "platform_logins"
    __table_args__ = (sa.UniqueConstraint("platform_id", "username"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    platform_id: Mapped[str] = mapped_column(sa.ForeignKey("platforms.id", ondelete="CASCADE"))
    username: Mapped[str]
    password: Mapped[str] = mapped_column(sa.Text, info=vault.SEALED)
    shown_as: Mapped[str] = mapped_column(default="", server_default="")
    """What the site calls it where people can see it."""
    state: Mapped[str] = mapped_column(default=LoginState.READY)
    trouble: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    refused_at: Mapped[datetime | None]
    tried_at: Mapped[datetime | None]
    holder: Mapped[str] = mapped_column(default="", server_default="")
    leased_until: Mapped[datetime | None]
    choices: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """What it can filter articles by; see `choices`."""
    created_at: Mapped[datetime]


class Session(Base):
    """A sign-in and its cookies, sealed. A login has at most one that is active."""

    __tablename__ = "platform_sessions"
    __table_args__ = (
        sa.Index(
            "uq_platform_sessions_active", "login_id", unique=True, sqlite_where=_ACTIVE, postgresql_where=_ACTIVE
        ),
        sa.Index("ix_platform_sessions_state", "state", "expires_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    login_id: Mapped[str] = mapped_column(sa.ForeignKey("platform_logins.id", ondelete="CASCADE"), index=True)
    jar: Mapped[str] = mapped_column(sa.Text, info=vault.SEALED)
    """Empty once the session is over."""
    state: Mapped[str] = mapped_column(default=SessionState.ACTIVE)
    why: Mapped[str] = mapped_column(default="", server_default="")
    created_at: Mapped[datetime]
    validated_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SessionDay(Base):
    """What is left of old sessions: how many a login had on a day."""

    __tablename__ = "platform_session_days"

    login_id: Mapped[str] = mapped_column(sa.ForeignKey("platform_logins.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[str] = mapped_column(primary_key=True)
    sessions: Mapped[int]
