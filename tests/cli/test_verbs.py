"""Tests of the whole command line: every verb loads, says what it does, and fails in one line."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import pytest

from stonehand import cli as edge
from stonehand import db
from stonehand.cli import VERBS, footing
from tests.cli.conftest import Cli


def every_verb(command: click.Command, words: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], click.Command]]:
    if not isinstance(command, click.Group):
        return [(words, command)]
    context = click.Context(command)
    found = []
    for name in command.list_commands(context):
        inner = command.get_command(context, name)
        assert inner is not None
        found += every_verb(inner, (*words, name))
    return found


def test_every_verb_says_what_it_does() -> None:
    found = every_verb(edge.root)
    assert {words[0] for words, _ in found} == set(VERBS)
    assert [" ".join(words) for words, command in found if not command.help] == []


def test_every_option_says_what_it_is_for() -> None:
    silent = [
        f"{' '.join(words)} {option.opts[0]}"
        for words, command in every_verb(edge.root)
        for option in command.params
        if isinstance(option, click.Option) and not option.help and option.opts[0] != "--limit"
    ]
    assert silent == []


def test_help_loads_no_room() -> None:
    import subprocess

    code = (
        "import sys\nfrom stonehand.cli import root\nroot.main(['--help'], standalone_mode=False)\n"
        "heavy = {'sqlalchemy', 'celery', 'pydantic', 'numpy', 'fastapi'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, timeout=60)


def test_unknown_verb(cli: Cli) -> None:
    assert cli("sourc").code == 2


def test_an_error_is_one_line_and_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], data_dir: Path
) -> None:
    monkeypatch.setattr(sys, "argv", ["stonehand", "source", "list"])
    with pytest.raises(SystemExit) as stop:
        edge.main()
    assert stop.value.code == 1
    assert capsys.readouterr().err == f"stonehand: there is nothing in {data_dir} yet; run: stonehand init\n"
    assert [path.name for path in data_dir.iterdir()] == ["models"], "nothing is made by a verb that fails"


def test_a_database_of_another_version_is_refused(cli: Cli, prepared: db.Database) -> None:
    with prepared.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    assert isinstance(cli("source", "list").error, footing.NotPrepared)
