"""Platforms from the command line."""

from __future__ import annotations

from pathlib import Path

from stonehand import db
from stonehand.accounts.permissions import Person
from stonehand.platforms import queries
from tests.cli.conftest import Cli

SECRET = "hunter-two-words"
ADD = ("platform", "add", "--name", "Werkstatt", "--url", "https://w.example", "--preset", "mymoment")


def test_a_platform_and_a_login_are_added_and_listed(cli: Cli, admin: Person, tmp_path: Path) -> None:
    file = tmp_path / "differs.toml"
    file.write_text("[comments]\nsettle_seconds = 60\n")
    made = cli(*ADD, "--permission", "Frau von Arx", "--config", str(file), "--json")
    assert made.json["config"]["comments"] == {"settle_seconds": 60}
    added = cli("platform", "login", "add", "Werkstatt", "bot3a", "--json", stdin=f"{SECRET}\n")
    assert added.json["state"] == "ready"
    assert SECRET not in added.out
    assert cli("platform", "login", "list", "Werkstatt", "--json").json[0]["username"] == "bot3a"
    assert cli("platform", "list", "--json").json[0]["permission"] == "Frau von Arx"
    assert cli("platform", "test", "Werkstatt", "bot3a", "--json").json["job_id"]
    assert "bot3a" in str(cli("platform", "test", "Werkstatt", "nobody").error)
    changed = cli("platform", "change", "Werkstatt", "--most-a-day", "7", "--language", "de", "--json").json
    assert (changed["most_a_day"], changed["language"], changed["permission"]) == (7, "de", "Frau von Arx")
    assert changed["config"] == {"preset": "mymoment", "comments": {"settle_seconds": 60}}
    other = cli("platform", "change", "Werkstatt", "--preset", "wordpress", "--json")
    assert other.json["config"] == {"preset": "wordpress", "comments": {"settle_seconds": 60}}
    assert "say who of the site" in str(cli(*ADD).error)
    file.write_text("= no")
    assert "no TOML" in str(cli(*ADD, "--permission", "x", "--config", str(file)).error)
    assert "removed" in cli("platform", "remove", "Werkstatt", "--yes").out


def test_a_login_gets_another_password_rests_and_is_removed(cli: Cli, admin: Person, tmp_path: Path) -> None:
    cli(*ADD, "--permission", "Frau von Arx")
    added = cli("platform", "login", "add", "Werkstatt", "bot3a", "--password-file", "-", "--json", stdin=f"{SECRET}\n")
    sealed = _sealed(added.json["id"])
    assert cli("platform", "login", "off", "Werkstatt", "bot3a", "--json").json["state"] == "off"
    changed = cli("platform", "login", "password", "Werkstatt", "bot3a", stdin="another-word\n")
    assert "another password" in changed.out
    assert "another-word" not in changed.out
    assert _sealed(added.json["id"]) != sealed
    assert cli("platform", "login", "list", "Werkstatt", "--json").json[0]["state"] == "ready"
    assert cli("platform", "login", "on", "Werkstatt", "bot3a", "--json").json["state"] == "ready"
    assert "empty" in str(cli("platform", "login", "password", "Werkstatt", "bot3a", "--password-file", "-").error)
    assert "1000" in str(cli("platform", "login", "password", "Werkstatt", "bot3a", stdin="x" * 1001 + "\n").error)
    assert cli("platform", "login", "remove", "Werkstatt", "bot3a", stdin="n\n").code == 1
    assert "removed" in cli("platform", "login", "remove", "Werkstatt", "bot3a", "--yes").out
    assert cli("platform", "login", "list", "Werkstatt", "--json").json == []


def _sealed(login_id: str) -> object:
    with db.database().read() as session:
        return queries.login(session, login_id).password
