"""Channels on the command line: a verb for each kind, secrets from files, and a test."""

from __future__ import annotations

from pathlib import Path

import pytest

from stonehand.accounts.permissions import Person
from stonehand.channels.errors import LoginRefused
from stonehand.cli import root
from tests.cli.conftest import Cli
from tests.lookalikes import listmonk as lookalike

pytestmark = pytest.mark.usefixtures("near")


def test_a_kind_has_a_verb_with_its_settings(cli: Cli, admin: Person, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{lookalike.TOKEN}\n")
    with lookalike.Listmonk.running() as server:
        words = ("channel", "add", "listmonk", "--name", "Letter", "--url", server.url, "--username", lookalike.USER)
        made = cli(*words, "--lists", "3", "--token-file", str(tmp_path / "token"), "--json").json
        assert made["config"] == {"url": server.url, "username": lookalike.USER, "lists": "3", "archive": "no"}
        asked = cli(*words[:4], "Other", *words[5:], "--lists", "3", stdin=f"{lookalike.TOKEN}\n")
        assert asked.code == 0
        assert lookalike.TOKEN not in asked.out
        assert "“Daily” with 40 subscribers" in cli("channel", "test", "Letter").out
        assert cli("channel", "test", "Letter", "--json").json["channel"] == "Letter"
        server.token = "another"
        assert isinstance(cli("channel", "test", "Letter").error, LoginRefused)
    assert "No such command" in cli("channel", "add", "pigeon").err


def test_the_verbs_are_those_of_the_installed_kinds() -> None:
    channel = root.get_command(None, "channel")  # type: ignore[arg-type]
    group = channel.get_command(None, "add")  # type: ignore[union-attr]
    assert {"folder", "ghost", "listmonk", "mastodon", "webhook", "wordpress"} <= set(group.list_commands(None))
