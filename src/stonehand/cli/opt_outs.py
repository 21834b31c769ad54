"""Who wants no comments of ours on a platform."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from stonehand.cli.acting import as_option
from stonehand.cli.printing import json_option, show
from stonehand.cli.processes import acted

if TYPE_CHECKING:
    from stonehand.accounts.permissions import Person
    from stonehand.db import Session

COLUMNS = ("author", "reason", "created_by", "created_at", "id")


@click.group()
def opt_out() -> None:
    """Authors who want no comments of ours, or a whole site."""


def _rows(session: Session, name: str) -> list[dict[str, Any]]:
    from stonehand.comments import optouts
    from stonehand.comments.schemas import OptOutOut
    from stonehand.platforms import queries as platforms

    platform = platforms.platform_called(session, name)
    return [OptOutOut.model_validate(each).model_dump(mode="json") for each in optouts.every(session, platform.id)]


@opt_out.command("list")
@click.argument("name")
@json_option
def list_opt_outs(name: str, as_json: bool) -> None:
    """List who wants no comments on a platform. Without an author, it is the whole site."""
    from stonehand.cli import preparation

    with preparation.open_database().read() as session:
        rows = _rows(session, name)
    show(rows if as_json else [{key: row[key] for key in COLUMNS} for row in rows], as_json)


@opt_out.command("add")
@click.argument("name")
@click.option("--author", default="", help="As the site shows the name.")
@click.option("--whole-site", is_flag=True, help="Nobody there wants any.")
@click.option("--reason", default="", help="Who said so, and when.")
@as_option
@json_option
def add(name: str, author: str, whole_site: bool, reason: str, by: str | None, as_json: bool) -> None:
    """Write nothing for an author any more, or for a whole site."""
    from stonehand.comments import optouts
    from stonehand.comments.schemas import OptOutOut
    from stonehand.platforms import queries as platforms

    if bool(author.strip()) == whole_site:
        raise click.UsageError("say --author NAME, or --whole-site")

    def deed(session: Session, person: Person) -> dict[str, Any]:
        platform = platforms.platform_called(session, name)
        made = optouts.add(session, person, platform.id, author, reason)
        return OptOutOut.model_validate(made).model_dump(mode="json")

    row = acted(by, deed)
    show(row if as_json else f"Nothing is written for {row['author'] or 'the whole site'} any more.", as_json)


@opt_out.command("remove")
@click.argument("opt_out_id", metavar="ID")
@as_option
def remove(opt_out_id: str, by: str | None) -> None:
    """Let comments be written there again."""
    from stonehand.comments import optouts

    def deed(session: Session, person: Person) -> dict[str, Any]:
        optouts.remove(session, person, opt_out_id)
        return {}

    acted(by, deed)
    click.echo("Comments may be written there again.")
