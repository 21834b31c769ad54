"""Coming in: setup, passwords, sessions, waiting."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from stonehand import db
from stonehand.accounts import doors, entering, passwords, queries, secrets, service
from stonehand.accounts.errors import (
    EmailMalformed,
    PasswordUnfit,
    PermissionMissing,
    SetupDone,
    SetupLinkUnfit,
    SignInRefused,
    SignInThrottled,
)
from stonehand.accounts.models import AuditRecord, SetupLink, SignIn, SignInAttempts, User
from stonehand.accounts.permissions import Person
from stonehand.db import Database, Session
from stonehand.errors import StonehandError

from .conftest import PASSWORD


@pytest.fixture
def database(either_database: Database) -> Database:
    """Every test here holds on both kinds of database."""
    return either_database


def advance(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    """Move the database's clock on."""
    moment = db.utc_now() + by
    monkeypatch.setattr(db, "now", lambda _session: moment)


def link(database: Database) -> str:
    with database.transaction() as session:
        return entering.make_setup_link(session)


def attempts(database: Database) -> int:
    with database.read() as session:
        return session.scalar(sa.select(sa.func.sum(SignInAttempts.attempts))) or 0


def test_the_first_administrator_is_made_once(database: Database) -> None:
    secret = link(database)
    person = doors.complete_setup(database, secret, "Ada@example.org", " Ada  L ", PASSWORD)
    assert (person.email, person.name, person.may("admin")) == ("ada@example.org", "Ada L", True)
    with pytest.raises(SetupDone):
        doors.complete_setup(database, secret, "eve@example.org", "Eve", PASSWORD)
    with pytest.raises(SetupDone):
        link(database)


def test_two_at_once_make_one_administrator(database: Database) -> None:
    secret = link(database)

    def race(name: str) -> Person | StonehandError:
        try:
            return doors.complete_setup(database, secret, f"{name}@example.org", name, PASSWORD)
        except StonehandError as error:
            return error

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(race, ["a", "b", "c", "d"]))
    assert sum(isinstance(result, Person) for result in results) == 1
    with database.read() as session:
        assert len(queries.users(session)) == 1


def test_only_the_newest_link_works(database: Database) -> None:
    old, new = link(database), link(database)
    with pytest.raises(SetupLinkUnfit):
        doors.complete_setup(database, old, "ada@example.org", "Ada", PASSWORD)
    assert doors.complete_setup(database, new, "ada@example.org", "Ada", PASSWORD)


