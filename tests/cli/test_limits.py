"""Pausing anything, breakers and limits, as an operator types them."""

from __future__ import annotations

import pytest

from stonehand import db
from stonehand.channels import service as channels
from stonehand.limits import breakers
from stonehand.limits.breakers import Pass
from stonehand.sources.errors import SourceNotFound
from tests.cli.conftest import Cli

NAME = "host:example.org:443"


@pytest.fixture(autouse=True)
def _prepared(prepared: db.Database) -> None:
    """A prepared database for each test."""


def paused(cli: Cli) -> list[str]:
    return [each["name"] for each in cli("breakers", "list", "--json").json if each["held_by"]]


def test_pausing_and_resuming(cli: Cli) -> None:
    for target, name in {
        "queue:fetch": "queue:fetch",
        "task:drafts.write": "task:drafts.write",
        "host:Example.org": NAME,
        "provider:http://127.0.0.1:11434/v1": "provider:127.0.0.1:11434",
    }.items():
        assert cli("pause", target).out == f"{name} is paused.\n"
        assert cli("resume", target, "--json").json == {"target": name, "paused": False}
    assert paused(cli) == [each["name"] for each in cli("breakers", "--json").json if each["held_by"]] == []
    assert isinstance(cli("pause", "source:s1").error, SourceNotFound)
    assert [each["target"] for each in cli("limits", "--json").json] == [
        each["target"] for each in cli("limits", "list", "--json").json
    ]


def test_a_channel_is_paused_by_its_name(cli: Cli, prepared: db.Database) -> None:
    checked = channels.check("folder", "Harbour Post", {"base_url": "https://n.example/"})
    with prepared.transaction() as session:
        channel = channels.ensure(session, checked)
    cli("pause", "channel:Harbour Post")
    assert paused(cli) == [f"channel:{channel.id}"]
    assert "no channel called" in str(cli("pause", "channel:Nobody").error)


@pytest.mark.parametrize(
    ("target", "word"), [("queue:fetsch", "did you mean fetch"), ("hosts:x", "host:NAME"), ("host:", "host:NAME")]
)
def test_what_cannot_be_paused(cli: Cli, target: str, word: str) -> None:
    assert word in str(cli("pause", target).error)


def test_breakers_are_listed_held_and_reset(cli: Cli, prepared: db.Database) -> None:
    assert "Nothing here." in cli("breakers").out
    with prepared.transaction() as session:
        for _ in range(5):
            breakers.failed(session, Pass(NAME), "connection refused")
    assert "connection refused" in cli("breakers").out
    [seen] = cli("breakers", "list", "--json").json
    assert (seen["state"], seen["failures"]) == ("OPEN", 5)
    assert cli("breakers", "hold", "host:example.org").out == f"{NAME} is left alone until somebody resets it.\n"
    assert paused(cli) == [NAME]
    assert cli("breakers", "reset", NAME).out == f"{NAME} is asked again.\n"
    assert cli("breakers", "list", "--json").json[0]["state"] == "CLOSED"
    assert "no breaker host:other.example:443" in str(cli("breakers", "reset", "host:other.example").error)
    assert "names nothing outside" in str(cli("breakers", "hold", "queue:fetch").error)


def test_limits_are_set_listed_and_unset(cli: Cli) -> None:
    assert cli("limits", "set", "task:drafts.write", "--rate", "10/m", "--concurrency", "2").out == (
        "task:drafts.write is limited to 10/m and 2 at once.\n"
    )
    cli("limits", "set", "host:example.org", "--rate", "30/m")
    listed = {each["target"]: each["rate"] for each in cli("limits", "list", "--json").json}
    assert listed == {"task:drafts.write": "10/m", NAME: "30/m"}
    assert "30/m" in cli("limits").out
    for target in listed:
        cli("limits", "unset", target)
    assert cli("limits", "list", "--json").json == []
    assert "write it like 10/m" in str(cli("limits", "set", "host:example.org", "--rate", "often").error)
    assert "say how often" in str(cli("limits", "set", "task:drafts.write").error)


def test_the_audit_log_says_who(cli: Cli) -> None:
    cli("pause", "host:example.org")
    cli("limits", "set", "host:example.org", "--rate", "30/m")
    deeds = [(each["verb"], each["object_kind"]) for each in cli("audit", "list", "--json").json]
    assert {("paused", "host"), ("limited", "limit")} <= set(deeds)
