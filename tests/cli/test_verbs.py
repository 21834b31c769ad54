"""Tests of the whole command line: every verb loads, says what it does, and fails in one line."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from inspect import unwrap
from pathlib import Path
from types import CodeType, FunctionType

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


def asks_who(function: FunctionType, seen: set[FunctionType]) -> bool:
    """Whether it, or what it calls of its own module, wants to know in whose name it acts."""
    if function in seen:
        return False
    seen.add(function)
    words = {word for code in codes(function.__code__) for word in code.co_names}
    inner = [function.__globals__.get(word) for word in words]
    ours = [each for each in inner if isinstance(each, FunctionType) and each.__module__ == function.__module__]
    return "acting" in words or any(asks_who(each, seen) for each in ours)


def codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from codes(each)


def test_every_verb_that_acts_takes_a_name() -> None:
    acting = [(words, each) for words, each in every_verb(edge.root) if asks_who(unwrap(each.callback), set())]  # type: ignore[arg-type]
    assert len(acting) > 100
    nameless = [" ".join(words) for words, each in acting if not any("--as" in given.opts for given in each.params)]
    assert nameless == []


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
