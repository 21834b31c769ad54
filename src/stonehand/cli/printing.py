"""How verbs print: a table for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import click

WIDEST = 60  # characters of a cell
LAST = 240  # of one in the last column, which pushes nothing aside: sentences stand there, and commands at their end

json_option: Callable[[Any], Any] = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def show(value: Any, as_json: bool) -> None:
    """Print a value, a row or many rows."""
    plain = _plain(value)
    if as_json:
        click.echo(json.dumps(plain, ensure_ascii=False, default=str))
    elif isinstance(plain, list):
        _table(plain)
    elif isinstance(plain, dict):
        width = max((len(name) for name in plain), default=0)
        for name, item in plain.items():
            click.echo(f"{name:<{width}}  {_cell(item)}")
    else:
        click.echo(plain)


def _plain(value: Any) -> Any:
    if hasattr(value, "model_dump"):  # a Pydantic model, told without loading Pydantic for every --help
        return value.model_dump(mode="json")
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value


def _table(rows: list[dict[str, Any]]) -> None:
    if not rows:
        click.echo("Nothing here.")
        return
    names = list(rows[0])
    cells = [[_cut(_cell(row.get(name)), LAST if name == names[-1] else WIDEST) for name in names] for row in rows]
    widths = [max(len(name), *(len(line[i]) for line in cells)) for i, name in enumerate(names)]
    for line in [[name.upper() for name in names], *cells]:
        click.echo("  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip())


def _cut(text: str, widest: int) -> str:
    return text if len(text) <= widest else f"{text[: widest - 1]}…"


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False, default=str)
    return " ".join(str(value).split())
