"""The sample newsroom: load it, look whether it is there, take it away."""

from __future__ import annotations

from typing import Any

import click

from stonehand.cli.printing import json_option, show


@click.group()
def sample() -> None:
    """An invented newsroom to try things with."""


@sample.command()
@json_option
def load(as_json: bool) -> None:
    """Add the outlets of the sample newsroom. `stonehand start` serves them."""
    from stonehand.cli import preparation

    preparation.open_pipeline()
    preparation.load_sample()
    state = _status()
    show(state if as_json else "The sample newsroom is loaded. `stonehand start` serves it; restart it now.", as_json)


@sample.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(yes: bool) -> None:
    """Take the sample newsroom away, with everything that came of it."""
    from stonehand.cli import preparation
    from stonehand.sample import loading

    database = preparation.open_database()
    if not yes:
        click.confirm("Remove the sample newsroom and everything that came of it?", abort=True)
    loading.remove_all(database)
    click.echo("The sample newsroom is gone.")


@sample.command()
@json_option
def status(as_json: bool) -> None:
    """Say whether the sample newsroom is loaded, and where it is served."""
    from stonehand.cli import preparation

    preparation.open_database()
    show(_status(), as_json)


def _status() -> dict[str, Any]:
    from stonehand import db
    from stonehand.sample import record as records
    from stonehand.sources import queries

    record = records.read()
    with db.database().read() as session:
        loaded = queries.any_source(session, is_sample=True)
    return {"loaded": loaded, "address": f"http://127.0.0.1:{record.port}" if record and loaded else None}
