"""Verbs of accounts. People, their tokens, and the audit log of what they did."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from stonehand import db, log
from stonehand.accounts import emails, permissions, queries, secrets
from stonehand.accounts.errors import (
    EmailTaken,
    ExpiryUnfit,
    LastAdmin,
    NameMissing,
    TokenNotFound,
)
from stonehand.accounts.models import AuditRecord, SignIn, Token, User
from stonehand.accounts.permissions import Person
from stonehand.db import Session

LONGEST_TOKEN = 366  # days
SYSTEM = Person("", "", "Stonehand", "system", frozenset())
"""The actor of what happens by itself."""


# ── audit ──


def record(
    session: Session, person: Person, verb: str, kind: str, object_id: str, detail: dict[str, Any] | None = None
) -> None:
    """Write into the audit log that `person` did `verb` to a thing. Secrets in `detail` are masked."""
    session.add(
        AuditRecord(
            at=db.now(session),
            actor_id=person.id or None,
            actor_name=person.name,
            verb=verb,
            object_kind=kind,
            object_id=object_id,
            detail=log.redact(detail or {}),
        )
    )


# ── tokens ──


def create_token(
    session: Session, person: Person, name: str, scopes: Iterable[str], days: int = 90
) -> tuple[Token, str]:
    """A new token of `person` and its secret, which nobody can look up later.

    Raises `ScopeUnknown`, `PermissionMissing` for a scope beyond what `person` may, `ExpiryUnfit`, `NameMissing`.
    """
    if not 1 <= days <= LONGEST_TOKEN:
        raise ExpiryUnfit(f"a token lives 1 to {LONGEST_TOKEN} days, not {days}")
    secret, moment = secrets.new(), db.now(session)
    token = Token(
        user_id=person.id,
        name=_name(name),
        hash=secrets.digest(secret),
        prefix=secrets.beginning(secret),
        scopes=permissions.check_scopes(scopes, person),
        created_at=moment,
        expires_at=moment + timedelta(days=days),
    )
    session.add(token)
    session.flush()
    record(session, person, "created", "token", token.id, {"name": token.name, "scopes": token.scopes})
    return token, secret


def revoke_token(session: Session, person: Person, token_id: str) -> None:
    """End a token: one's own, or anybody's for an administrator. Raises `TokenNotFound`."""
    token = session.get(Token, token_id)
    if token is None or (token.user_id != person.id and not person.may("admin")):
        raise TokenNotFound(f"there is no token {token_id} of yours")
    if token.revoked_at is None:
        token.revoked_at = db.now(session)
        record(session, person, "revoked", "token", token.id, {"name": token.name})


# ── users, by an administrator ──


def sign_out_everywhere(session: Session, user_id: str) -> None:
    """End every session of a user."""
    session.execute(sa.delete(SignIn).where(SignIn.user_id == user_id))


def add_user(session: Session, person: Person, email: str, name: str, role: str, password_hash: str) -> User:
    """A new user. Raises `PermissionMissing`, `EmailMalformed`, `EmailTaken`, `RoleUnknown`, `NameMissing`."""
    person.require("admin")
    user = new_user(session, email, name, role, password_hash)
    record(session, person, "added", "user", user.id, {"email": user.email, "role": role})
    return user


def new_user(session: Session, email: str, name: str, role: str, password_hash: str) -> User:
    """A user, whoever asked for it. Raises `EmailMalformed`, `EmailTaken`, `RoleUnknown`, `NameMissing`."""
    permissions.check_role(role)
    folded = emails.check(email)
    wish = db.insert(session, User).values(
        id=db.new_id(),
        email=folded,
        name=_name(name),
        role=role,
        password_hash=password_hash,
        is_active=True,
        created_at=db.now(session),
    )
    user: User | None = session.scalars(
        wish.on_conflict_do_nothing(index_elements=["email"]).returning(User)
    ).one_or_none()
    if user is None:
        raise EmailTaken(f"{folded} has an account already")
    return user


def set_role(session: Session, person: Person, user_id: str, role: str) -> None:
    """Give a user another role, from now on. Raises `UserNotFound`, `RoleUnknown`, `LastAdmin`."""
    person.require("admin")
    permissions.check_role(role)
    user = queries.user(session, user_id)
    if role != "admin":
        _keep_an_admin(session, user)
    record(session, person, "set role", "user", user.id, {"from": user.role, "to": role})
    user.role = role


def deactivate(session: Session, person: Person, user_id: str) -> None:
    """Close an account: its sessions end and its tokens stop working. Raises `UserNotFound`, `LastAdmin`."""
    person.require("admin")
    user = queries.user(session, user_id)
    _keep_an_admin(session, user)
    user.is_active = False
    sign_out_everywhere(session, user.id)
    unrevoked = sa.update(Token).where(Token.user_id == user.id, Token.revoked_at.is_(None))
    session.execute(unrevoked.values(revoked_at=db.now(session)))
    record(session, person, "deactivated", "user", user.id)


def activate(session: Session, person: Person, user_id: str) -> None:
    """Open a closed account again; its old tokens stay revoked. Raises `UserNotFound`."""
    person.require("admin")
    user = queries.user(session, user_id)
    user.is_active = True
    record(session, person, "activated", "user", user.id)


def set_password(session: Session, person: Person, user_id: str, password_hash: str) -> None:
    """Replace a password, one's own or anybody's for an administrator, and end all sessions of that user."""
    if person.id != user_id:
        person.require("admin")
    user = queries.user(session, user_id)
    user.password_hash = password_hash
    sign_out_everywhere(session, user.id)
    record(session, person, "set password", "user", user.id)


def _keep_an_admin(session: Session, user: User) -> None:
    # FOR UPDATE makes two administrators who remove each other take turns on PostgreSQL.
    admins = session.scalars(
        sa.select(User.id).where(User.role == "admin", User.is_active).order_by(User.id).with_for_update(key_share=True)
    ).all()
    if list(admins) == [user.id]:
        raise LastAdmin(f"{user.name} is the only administrator; make somebody else one first")


def _name(name: str) -> str:
    trimmed = "".join(letter for letter in " ".join(name.split()) if letter.isprintable())[:200]
    if not trimmed:
        raise NameMissing("the name is empty; write one")
    return trimmed