def test_a_link_lives_a_day(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = link(database)
    advance(monkeypatch, timedelta(hours=24, seconds=1))
    with pytest.raises(SetupLinkUnfit):
        doors.complete_setup(database, secret, "ada@example.org", "Ada", PASSWORD)


def test_a_bad_password_does_not_use_up_the_link(database: Database) -> None:
    secret = link(database)
    with pytest.raises(PasswordUnfit):
        doors.complete_setup(database, secret, "ada@example.org", "Ada", "short")
    assert doors.complete_setup(database, secret, "ada@example.org", "Ada", PASSWORD)


def test_no_secret_is_kept(database: Database, admin: Person) -> None:
    with database.transaction() as session:
        session.add(SetupLink(id="first", hash=secrets.digest("shd_x"), expires_at=db.now(session)))
        _, token = service.create_token(session, admin, "bot", ["read"])
    cookie = doors.sign_in(database, admin.email, PASSWORD, "192.0.2.1").secret
    with database.read() as session:
        rows = [session.execute(sa.select(table)).all() for table in db.Base.metadata.sorted_tables]
    dump = repr(rows)
    assert admin.id in dump
    for secret in (PASSWORD, cookie, token):
        assert secret not in dump


def test_sign_in_and_out(database: Database, admin: Person) -> None:
    entered = doors.sign_in(database, " ADA@example.org", PASSWORD, "192.0.2.1")
    assert doors.person_of_session(database, entered.secret) == admin
    assert doors.person_of_token(database, entered.secret) is None, "a cookie is no bearer token"
    doors.sign_out(database, entered.secret)
    assert doors.person_of_session(database, entered.secret) is None


def test_a_bearer_from_signing_in_is_no_cookie(database: Database, admin: Person) -> None:
    entered = doors.sign_in(database, admin.email, PASSWORD, "192.0.2.1", "api")
    assert entered.lives == timedelta(hours=12)
    assert doors.person_of_token(database, entered.secret) == admin
    assert doors.person_of_session(database, entered.secret) is None


@pytest.mark.parametrize("secret", ["", "shd_", "shd_wrong", "x" * 5000, "shd_\udc80"])
def test_wrong_secrets_let_nobody_in(database: Database, admin: Person, secret: str) -> None:
    assert doors.person_of_session(database, secret) is None
    assert doors.person_of_token(database, secret) is None


def test_unknown_and_wrong_are_refused_alike(database: Database, admin: Person) -> None:
    said = []
    for email in (admin.email, "nobody@example.org"):
        with pytest.raises(SignInRefused) as refusal:
            doors.sign_in(database, email, "not the password", "192.0.2.1")
        said.append(str(refusal.value))
    assert said[0] == said[1]


def test_sessions_end(database: Database, admin: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    entered = doors.sign_in(database, admin.email, PASSWORD, "192.0.2.1")
    advance(monkeypatch, entered.lives + timedelta(seconds=1))
    assert doors.person_of_session(database, entered.secret) is None


def test_an_account_has_to_wait_whatever_the_address(
    database: Database, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "matches", lambda _password, _kept: False)
    for n in range(5):
        with pytest.raises(SignInRefused):
            doors.sign_in(database, admin.email, "wrong", f"192.0.2.{n}")
    monkeypatch.setattr(passwords, "matches", lambda _password, _kept: True)
    with pytest.raises(SignInThrottled, match="wait 1 second") as refusal:
        doors.sign_in(database, admin.email, PASSWORD, "192.0.2.9")
    assert refusal.value.status == 429
    assert refusal.value.retry_after
    advance(monkeypatch, timedelta(seconds=2))
    assert doors.sign_in(database, admin.email, PASSWORD, "192.0.2.9").person == admin
    assert attempts(database) == 5, "success forgives the account, and its own try at the address"


def test_an_address_has_to_wait_whatever_the_account(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "matches", lambda _password, _kept: False)
    for n in range(20):
        with pytest.raises(SignInRefused):
            doors.sign_in(database, f"user{n}@example.org", "wrong", "192.0.2.1")
    with pytest.raises(SignInThrottled):
        doors.sign_in(database, "another@example.org", "wrong", "192.0.2.1")
    with pytest.raises(SignInRefused):
        doors.sign_in(database, "another@example.org", "wrong", "192.0.2.2")


def test_a_crowd_cannot_try_more_than_is_free(
    database: Database, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[str] = []
    monkeypatch.setattr(passwords, "matches", lambda password, _kept: looked_at.append(password))

    def guess(n: int) -> None:
        with pytest.raises((SignInRefused, SignInThrottled)):
            doors.sign_in(database, admin.email, f"guess {n}", f"192.0.2.{n}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(guess, range(16)))
    assert len(looked_at) == 5


def test_quiet_attempts_are_forgotten(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "matches", lambda _password, _kept: False)
    with pytest.raises(SignInRefused):
        doors.sign_in(database, "a@example.org", "wrong", "192.0.2.1")
    advance(monkeypatch, timedelta(hours=1, seconds=1))
    with pytest.raises(SignInRefused):
        doors.sign_in(database, "b@example.org", "wrong", "192.0.2.2")
    assert attempts(database) == 2


def test_use_is_noted_at_most_once_a_minute(database: Database, admin: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = doors.sign_in(database, admin.email, PASSWORD, "192.0.2.1").secret
    noted: list[str] = []
    real = entering.seen

    def seen(session: Session, value: str) -> None:
        noted.append(value)
        real(session, value)

    monkeypatch.setattr(entering, "seen", seen)
    for _ in range(3):
        doors.person_of_session(database, secret)
    assert noted == []
    advance(monkeypatch, timedelta(seconds=61))
    for _ in range(3):
        doors.person_of_session(database, secret)
    assert noted == [secret]
    with database.read() as session:
        moment: datetime | None = session.scalar(sa.select(SignIn.last_used_at))
        assert moment == session.scalar(sa.select(User.last_seen_at))


def test_changing_a_password_ends_all_sessions(database: Database, admin: Person) -> None:
    entered = doors.sign_in(database, admin.email, PASSWORD, "192.0.2.1")
    with pytest.raises(SignInRefused):
        doors.change_password(database, admin, "wrong", "eight white storks", "192.0.2.1")
    doors.change_password(database, admin, PASSWORD, "eight white storks", "192.0.2.1")
    assert doors.person_of_session(database, entered.secret) is None
    assert doors.sign_in(database, admin.email, "eight white storks", "192.0.2.1")


def test_only_an_administrator_adds_users_and_resets_passwords(database: Database, admin: Person) -> None:
    user = doors.add_user(database, admin, "ed@example.org", "Ed", "editor", PASSWORD)
    editor = doors.sign_in(database, "ed@example.org", PASSWORD, "192.0.2.1").person
    with pytest.raises(PermissionMissing):
        doors.add_user(database, editor, "eve@example.org", "Eve", "admin", PASSWORD)
    with pytest.raises(PermissionMissing):
        doors.reset_password(database, editor, admin.id, "eight white storks")
    doors.reset_password(database, admin, user.id, "eight white storks")
    assert doors.sign_in(database, "ed@example.org", "eight white storks", "192.0.2.1").person == editor
    with database.read() as session:
        verbs = set(session.scalars(sa.select(AuditRecord.verb)))
    assert verbs >= {"added", "signed in", "set password"}


@pytest.mark.parametrize("email", ["", "ada", "ada\x00@example.org", "a" * 300 + "@example.org"])
def test_what_is_no_address_is_not_tried(database: Database, email: str) -> None:
    with pytest.raises(EmailMalformed):
        doors.sign_in(database, email, PASSWORD, "192.0.2.1")
    assert attempts(database) == 0
