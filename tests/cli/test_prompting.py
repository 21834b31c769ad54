"""Prompts at the command line."""

from __future__ import annotations

from pathlib import Path

from stonehand.accounts.permissions import Person
from stonehand.db import Database
from stonehand.prompts.errors import BuiltInKept, PromptNotFound, TemplateInvalid
from stonehand.rehearsals import tasks as _declared  # noqa: F401
from stonehand.rehearsals.errors import NothingToAsk, RehearsalNotFound
from tests.cli.conftest import Cli
from tests.drafts import world


def test_prompts_at_the_command_line(prepared: Database, admin: Person, cli: Cli, tmp_path: Path) -> None:
    assert "news-piece" in cli("prompts", "list").out
    assert {each["purpose"] for each in cli("prompts", "list", "--purpose", "digest", "--json").json} == {"digest"}
    assert cli("prompts", "add", "Ours", "-", "--json", stdin="Write in {{ language }}.").json["slug"] == "ours"
    refused = cli("prompts", "edit", "ours", "-", stdin="One\n{{ titel }}").error
    assert isinstance(refused, TemplateInvalid)
    assert refused.line == 2
    assert cli("prompts", "edit", "ours", "-", "--note", "x", "--json", stdin="Write well.").json["version"] == 2
    assert cli("prompts", "show", "ours@1", "--json").json["template"] == "Write in {{ language }}."
    assert "Write well." in cli("prompts", "show", "ours").out
    assert isinstance(cli("prompts", "show", "none").error, PromptNotFound)
    assert isinstance(cli("prompts", "retire", "news-piece").error, BuiltInKept)
    assert cli("prompts", "use", "ours", "--json").json["is_default"] is True
    assert cli("prompts", "copy", "ours", "Theirs", "--json").json["slug"] == "theirs"
    assert cli("prompts", "retire", "theirs", "--json").json["retired_at"]
    with prepared.transaction() as session:
        story = world.story(session)
    shown = cli("prompts", "preview", "ours", "--story", story)
    assert "=== system ===" in shown.out
    assert "eastern pylon" in shown.out
    typed = tmp_path / "typed.txt"
    typed.write_text("Be brief.")
    found = cli("prompts", "preview", "ours", "--story", story, "--file", str(typed), "--json").json
    assert "Be brief." in found["messages"][0]["text"]
    assert isinstance(cli("prompts", "replay", "ours").error, NothingToAsk)
    assert isinstance(cli("prompts", "result", "none").error, RehearsalNotFound)
