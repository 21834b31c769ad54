"""Questions about people, their ways in, and the audit log."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa

from stonehand import db
from stonehand.accounts import emails, permissions, secrets
from stonehand.accounts.errors import UserNotFound
from stonehand.accounts.models import AuditRecord, SignIn, Token, User
from stonehand.accounts.permissions import Person
from stonehand.db import Session


def setup_needed(session: Session) -> bool:
    """Whether there is nobody yet, so that the first administrator can be made."""
    return session.scalar(sa.select(User.id).limit(1)) is None


def user(session: Session, user_id: str) -> User:
    """A user by id. Raises `UserNotFound`."""
    found = session.get(User, user_id)
    if found is None:
        raise UserNotFound(f"there is no user {user_id}")
    return found


def user_by_email(session: Session, email: str) -> User | None:
    """A user by e-mail address, however it is capitalised."""
    return session.scalar(sa.select(User).where(User.email == emails.fold(email)))


def users(session: Session) -> Sequence[User]:
    """Everybody with an account, by name."""
    return session.scalars(sa.select(User).order_by(User.name, User.id)).all()


def names(session: Session, user_ids: Collection[str]) -> dict[str, str]:
    """What these people are called, by id; those that are not here are left out."""
    found = session.execute(sa.select(User.id, User.name).where(User.id.in_(user_ids)))
    return dict(found.all())


def person_by_email(session: Session, email: str) -> Person:
    """An active user with all that their role may do, for an operator at the machine. Raises `UserNotFound`."""
    found = user_by_email(session, email)
    if found is None or not found.is_active:
        raise UserNotFound(f"there is no active user with the e-mail address {emails.fold(email)}")
    return person(found)


def person_of_session(session: Session, secret: str) -> tuple[Person, datetime | None] | None:
    """Who a browser's cookie lets in, and when it was last used; None if it lets nobody in."""
    return _person_of_sign_in(session, secret, "browser")


def person_of_token(session: Session, secret: str) -> tuple[Person, datetime | None] | None:
    """Who a bearer token lets in, be it a made one or one from signing in, and when it was last used."""
    row = session.execute(
        sa.select(User, Token.scopes, Token.last_used_at)
        .join(Token, Token.user_id == User.id)
        .where(
            Token.hash == secrets.digest(secret),
            Token.expires_at > db.now(session),
            Token.revoked_at.is_(None),
            User.is_active,
        )
    ).one_or_none()
    if row is None:
        return _person_of_sign_in(session, secret, "api")
    return person(row[0], row[1]), row[2]


def _person_of_sign_in(session: Session, secret: str, kind: str) -> tuple[Person, datetime | None] | None:
    row = session.execute(
        sa.select(User, SignIn.last_used_at)
        .join(SignIn, SignIn.user_id == User.id)
        .where(
            SignIn.hash == secrets.digest(secret),
            SignIn.kind == kind,
            SignIn.expires_at > db.now(session),
            User.is_active,
        )
    ).one_or_none()
    return (person(row[0]), row[1]) if row else None


def person(user: User, scopes: list[str] | None = None) -> Person:
    """A user as somebody who has come in, narrowed to `scopes` if a token brings some."""
    return Person(user.id, user.email, user.name, user.role, permissions.granted(user.role, scopes))


def tokens(session: Session, user_id: str) -> Sequence[Token]:
    """All tokens of a user, newest first, the ended ones too."""
    return session.scalars(sa.select(Token).where(Token.user_id == user_id).order_by(Token.id.desc())).all()


def audit_of(session: Session, object_ids: Collection[str], limit: int = 200) -> Sequence[AuditRecord]:
    """What was done to any of these things, the newest first."""
    wish = sa.select(AuditRecord).where(AuditRecord.object_id.in_(object_ids)).order_by(AuditRecord.id.desc())
    return session.scalars(wish.limit(limit)).all()


def audit(
    session: Session,
    limit: int = 100,
    before: str | None = None,
    object_kind: str | None = None,
    object_id: str | None = None,
) -> Sequence[AuditRecord]:
    """Up to `limit` audit records, newest first, older than the record `before`, perhaps of one thing only."""
    wish = sa.select(AuditRecord).order_by(AuditRecord.id.desc()).limit(limit)
    if before:
        wish = wish.where(AuditRecord.id < before)
    if object_kind:
        wish = wish.where(AuditRecord.object_kind == object_kind)
    if object_id:
        wish = wish.where(AuditRecord.object_id == object_id)
    return session.scalars(wish).all()
