"""What the guide names exists: settings, verbs and their options, API paths, files and links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from stonehand import config
from stonehand.cli import root
from stonehand.web.api import contract
from tests.web.api.conftest import made

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
ELSEWHERE = re.compile(r"[a-z]+:")  # an address with a scheme
NO_SETTING = re.compile(r"STONEHAND_(TEST_\w*|)$")


def commands(page: Path) -> Iterator[list[str]]:
    """Every `stonehand ...` that a page tells a reader to type, as words."""
    text = page.read_text()
    typed = re.findall(r"`(?:\.venv/bin/)?stonehand ([a-z][^`\n]*)`", text)
    for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL):
        joined = block.replace("\\\n", " ")
        typed += re.findall(r"(?:^|[\s(;])(?:\.venv/bin/)?stonehand ([a-z][^#;)\n]*)", joined)
    for line in typed:
        yield line.split()


def complain(words: list[str]) -> str:
    """What is wrong with a command line, if anything."""
    command: click.Command = root
    context = click.Context(root)
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(context, words[0])
        if found is None:
            return f"no verb {words[0]!r}"
        command, words = found, words[1:]
    known = {"--help", "-h"} | {
        name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)
    }
    unknown = [word for word in words if re.match(r"-{1,2}[a-z]", word) and not set(word.split("/")) <= known]
    return f"no option {unknown[0]}" if unknown else ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_exists(page: Path) -> None:
    wrong = {" ".join(words): complaint for words in commands(page) if (complaint := complain(words))}
    assert not wrong


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text())]
    ours = [link for link in links if link and not ELSEWHERE.match(link) and "/images/" not in f"/{link}"]
    assert [link for link in ours if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_setting_exists(page: Path) -> None:
    named = {name for name in re.findall(r"\bSTONEHAND_[A-Z_]*", page.read_text()) if not NO_SETTING.match(name)}
    assert named <= config.known_names()


def test_settings_page_has_every_setting_with_its_old_names() -> None:
    named = set(re.findall(r"`([A-Z_]{4,})`", (ROOT / "docs" / "settings.md").read_text()))
    assert config.known_names() - named - _own_names_of_aliases() == set()


def _own_names_of_aliases() -> set[str]:
    """A field with aliases is not read by a name made of the field's, unless that is one of them."""
    fields = config.Settings.model_fields
    return {
        config.PREFIX + name.upper()
        for name, field in fields.items()
        if field.validation_alias and config.PREFIX + name.upper() not in str(field.validation_alias)
    }


def test_command_line_page_has_every_verb() -> None:
    text = (ROOT / "docs" / "command-line.md").read_text()
    assert [verb for verb in root.list_commands(click.Context(root)) if f"`{verb}" not in text] == []


def test_every_api_path_exists() -> None:
    known = [re.sub(r"{\w+}", "*", path) for path in contract.document(made())["paths"]]
    for page in PAGES:
        for path in re.findall(r"/api/v1/[a-z0-9/.$A-Z{}_-]+", page.read_text()):
            plain = re.sub(r"{\w+}|\$[A-Z]+|[0-9]{4}\.*$", "*", path).rstrip("/.")
            assert plain in [*known, "/api/v1/openapi.json", "/api/v1"], f"{page.name}: {path}"
