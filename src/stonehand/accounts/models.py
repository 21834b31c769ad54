"""Tables of people, their ways in, and what they did."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import DDL, event

from stonehand.accounts.permissions import ROLES
from stonehand.db import Base, Mapped, mapped_column, new_id


class User(Base):
    """Somebody with an account. `email` is kept folded, so that capitals do not make two."""

    __tablename__ = "users"
    __table_args__ = (sa.CheckConstraint(f"role IN ({', '.join(map(repr, ROLES))})", name="role_known"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[str]
    password_hash: Mapped[str]
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime | None]


class SignIn(Base):
    """A session: `browser` ones travel as a cookie, `api` ones as a bearer token. Only the secret's hash is kept."""

    __tablename__ = "sign_ins"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"), index=True)
    hash: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    last_used_at: Mapped[datetime]


class Token(Base):
    """A key for a program, narrower than its owner, which expires. Only the secret's hash is kept."""

    __tablename__ = "tokens"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    hash: Mapped[str] = mapped_column(unique=True)
    prefix: Mapped[str]
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class SetupLink(Base):
    """The one link that makes the first administrator. There is one row, so a new link replaces the old."""

    __tablename__ = "setup_links"

    id: Mapped[str] = mapped_column(primary_key=True, default="first")
    hash: Mapped[str]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SignInAttempts(Base):
    """How often an account or an address has tried lately, and until when it has to wait."""

    __tablename__ = "sign_in_attempts"

    key: Mapped[str] = mapped_column(primary_key=True)
    attempts: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(index=True)
    wait_until: Mapped[datetime]


class IdempotencyKey(Base):
    """A request that carried a key, and its answer as soon as there is one, so that it does its work once."""

    __tablename__ = "idempotency_keys"

    user_id: Mapped[str] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(255), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(sa.String(64))
    begun_at: Mapped[datetime] = mapped_column(index=True)
    status: Mapped[int | None]
    headers: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    body: Mapped[bytes | None]
    """Compressed."""


class AuditRecord(Base):
    """Who did what to which thing. Append-only: the database itself refuses changes (`APPEND_ONLY`)."""

    __tablename__ = "audit_records"
    __table_args__ = (sa.Index("ix_audit_records_object", "object_kind", "object_id"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    at: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[str | None]
    actor_name: Mapped[str]
    verb: Mapped[str]
    object_kind: Mapped[str]
    object_id: Mapped[str]
    detail: Mapped[dict[str, Any]]


_REFUSAL = "the audit log is append-only"
APPEND_ONLY: dict[str, tuple[str, ...]] = {
    "sqlite": tuple(
        f"CREATE TRIGGER audit_records_no_{deed.lower()} BEFORE {deed} ON audit_records "
        f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
        for deed in ("UPDATE", "DELETE")
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION audit_records_refuse() RETURNS trigger LANGUAGE plpgsql "
        f"AS $$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$",
        "CREATE TRIGGER audit_records_no_change BEFORE UPDATE OR DELETE ON audit_records "
        "FOR EACH ROW EXECUTE FUNCTION audit_records_refuse()",
    ),
}
"""Statements, by dialect, that make the audit log append-only. Migrations run them after they create the table."""

for _dialect, _statements in APPEND_ONLY.items():
    for _statement in _statements:
        event.listen(AuditRecord.__table__, "after_create", DDL(_statement).execute_if(dialect=_dialect))  # type: ignore[no-untyped-call]
