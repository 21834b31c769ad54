"""Coming in: the first administrator by a setup link, others by password. No hashing here, see `doors.py`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from stonehand import db
from stonehand.accounts import emails, queries, secrets, service, throttle
from stonehand.accounts.errors import SetupDone, SetupLinkUnfit, SignInRefused, SignInThrottled
from stonehand.accounts.models import SetupLink, SignIn, SignInAttempts, Token, User
from stonehand.accounts.permissions import Person
from stonehand.db import Session

SETUP_LINK_LIVES = timedelta(hours=24)
SIGN_IN_LIVES = {"browser": timedelta(days=14), "api": timedelta(hours=12)}
SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Challenge:
    """An attempt to sign in that was let through to the password."""

    email: str
    address: str
    user_id: str | None
    password_hash: str | None


def make_setup_link(session: Session) -> str:
    """The secret of a new setup link, which replaces any older one. Raises `SetupDone` if nobody needs it."""
    if not queries.setup_needed(session):
        raise SetupDone("this Stonehand has its administrator already; sign in, or ask them for an account")
    secret = secrets.new()
    values = {"hash": secrets.digest(secret), "expires_at": db.now(session) + SETUP_LINK_LIVES, "used_at": None}
    wish = db.insert(session, SetupLink).values(id="first", **values)
    session.execute(wish.on_conflict_do_update(index_elements=["id"], set_=values))
    return secret


def check_setup_link(session: Session, secret: str) -> None:
    """Raise `SetupDone` or `SetupLinkUnfit` unless `secret` can make the first administrator now."""
    if not queries.setup_needed(session):
        raise SetupDone("this Stonehand has its administrator already; sign in instead")
    if session.scalar(sa.select(SetupLink.id).where(*_setup_link_fits(session, secret))) is None:
        raise SetupLinkUnfit(
            "this setup link is used, too old, or replaced by a newer one; restart Stonehand for a new one"
        )


def complete_setup(session: Session, secret: str, email: str, name: str, password_hash: str) -> Person:
    """Make the first administrator and use up the link, once, whoever else tries at the same time."""
    check_setup_link(session, secret)
    fits = _setup_link_fits(session, secret)
    used = session.execute(
        sa.update(SetupLink).where(*fits).values(used_at=db.now(session)).returning(SetupLink.id)
    ).scalar_one_or_none()
    if used is None or not queries.setup_needed(session):
        raise SetupDone("somebody else has just used this setup link")
    person = queries.person(service.new_user(session, email, name, "admin", password_hash))
    service.record(session, person, "set up", "user", person.id)
    return person


def _setup_link_fits(session: Session, secret: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        SetupLink.hash == secrets.digest(secret),
        SetupLink.used_at.is_(None),
        SetupLink.expires_at > db.now(session),
    )


# ── signing in and out ──


def knock(session: Session, email: str, address: str) -> Challenge:
    """Count an attempt before its password is looked at, so that a crowd of parallel ones cannot slip through.

    `address` is the caller's network address. Raises `SignInThrottled` if the account or the address has to
    wait, and `EmailMalformed`.
    """
    folded = emails.check(email)
    _count(session, f"account {folded}", throttle.ACCOUNT)
    _count(session, f"address {address}", throttle.ADDRESS)
    _forget_old(session)
    user = queries.user_by_email(session, folded)
    if user is None or not user.is_active:
        return Challenge(folded, address, None, None)
    return Challenge(folded, address, user.id, user.password_hash)


def _count(session: Session, key: str, patience: throttle.Patience) -> None:
    moment = db.now(session)
    wish = db.insert(session, SignInAttempts).values(key=key, attempts=1, last_at=moment, wait_until=moment)
    quiet = SignInAttempts.last_at < moment - throttle.FORGET_AFTER
    changes = {"attempts": sa.case((quiet, 1), else_=SignInAttempts.attempts + 1), "last_at": moment}
    attempts, until = session.execute(
        wish.on_conflict_do_update(index_elements=["key"], set_=changes).returning(
            SignInAttempts.attempts, SignInAttempts.wait_until
        )
    ).one()
    moment = db.now(session)  # we may have waited for the row, and others have counted meanwhile
    wait = (until - moment).total_seconds()
    if wait > 0:
        raise SignInThrottled(f"too many attempts to sign in; wait {math.ceil(wait)} seconds and try again", wait)
    pause = moment + patience.wait(attempts)
    session.execute(sa.update(SignInAttempts).where(SignInAttempts.key == key).values(wait_until=pause))


def _forget_old(session: Session) -> None:
    old = sa.select(SignInAttempts.key).where(SignInAttempts.last_at < db.now(session) - throttle.FORGET_AFTER)
    session.execute(
        sa.delete(SignInAttempts).where(SignInAttempts.key.in_(old.with_for_update(skip_locked=True, key_share=True)))
    )


def enter(session: Session, challenge: Challenge, proved: bool, kind: str = "browser") -> tuple[Person, str]:
    """The person and the secret of a new session of `kind` browser or api. Raises `SignInRefused` unless proved."""
    user = queries.user(session, challenge.user_id) if proved and challenge.user_id else None
    # The password may have been changed, or the account closed, while we looked at the old hash.
    if user is None or not user.is_active or user.password_hash != challenge.password_hash:
        raise SignInRefused("e-mail and password do not belong together")
    _forgive(session, challenge)
    secret, moment = secrets.new(), db.now(session)
    session.execute(sa.delete(SignIn).where(SignIn.expires_at < moment))
    expires = moment + SIGN_IN_LIVES[kind]
    session.add(
        SignIn(
            user_id=user.id,
            hash=secrets.digest(secret),
            kind=kind,
            created_at=moment,
            expires_at=expires,
            last_used_at=moment,
        )
    )
    user.last_seen_at = moment
    service.record(session, queries.person(user), "signed in", "user", user.id, {"by": kind})
    return queries.person(user), secret


def _forgive(session: Session, challenge: Challenge) -> None:
    session.execute(sa.delete(SignInAttempts).where(SignInAttempts.key == f"account {challenge.email}"))
    session.execute(
        sa.update(SignInAttempts)
        .where(SignInAttempts.key == f"address {challenge.address}")
        .values(attempts=SignInAttempts.attempts - 1, wait_until=SignInAttempts.last_at)
    )


def sign_out(session: Session, secret: str) -> None:
    """End the session of this secret; no matter if there is none."""
    session.execute(sa.delete(SignIn).where(SignIn.hash == secrets.digest(secret)))


def seen(session: Session, secret: str) -> None:
    """Note that a session or token is in use, at most once a minute."""
    digest, moment = secrets.digest(secret), db.now(session)
    owners: list[str] = []
    for table in (SignIn, Token):
        long_ago = sa.or_(table.last_used_at.is_(None), table.last_used_at < moment - SEEN_EVERY)
        change = sa.update(table).where(table.hash == digest, long_ago).values(last_used_at=moment)
        owners += session.scalars(change.returning(table.user_id)).all()
    session.execute(sa.update(User).where(User.id.in_(owners)).values(last_seen_at=moment))
