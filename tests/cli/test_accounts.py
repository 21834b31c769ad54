"""Tests of user, token, setup-link and audit."""

from __future__ import annotations

from stonehand import db
from stonehand.accounts import doors, queries
from stonehand.accounts.errors import LastAdmin, PasswordUnfit, PermissionMissing, SetupDone, UserNotFound
from stonehand.accounts.permissions import Person
from stonehand.cli.acting import NobodyToAct
from tests.cli.conftest import PASSWORD, Cli


def test_the_first_account_can_be_made_at_the_machine(cli: Cli, prepared: db.Database) -> None:
    made = cli("user", "add", "eve@example.org", "--name", "Eve", "--role", "admin", "--password-stdin", stdin=PASSWORD)
    assert made.code == 0
    assert doors.sign_in(prepared, "eve@example.org", PASSWORD, "127.0.0.1").person.role == "admin"
    refused = cli("user", "add", "x@example.org", "--name", "X", "--password-stdin", "--as", "no@example.org")
    assert isinstance(refused.error, UserNotFound)


def test_a_password_is_asked_for_twice_and_never_printed(cli: Cli, admin: Person) -> None:
    made = cli("user", "add", "bo@example.org", "--name", "Bo", stdin=f"{PASSWORD}\n{PASSWORD}\n")
    assert made.code == 0
    assert PASSWORD not in made.out + made.err
    weak = cli("user", "add", "cy@example.org", "--name", "Cy", "--password-stdin", stdin="abc\n")
    assert isinstance(weak.error, PasswordUnfit)


def test_roles_and_deactivation(cli: Cli, admin: Person, prepared: db.Database) -> None:
    cli("user", "add", "bo@example.org", "--name", "Bo", "--password-stdin", stdin=PASSWORD)
    assert cli("user", "role", "BO@example.org", "publisher").code == 0
    assert isinstance(cli("user", "role", "bo@example.org", "admin", "--as", "bo@example.org").error, PermissionMissing)
    assert isinstance(cli("user", "role", "ada@example.org", "viewer").error, LastAdmin)
    assert cli("user", "deactivate", "bo@example.org", stdin="n\n").code == 1
    assert [row["is_active"] for row in cli("user", "list", "--json").json] == [True, True]
    assert cli("user", "deactivate", "bo@example.org", "--yes").code == 0
    rows = {row["email"]: row for row in cli("user", "list", "--json").json}
    assert (rows["bo@example.org"]["role"], rows["bo@example.org"]["is_active"]) == ("publisher", False)


def test_two_administrators_must_say_who_acts(cli: Cli, admin: Person) -> None:
    cli("user", "add", "bo@example.org", "--name", "Bo", "--role", "admin", "--password-stdin", stdin=PASSWORD)
    assert isinstance(cli("user", "role", "bo@example.org", "viewer").error, NobodyToAct)
    assert cli("user", "role", "bo@example.org", "viewer", "--as", "ada@example.org").code == 0


def test_a_token_is_shown_once_and_can_be_revoked(cli: Cli, admin: Person, prepared: db.Database) -> None:
    made = cli("token", "create", "--user", "ada@example.org", "--name", "ci", "--scope", "read", "--days", "7")
    secret = made.out.strip()
    person = doors.person_of_token(prepared, secret)
    assert person is not None
    assert person.permissions == {"read"}
    [row] = cli("token", "list", "--json").json
    assert secret not in cli("token", "list").out
    assert cli("token", "revoke", row["id"], "--yes").code == 0
    assert doors.person_of_token(prepared, secret) is None


def test_token_as_json(cli: Cli, admin: Person) -> None:
    words = ("--name", "ci", "--scope", "read", "--scope", "edit")
    made = cli("token", "create", "--user", "ada@example.org", *words, "--json").json
    assert made["scopes"] == ["read", "edit"]
    assert made["secret"].startswith(made["prefix"])


def test_setup_link(cli: Cli, prepared: db.Database) -> None:
    link = cli("setup-link").out.strip()
    secret = link.partition("http://127.0.0.1:8000/setup?key=")[2]
    doors.complete_setup(prepared, secret, "eve@example.org", "Eve", PASSWORD)
    assert isinstance(cli("setup-link").error, SetupDone)


def test_the_audit_log_names_the_operator(cli: Cli, prepared: db.Database) -> None:
    cli("queue", "pause", "fetch")
    [row] = cli("audit", "list", "--json", "--kind", "queue").json
    assert (row["verb"], row["object_id"], row["actor_id"]) == ("paused", "fetch", None)
    assert row["actor_name"].endswith("at the command line")
    with prepared.read() as session:
        assert queries.setup_needed(session)
