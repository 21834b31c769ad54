"""Shapes of accounts at the border."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

Role = Literal["viewer", "editor", "publisher", "admin"]
Scope = Literal["read", "edit", "publish", "admin"]


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class LoginIn(BaseModel):
    """E-mail and password."""

    email: str = Field(max_length=254)
    password: SecretStr = Field(max_length=200)


class LoginOut(BaseModel):
    """A bearer token for `Authorization: Bearer ...`; `expires_in` is in seconds."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105  the kind of a token, not one
    expires_in: int


class SetupIn(BaseModel):
    """The first administrator, let in by the setup link's secret."""

    secret: SecretStr = Field(max_length=200)
    email: str = Field(max_length=254)
    name: str = Field(max_length=200)
    password: SecretStr = Field(max_length=200)


class PersonOut(_Out):
    """Somebody signed in, and what they may do."""

    id: str
    email: str
    name: str
    role: Role
    permissions: list[Scope]


class UserIn(BaseModel):
    """A new user."""

    email: str = Field(max_length=254)
    name: str = Field(max_length=200)
    role: Role = "viewer"
    password: SecretStr = Field(max_length=200)


class UserOut(_Out):
    """An account."""

    id: str
    email: str
    name: str
    role: Role
    is_active: bool
    created_at: datetime
    last_seen_at: datetime | None


class TokenIn(BaseModel):
    """A wish for a token that lives `days` days."""

    name: str = Field(max_length=200)
    scopes: list[Scope]
    days: int = Field(default=90, ge=1, le=366)


class TokenOut(_Out):
    """A token without its secret."""

    id: str
    name: str
    prefix: str
    scopes: list[Scope]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class TokenMade(TokenOut):
    """A new token with its secret, which is never shown again."""

    secret: str


class AuditOut(_Out):
    """Who did what to which thing."""

    id: str
    at: datetime
    actor_id: str | None
    actor_name: str
    verb: str
    object_kind: str
    object_id: str
    detail: dict[str, Any]
