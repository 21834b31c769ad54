"""Shapes of platforms at the border."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

SECONDS = 0.5
LANGUAGE = r"^([a-z]{2,3}(-[A-Za-z0-9]{2,8})?)?$"
MOST = 100_000
Interval = Annotated[float, Field(ge=0, le=3600, description="Seconds between two questions, of all workers.")]
PerLogin = Annotated[int, Field(ge=0, le=MOST, description="Comments of one login in 24 hours at most.")]
PerDay = Annotated[int, Field(ge=0, le=MOST, description="Comments of all logins in 24 hours at most.")]
PerArticle = Annotated[int, Field(ge=0, le=MOST, description="Comments of ours under one article at most.")]
Language = Annotated[str, Field(pattern=LANGUAGE, description="Of the comments, such as `de`; empty: the article's.")]
Disclosure = Annotated[
    str, Field(max_length=300, description="What every comment begins with; empty: the language's own words.")
]


class PlatformIn(BaseModel):
    """A new platform. `permission` says who of the site allows what is done there."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=100)
    base_url: str = Field(max_length=300)
    permission: str = Field(max_length=2000)
    kind: str = Field(default="form-site", max_length=50)
    config: dict[str, Any] = Field(default_factory=dict)
    interval: Interval = SECONDS
    most_per_login_a_day: PerLogin = 50
    most_a_day: PerDay = 200
    most_per_article: PerArticle = 4
    language: Language = ""
    disclosure: Disclosure = ""


class PlatformChange(BaseModel):
    """What to change of a platform; what is left out stays.

    Its address stays what it is: the passwords are sealed for it. `config` replaces the one before.
    """

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(default=None, max_length=100)
    permission: str | None = Field(default=None, max_length=2000)
    config: dict[str, Any] | None = None
    interval: Interval | None = None
    most_per_login_a_day: PerLogin | None = None
    most_a_day: PerDay | None = None
    most_per_article: PerArticle | None = None
    language: Language | None = None
    disclosure: Disclosure | None = None


class PlatformOut(BaseModel):
    """A platform."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    kind: str
    name: str
    base_url: str
    config: dict[str, Any]
    permission: str
    interval: float
    most_per_login_a_day: int
    most_a_day: int
    most_per_article: int
    language: str
    disclosure: str
    created_at: datetime


class ChoiceOut(BaseModel):
    """Something to filter by: as the site's addresses call it, and in words."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str


class Choices(BaseModel):
    """What the articles of a site can be filtered by, as its logins have seen it last."""

    model_config = ConfigDict(from_attributes=True)

    tabs: list[ChoiceOut]
    categories: list[ChoiceOut]
    tasks: list[ChoiceOut]


class LoginIn(BaseModel):
    """A new login. Its password is sealed at once and never shown."""

    model_config = ConfigDict(extra="forbid")

    username: str = Field(max_length=150)
    password: str = Field(max_length=1000, repr=False)


class LoginChange(BaseModel):
    """What to change of a login; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    password: str | None = Field(default=None, max_length=1000, repr=False)
    is_enabled: bool | None = None


class LoginOut(BaseModel):
    """A login, without its password."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    platform_id: str
    username: str
    shown_as: str
    state: str
    """`ready`, `refused` or `off`."""
    trouble: str
    refused_at: datetime | None
    tried_at: datetime | None
    created_at: datetime


class StartedOut(BaseModel):
    """A job that was started."""

    job_id: str
