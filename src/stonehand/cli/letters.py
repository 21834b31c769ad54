"""Letters: what came by mail, and what each named."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stonehand.cli.acting import named
from stonehand.cli.printing import json_option, show

if TYPE_CHECKING:
    from stonehand.db import Session

COLUMNS = ("id", "subject", "sender", "way", "state", "received_at")
FATE = ("kind", "title", "url", "state", "error", "article_id")


@click.group()
def letter() -> None:
    """Letters: what came by mail, and what each named."""


@letter.command("list")
@click.option("--state", type=click.Choice(["new", "read", "unreadable"]), default=None, help="Only those.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@json_option
def list_letters(state: str | None, limit: int, as_json: bool) -> None:
    """List letters, the newest first."""
    from stonehand.cli import preparation
    from stonehand.sources.letters import queries
    from stonehand.sources.letters.schemas import LetterOut

    with preparation.open_database().read() as session:
        found = [LetterOut.model_validate(each) for each in queries.listing(session, limit, state=state or "")]
    rows = [each.model_dump(mode="json") for each in found]
    show(rows if as_json else [{name: row[name] for name in COLUMNS} for row in rows], as_json)


@letter.command("show")
@click.argument("letter_id", metavar="ID")
@json_option
def show_letter(letter_id: str, as_json: bool) -> None:
    """Show a letter: what it named, and what became of each."""
    from stonehand.cli import preparation
    from stonehand.sources.letters import queries, service
    from stonehand.sources.letters.schemas import LetterDetail

    with preparation.open_database().read() as session:
        found = LetterDetail.of(service.get(session, letter_id), queries.fates(session, [letter_id]))
    row = found.model_dump(mode="json")
    if as_json:
        show(row, as_json)
        return
    items = row.pop("items")
    show({name: value for name, value in row.items() if value not in (None, "", [])}, as_json)
    click.echo()
    show([{name: each[name] for name in FATE} for each in items], as_json)


@letter.command("raw")
@click.argument("letter_id", metavar="ID")
def raw_letter(letter_id: str) -> None:
    """Write a letter to the standard output as it came."""
    from stonehand.cli import preparation
    from stonehand.sources.letters import keeping, service

    with preparation.open_database().read() as session:
        found = service.raw(session, letter_id)
    sys.stdout.buffer.write(keeping.unpack(found.packed, found.size))


@letter.command("read")
@click.argument("letter_id", metavar="ID")
@named("edit")
@json_option
def read_letter(letter_id: str, as_json: bool) -> None:
    """Read a letter anew."""
    from stonehand.cli import preparation
    from stonehand.sources.letters import service

    with preparation.open_pipeline().transaction() as session:
        job_id = service.read_again(session, letter_id)
        _record(session, "asked to read", letter_id)
    show({"letter_id": letter_id, "job_id": job_id} if as_json else f"Job {job_id} reads it.", as_json)


@letter.command("remove")
@click.argument("letter_id", metavar="ID")
@click.option("--yes", is_flag=True, help="Do not ask.")
@named("edit")
def remove_letter(letter_id: str, yes: bool) -> None:
    """Forget a letter and the list of what it named. Articles that came of it stay."""
    from stonehand.cli import preparation
    from stonehand.sources.letters import service

    database = preparation.open_database()
    with database.read() as session:
        name = service.get(session, letter_id).subject or letter_id
    if not yes:
        click.confirm(f"Remove the letter {name}?", abort=True)
    with database.transaction() as session:
        service.remove(session, letter_id)
        _record(session, "removed", letter_id)
    click.echo(f"{name} is removed.")


def _record(session: Session, verb: str, letter_id: str, detail: dict[str, Any] | None = None) -> None:
    from stonehand.accounts import service as accounts
    from stonehand.cli import acting

    accounts.record(session, acting.operator(), verb, "letter", letter_id, detail)


def hand_in(files: tuple[Path, ...], as_json: bool) -> None:
    """Keep the letters of files (`-`: the standard input), and have the new ones read. Exit 1 if one is refused."""
    from stonehand.cli import preparation
    from stonehand.sources.letters import service
    from stonehand.sources.letters.keeping import Packed

    looked_at = [(str(file), _look(file)) for file in files]
    good = [each for _, each in looked_at if isinstance(each, Packed)]
    job_id, kept = None, list[Any]()
    if good:
        with preparation.open_pipeline().transaction() as session:
            kept, job_id = service.hand_in_and_read(session, good, "upload")
            _record(session, "handed in", kept[0].letter_id, {"letters": sum(each.is_new for each in kept)})
    found = iter(kept)
    rows = [_row(name, each, found) for name, each in looked_at]
    show({"items": rows, "job_id": job_id} if as_json else rows, as_json)
    if job_id and not as_json:
        click.echo(f"\nJob {job_id} reads what is new.")
    if len(good) < len(rows):
        sys.exit(1)


def _look(file: Path) -> Any:
    from stonehand.errors import Rejected
    from stonehand.sources.letters import guarding, keeping

    try:
        with click.open_file(str(file), "rb") as opened:
            return keeping.pack(opened.read(guarding.LARGEST + 1))
    except OSError as error:
        return Rejected(f"it cannot be read: {error.strerror}")
    except Rejected as error:
        return error


def _row(name: str, looked_at: Any, found: Any) -> dict[str, Any]:
    if isinstance(looked_at, Exception):
        return {"file": name, "letter_id": None, "is_new": False, "error": str(looked_at)}
    kept = next(found)
    return {"file": name, "letter_id": kept.letter_id, "is_new": kept.is_new, "error": None}
