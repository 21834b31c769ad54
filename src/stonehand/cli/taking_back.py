"""More of `stonehand publication`: correct, retract, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

import click

from stonehand.cli.acting import as_option
from stonehand.cli.printing import json_option, show

if TYPE_CHECKING:
    from collections.abc import Callable

    from stonehand.accounts.permissions import Person
    from stonehand.db import Session


@click.command()
@click.argument("publication_id", metavar="ID")
@click.option("--reason", required=True, help="Why.")
@as_option
@json_option
def retract(publication_id: str, reason: str, by: str | None, as_json: bool) -> None:
    """Take a piece back from where it can be seen."""
    from stonehand.cli import acting, preparation
    from stonehand.publications import changes, telling

    with preparation.open_pipeline().transaction() as session:
        person = acting.person(session, by)
        found = telling.out(session, changes.retract(session, person, publication_id, reason))
    show(found if as_json else f"It is {found.state}.", as_json)


@click.command()
@click.argument("publication_id", metavar="ID")
@click.argument("text", type=click.File())
@click.option("--note", required=True, help="What was wrong; readers see it.")
@click.option("--title", help="Another title.")
@as_option
@json_option
def correct(publication_id: str, text: TextIO, note: str, title: str | None, by: str | None, as_json: bool) -> None:
    """Send a corrected TEXT, a file of Markdown or -, to its review; once approved, it is shown where the piece is."""
    from stonehand.cli import acting, preparation
    from stonehand.publications import correcting
    from stonehand.reviews.schemas import ReviewOut

    markdown = text.read()
    with preparation.open_pipeline().transaction() as session:
        person = acting.person(session, by)
        opened = ReviewOut.model_validate(correcting.correct(session, person, publication_id, markdown, note, title))
    show(opened if as_json else f"It waits for its review: stonehand review show {opened.id}", as_json)


@click.command()
@click.argument("publication_id", metavar="ID")
@json_option
def changes(publication_id: str, as_json: bool) -> None:
    """List a piece's corrections and retractions."""
    from stonehand.cli import preparation
    from stonehand.publications import changes as changing
    from stonehand.publications.schemas import ChangeOut

    with preparation.open_database().read() as session:
        found = changing.of_publications(session, [publication_id])
        rows = [ChangeOut.model_validate(each).model_dump(mode="json") for each in found]
    columns = ("id", "kind", "state", "asked_by", "reason", "error")
    show(rows if as_json else [{name: row[name] for name in columns} for row in rows], as_json)


@click.command(name="change")
@click.argument("verb", type=click.Choice(["retry", "happened", "missing"]))
@click.argument("change_id", metavar="CHANGE")
@as_option
@json_option
def about_change(verb: str, change_id: str, by: str | None, as_json: bool) -> None:
    """Try a correction or retraction again, or say whether it has happened."""
    from stonehand.cli import acting, preparation
    from stonehand.publications import changes as changing
    from stonehand.publications import settling

    deeds: dict[str, Callable[[Session, Person, str], None]] = {
        "retry": changing.retry,
        "happened": settling.happened,
        "missing": settling.missing,
    }
    with preparation.open_pipeline().transaction() as session:
        deeds[verb](session, acting.person(session, by), change_id)
        state = str(changing.change(session, change_id).state)
    show({"id": change_id, "state": state} if as_json else f"It is {state.replace('_', ' ')}.", as_json)


COMMANDS = (retract, correct, changes, about_change)
