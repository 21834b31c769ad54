"""Passwords, permissions, waiting and addresses, without a database."""

from __future__ import annotations

from datetime import timedelta

import argon2
import pytest

from stonehand.accounts import emails, passwords, permissions, secrets, throttle
from stonehand.accounts.errors import EmailMalformed, PasswordUnfit, PermissionMissing, RoleUnknown, ScopeUnknown
from stonehand.accounts.permissions import Person
from tests.conftest import HASHER


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short", "at least 10"),
        ("x" * 201, "more than 200"),
        (" Ada@Example.org ", "e-mail"),
        ("abababababab", "repeats"),
    ],
)
def test_unfit_passwords_are_told_why(password: str, reason: str) -> None:
    with pytest.raises(PasswordUnfit, match=reason):
        passwords.check(password, "ada@example.org")


def test_a_long_sentence_is_fit() -> None:
    passwords.check("seven grey herons", "ada@example.org")


def test_only_the_right_password_matches() -> None:
    kept = passwords.digest("seven grey herons")
    assert kept.startswith("$argon2id$")
    assert passwords.matches("seven grey herons", kept)
    assert not passwords.matches("seven grey heron", kept)
    assert not passwords.matches("seven grey herons", "not a hash")
    assert not passwords.matches("a password that nobody has", None)


def test_passwords_are_kept_as_rfc_9106_advises() -> None:
    assert argon2.extract_parameters(HASHER.hash("seven grey herons")) == argon2.profiles.RFC_9106_LOW_MEMORY


def test_roles_grow_and_nothing_else_is_granted() -> None:
    assert permissions.granted("viewer") == {"read"}
    assert permissions.granted("editor") == {"read", "edit"}
    assert permissions.granted("publisher") == {"read", "edit", "publish"}
    assert permissions.granted("admin") == {"read", "edit", "publish", "admin"}
    assert permissions.granted("root") == frozenset()


def test_scopes_narrow_and_never_widen() -> None:
    assert permissions.granted("editor", ["read", "admin"]) == {"read"}
    assert permissions.granted("admin", []) == frozenset()


def test_scopes_are_checked_against_the_person() -> None:
    editor = Person("1", "e@example.org", "E", "editor", permissions.granted("editor"))
    assert permissions.check_scopes(["edit", "read", "read"], editor) == ["read", "edit"]
    with pytest.raises(PermissionMissing, match="publish"):
        permissions.check_scopes(["publish"], editor)
    for wrong in (["write"], []):
        with pytest.raises(ScopeUnknown):
            permissions.check_scopes(wrong, editor)
    with pytest.raises(RoleUnknown):
        permissions.check_role("root")


def test_waiting_doubles_up_to_a_limit() -> None:
    patience = throttle.Patience(free=3, longest=timedelta(seconds=30))
    assert [patience.wait(n).total_seconds() for n in (1, 2, 3, 4, 5, 9, 10_000)] == [0, 0, 1, 2, 4, 30, 30]


def test_addresses_are_compared_folded() -> None:
    assert emails.check("  Ada@EXAMPLE.org ") == "ada@example.org"
    assert emails.fold("stra\u00dfe@example.org") == emails.fold("STRASSE@example.org")
    for wrong in ("", "ada", "@", "a b@example.org", "a@b\r\nBcc: c@d", "a" * 250 + "@example.org"):
        with pytest.raises(EmailMalformed):
            emails.check(wrong)


def test_secrets_are_long_different_and_known_by_their_looks() -> None:
    one, two = secrets.new(), secrets.new()
    assert one != two
    assert one.startswith("shd_")
    assert len(one) > 40
    assert secrets.digest(one) != one
    assert one.startswith(secrets.beginning(one))
    assert len(secrets.beginning(one)) == 10
