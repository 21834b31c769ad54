"""Comments on platforms: reading them beside their articles, deciding about them, and trying them again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO, TYPE_CHECKING, Any

import click

from stonehand.cli import replacing
from stonehand.cli.acting import as_option
from stonehand.cli.printing import json_option, show
from stonehand.cli.processes import acted, checked, found
from stonehand.cli.replacing import STATES

if TYPE_CHECKING:
    from stonehand.accounts.permissions import Person
    from stonehand.comments.queries import Row
    from stonehand.db import Session

SHORT = ("state", "title", "author", "login_name", "prompt_label", "error", "id")
ids_argument = click.argument("ids", nargs=-1, required=True, metavar="ID...")


@click.group()
def comment() -> None:
    """Comments on platforms: read, approve, reject, change, try again."""


def _facts(row: Row) -> dict[str, Any]:
    from stonehand.comments.schemas import ArticleOut, CommentOut

    article = ArticleOut.model_validate(row.article).model_dump(mode="json")
    return CommentOut.model_validate(row.comment).model_dump(mode="json") | {"article": article}


@comment.command("list")
@click.option("--process", "wanted", help="Only of this process, by name or id.")
@click.option("--state", "states", multiple=True, type=click.Choice(STATES), help="Only in this state; several times.")
@click.option("--search", default="", help="Words of the title, the author or the text.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 500))
@click.option("--offset", default=0, type=click.IntRange(0), help="How many to leave out.")
@json_option
def list_comments(
    wanted: str | None, states: tuple[str, ...], search: str, limit: int, offset: int, as_json: bool
) -> None:
    """List comments, what changed last first."""
    from stonehand.cli import preparation
    from stonehand.comments import queries

    with preparation.open_database().read() as session:
        process_id = found(session, wanted).id if wanted else ""
        wish = checked("CommentFilter", {"process_id": process_id, "states": list(states), "search": search})
        rows, total = queries.comments(session, wish, limit, offset)
        told = [_facts(each) for each in rows]
    if as_json:
        show({"items": told, "total": total, "limit": limit, "offset": offset}, as_json)
        return
    flat = [each | {name: each["article"][name] for name in ("title", "author")} for each in told]
    show([{name: each[name] for name in SHORT} for each in flat], as_json)


@comment.command()
@click.option("--process", "wanted", help="Only of this process, by name or id.")
@click.option("--state", "states", multiple=True, type=click.Choice(STATES), help="Only in this state; several times.")
@click.option("--search", default="", help="Words of the title, the author or the text.")
@click.option(
    "--form", type=click.Choice(["csv", "jsonl"]), default="jsonl", show_default=True, help="How it is written."
)
@click.option("--to", type=click.File("w", encoding="utf-8", errors="replace", lazy=True), default="-", help="A file.")
def export(wanted: str | None, states: tuple[str, ...], search: str, form: str, to: IO[str]) -> None:
    """Write comments with their articles, oldest first; to standard output if no file is given."""
    from stonehand.cli import preparation
    from stonehand.comments import exporting

    database = preparation.open_database()
    with database.read() as session:
        process_id = found(session, wanted).id if wanted else ""
    wish = checked("CommentFilter", {"process_id": process_id, "states": list(states), "search": search})
    to.writelines(each.replace("\r\n", "\n") for each in exporting.written(database.read, wish, form))


@comment.command("show")
@click.argument("comment_id", metavar="ID")
@json_option
def show_comment(comment_id: str, as_json: bool) -> None:
    """Show a comment, its article, and what the site shows of it."""
    from stonehand.cli import preparation
    from stonehand.comments import queries

    with preparation.open_database().read() as session:
        row = _facts(queries.row(session, comment_id))
    if not as_json:
        row |= {f"article_{name}": row["article"][name] for name in ("title", "author", "url", "text")}
        del row["article"]
    show(row, as_json)


@comment.command()
@click.argument("comment_id", metavar="ID")
@click.argument("file", type=click.File("r", encoding="utf-8"), default="-")
@as_option
@json_option
def edit(comment_id: str, file: IO[str], by: str | None, as_json: bool) -> None:
    """Give a comment the text of a file, or of the standard input. This takes an approval back."""
    from stonehand.comments import deciding, queries

    text = file.read()

    def deed(session: Session, person: Person) -> dict[str, Any]:
        deciding.edit(session, person, comment_id, text)
        return _facts(queries.row(session, comment_id))

    row = acted(by, deed)
    show(row if as_json else "Kept. It waits for an approval.", as_json)


def _decide(verb: str, ids: Sequence[str], by: str | None, as_json: bool, *more: str) -> None:
    from stonehand.comments import deciding

    def deed(session: Session, person: Person) -> dict[str, Any]:
        made = getattr(deciding, verb)(session, person, list(ids), *more)
        return {"done": made.done, "refused": made.refused}

    told = acted(by, deed)
    if as_json:
        show(told, as_json)
        return
    click.echo(f"Done for {told['done']} of {len(set(ids))}.")
    for key, why in told["refused"].items():
        click.echo(f"{key}: {why}", err=True)


@comment.command()
@ids_argument
@click.option("--note", default="", help="A word about it.")
@as_option
@json_option
def approve(ids: tuple[str, ...], note: str, by: str | None, as_json: bool) -> None:
    """Let comments go out, exactly as they are."""
    _decide("approve", ids, by, as_json, note)


@comment.command()
@ids_argument
@click.option("--note", default="", help="Why.")
@as_option
@json_option
def reject(ids: tuple[str, ...], note: str, by: str | None, as_json: bool) -> None:
    """Do not send comments."""
    _decide("reject", ids, by, as_json, note)


@comment.command()
@ids_argument
@as_option
@json_option
def retry(ids: tuple[str, ...], by: str | None, as_json: bool) -> None:
    """Try comments again that failed or were skipped, from the stage in which they came to their end."""
    _decide("retry", ids, by, as_json)


@comment.command()
@click.argument("comment_id", metavar="ID")
@as_option
@json_option
def hide(comment_id: str, by: str | None, as_json: bool) -> None:
    """Ask the site to show a comment that was sent to the author of the article only."""
    from stonehand.comments import hiding

    told = acted(by, lambda session, person: {"job_id": hiding.ask(session, person, comment_id)})
    show(told if as_json else "A job asks the site to hide it.", as_json)


@comment.command()
@ids_argument
@as_option
@json_option
def remove(ids: tuple[str, ...], by: str | None, as_json: bool) -> None:
    """Take comments off the board."""
    _decide("remove", ids, by, as_json)


@comment.command()
@click.argument("comment_id", metavar="ID")
@click.option("--arrived/--missing", "arrived", required=True, help="Whether the site shows it.")
@click.option("--remote-id", default="", help="The site's own number of it.")
@as_option
@json_option
def settle(comment_id: str, arrived: bool, remote_id: str, by: str | None, as_json: bool) -> None:
    """Say whether a comment in doubt stands at the site. A missing one is sent again."""
    from stonehand.comments import deciding, queries

    def deed(session: Session, person: Person) -> dict[str, Any]:
        deciding.settle(session, person, comment_id, arrived, remote_id)
        return _facts(queries.row(session, comment_id))

    row = acted(by, deed)
    show(row if as_json else f"It is {row['state']}.", as_json)


comment.add_command(replacing.replace)
