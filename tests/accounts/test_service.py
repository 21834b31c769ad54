"""Users, tokens and the audit log."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from stonehand import db
from stonehand.accounts import doors, queries, service
from stonehand.accounts.errors import (
    EmailTaken,
    ExpiryUnfit,
    LastAdmin,
    NameMissing,
    PermissionMissing,
    TokenNotFound,
    UserNotFound,
)
from stonehand.accounts.models import AuditRecord
from stonehand.accounts.permissions import Person
from stonehand.db import Database, Session
from stonehand.migrations import upgrading


@pytest.fixture
def database(either_database: Database) -> Database:
    """Every test here holds on both kinds of database."""
    return either_database


def user(database: Database, admin: Person, name: str, role: str) -> Person:
    with database.transaction() as session:
        return queries.person(service.add_user(session, admin, f"{name}@example.org", name, role, "x"))


def token(database: Database, person: Person, scopes: list[str], days: int = 30) -> tuple[str, str]:
    with database.transaction() as session:
        made, secret = service.create_token(session, person, "bot", scopes, days)
        return made.id, secret


def test_capitals_do_not_make_two_accounts(database: Database, admin: Person) -> None:
    with pytest.raises(EmailTaken), database.transaction() as session:
        service.add_user(session, admin, "ADA@example.ORG", "Other Ada", "viewer", "x")


def test_a_user_needs_a_name(database: Database, admin: Person) -> None:
    with pytest.raises(NameMissing), database.transaction() as session:
        service.add_user(session, admin, "b@example.org", " \t\x00", "viewer", "x")


def test_a_token_may_less_than_its_owner(database: Database, admin: Person) -> None:
    _, secret = token(database, admin, ["read"])
    person = doors.person_of_token(database, secret)
    assert person is not None
    assert person.id == admin.id
    assert person.may("read")
    assert not person.may("edit")
    with pytest.raises(PermissionMissing):
        token(database, person, ["edit"])


def test_a_token_loses_what_its_owner_loses(database: Database, admin: Person) -> None:
    other = user(database, admin, "pat", "publisher")
    _, secret = token(database, other, ["read", "publish"])
    with database.transaction() as session:
        service.set_role(session, admin, other.id, "viewer")
    person = doors.person_of_token(database, secret)
    assert person is not None
    assert person.permissions == {"read"}


def test_a_token_expires(database: Database, admin: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    _, secret = token(database, admin, ["read"], days=2)
    assert doors.person_of_token(database, secret)
    moment = db.utc_now() + timedelta(days=2, seconds=1)
    monkeypatch.setattr(db, "now", lambda _session: moment)
    assert doors.person_of_token(database, secret) is None
    for days in (0, 367):
        with pytest.raises(ExpiryUnfit):
            token(database, admin, ["read"], days)


def test_a_token_is_revoked_by_its_owner_or_an_administrator(database: Database, admin: Person) -> None:
    owner, stranger = user(database, admin, "own", "editor"), user(database, admin, "eve", "editor")
    mine, my_secret = token(database, owner, ["read"])
    other, other_secret = token(database, owner, ["read"])
    with pytest.raises(TokenNotFound), database.transaction() as session:
        service.revoke_token(session, stranger, mine)
    with database.transaction() as session:
        service.revoke_token(session, owner, mine)
        service.revoke_token(session, admin, other)
    assert doors.person_of_token(database, my_secret) is None
    assert doors.person_of_token(database, other_secret) is None


def test_a_closed_account_lets_nobody_in_and_tokens_stay_dead(database: Database, admin: Person) -> None:
    other = user(database, admin, "pat", "publisher")
    _, secret = token(database, other, ["read"])
    with database.transaction() as session:
        service.deactivate(session, admin, other.id)
    assert doors.person_of_token(database, secret) is None
    with database.transaction() as session:
        service.activate(session, admin, other.id)
    assert doors.person_of_token(database, secret) is None


def test_the_last_administrator_stays(database: Database, admin: Person) -> None:
    deeds: tuple[Callable[[Session], object], ...] = (
        lambda session: service.deactivate(session, admin, admin.id),
        lambda session: service.set_role(session, admin, admin.id, "editor"),
    )
    for deed in deeds:
        with pytest.raises(LastAdmin), database.transaction() as session:
            deed(session)
    second = user(database, admin, "second", "admin")
    with database.transaction() as session:
        service.deactivate(session, second, admin.id)
    with pytest.raises(LastAdmin), database.transaction() as session:
        service.deactivate(session, second, second.id)


@pytest.mark.parametrize("role", ["viewer", "editor", "publisher"])
def test_only_administrators_change_users(database: Database, admin: Person, role: str) -> None:
    other = user(database, admin, "other", role)
    deeds: tuple[Callable[[Session], object], ...] = (
        lambda session: service.add_user(session, other, "n@example.org", "N", "admin", "x"),
        lambda session: service.set_role(session, other, other.id, "admin"),
        lambda session: service.deactivate(session, other, admin.id),
        lambda session: service.activate(session, other, admin.id),
        lambda session: service.set_password(session, other, admin.id, "y"),
    )
    for deed in deeds:
        with pytest.raises(PermissionMissing), database.transaction() as session:
            deed(session)


def test_an_operator_names_a_user_by_email(database: Database, admin: Person) -> None:
    with database.read() as session:
        assert queries.person_by_email(session, "ADA@example.org") == admin
        with pytest.raises(UserNotFound):
            queries.person_by_email(session, "nobody@example.org")


def test_the_audit_log_only_grows(database: Database, admin: Person) -> None:
    with database.transaction() as session:
        service.record(session, admin, "looked", "story", "1")
    for change in (sa.update(AuditRecord).values(verb="never"), sa.delete(AuditRecord)):
        with pytest.raises(DBAPIError, match="append-only"), database.transaction() as session:
            session.execute(change)
    with database.read() as session:
        assert [row.verb for row in queries.audit(session)] == ["looked"]


def test_the_audit_log_of_a_migrated_database_only_grows(either_database: Database, admin: Person) -> None:
    db.Base.metadata.drop_all(either_database.engine)
    upgrading.upgrade(either_database)
    with either_database.transaction() as session:
        service.record(session, admin, "looked", "story", "1")
    for change in (sa.update(AuditRecord).values(verb="never"), sa.delete(AuditRecord)):
        with pytest.raises(DBAPIError, match="append-only"), either_database.transaction() as session:
            session.execute(change)


def test_audit_details_hold_no_secret(database: Database, admin: Person) -> None:
    with database.transaction() as session:
        service.record(session, admin, "set", "channel", "1", {"api_key": "abc", "url": "https://u:pw@x.example/"})
    with database.read() as session:
        detail = str(queries.audit(session)[0].detail)
    assert "abc" not in detail
    assert "pw" not in detail


def test_the_audit_log_is_read_in_pages(database: Database, admin: Person) -> None:
    with database.transaction() as session:
        for n in range(5):
            service.record(session, admin, "did", "story" if n % 2 else "source", str(n))
            session.flush()
    with database.read() as session:
        first = queries.audit(session, limit=2)
        rest = queries.audit(session, before=first[-1].id)
        assert [row.object_id for row in first] == ["4", "3"]
        assert [row.object_id for row in rest] == ["2", "1", "0"]
        assert [row.object_id for row in queries.audit(session, object_kind="story")] == ["3", "1"]
        assert [row.object_id for row in queries.audit(session, object_kind="story", object_id="3")] == ["3"]
