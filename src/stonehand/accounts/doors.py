"""The ways in, for the edges of the house. Each opens its own transactions, and looks at passwords between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from stonehand import db, log
from stonehand.accounts import emails, entering, passwords, permissions, queries, secrets, service
from stonehand.accounts.errors import SignInRefused
from stonehand.accounts.models import User
from stonehand.accounts.permissions import Person
from stonehand.db import Database, DatabaseUnavailable, Session

_log = log.logger(__name__)
Finder = Callable[[Session, str], tuple[Person, datetime | None] | None]


@dataclass(frozen=True)
class Entered:
    """Somebody has signed in. `secret` goes into the cookie or the bearer token and is kept nowhere."""

    person: Person
    secret: str
    lives: timedelta


def complete_setup(database: Database, secret: str, email: str, name: str, password: str) -> Person:
    """Make the first administrator with a setup link. Raises `SetupLinkUnfit`, `SetupDone`, `PasswordUnfit`, ..."""
    with database.read() as session:
        entering.check_setup_link(session, secret)
    digest = _digest(password, email)
    with database.transaction() as session:
        return entering.complete_setup(session, secret, email, name, digest)


def sign_in(database: Database, email: str, password: str, address: str, kind: str = "browser") -> Entered:
    """Let somebody in who knows the password. `kind` is browser or api; `address` is the caller's network address.

    Raises `SignInRefused`, without saying whether the account exists, or `SignInThrottled`.
    """
    with database.transaction() as session:
        challenge = entering.knock(session, email, address)
    proved = passwords.matches(password, challenge.password_hash)
    if not proved:
        _log.warning("a sign-in was refused", address=address)
    with database.transaction() as session:
        person, secret = entering.enter(session, challenge, proved, kind)
    return Entered(person, secret, entering.SIGN_IN_LIVES[kind])


def person_of_session(database: Database, secret: str) -> Person | None:
    """Who a browser's cookie lets in."""
    return _recognise(database, secret, queries.person_of_session)


def person_of_token(database: Database, secret: str) -> Person | None:
    """Who a bearer token lets in, narrowed to its scopes."""
    return _recognise(database, secret, queries.person_of_token)


def _recognise(database: Database, secret: str, find: Finder) -> Person | None:
    if not secret.startswith(secrets.PREFIX):
        return None
    with database.read() as session:
        found = find(session, secret)
        moment = db.now(session)
    if found is None:
        return None
    person, last_used = found
    if last_used is None or moment - last_used > entering.SEEN_EVERY:
        _note_use(database, secret)
    return person


def _note_use(database: Database, secret: str) -> None:
    try:
        with database.transaction() as session:
            entering.seen(session, secret)
    except DatabaseUnavailable as error:  # a full disk must not keep people from reading
        _log.warning("could not note that a session is in use", error=str(error))


def add_user(database: Database, person: Person, email: str, name: str, role: str, password: str) -> User:
    """A new user with a first password, by an administrator."""
    person.require("admin")
    permissions.check_role(role)
    digest = _digest(password, email)
    with database.transaction() as session:
        return service.add_user(session, person, email, name, role, digest)


def change_password(database: Database, person: Person, current: str, password: str, address: str) -> None:
    """Replace one's own password, proved by the current one, and end all one's sessions."""
    with database.transaction() as session:
        challenge = entering.knock(session, person.email, address)
    if not passwords.matches(current, challenge.password_hash):
        raise SignInRefused("the current password is not right")
    digest = _digest(password, person.email)
    with database.transaction() as session:
        service.set_password(session, person, person.id, digest)


def reset_password(database: Database, person: Person, user_id: str, password: str) -> None:
    """Give a user another password, by an administrator."""
    person.require("admin")
    with database.read() as session:
        email = queries.user(session, user_id).email
    digest = _digest(password, email)
    with database.transaction() as session:
        service.set_password(session, person, user_id, digest)


def _digest(password: str, email: str) -> str:
    emails.check(email)
    passwords.check(password, email)
    return passwords.digest(password)


def sign_out(database: Database, secret: str) -> None:
    """End the session of this secret; no matter if there is none."""
    with database.transaction() as session:
        entering.sign_out(session, secret)
