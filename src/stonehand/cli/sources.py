"""Sources: where content comes from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stonehand.cli import source_keeping
from stonehand.cli.acting import named
from stonehand.cli.printing import json_option, show
from stonehand.cli.source_keeping import kind_option, options_option

if TYPE_CHECKING:
    from stonehand.db import Database, Session
    from stonehand.sources.models import Source
    from stonehand.sources.recognition import Found

COLUMNS = ("id", "title", "state", "entries_total", "health")
DETAILS = (
    "id",
    "title",
    "kind",
    "url",
    "options",
    "tags",
    "rules",
    "home_url",
    "health",
    "success_rate",
    "last_error",
    "last_warning",
    "proposed",
    "entries_total",
    "entries_dropped",
)
ENTRY = ("id", "title", "state", "published_at", "error", "article_id")


@click.group()
def source() -> None:
    """Add, watch and remove sources."""


for _verb in source_keeping.VERBS:
    source.add_command(_verb)


@source.command("list")
@json_option
def list_sources(as_json: bool) -> None:
    """List every source, those in trouble first."""
    from stonehand.cli import preparation
    from stonehand.sources import queries, schemas  # noqa: F401  loading shapes takes too long for a transaction

    with preparation.open_database().read() as session:
        rows = [_plain(session, each) for each in queries.all_sources(session)]
    shown = [{name: row[name] for name in COLUMNS} | {"title": row["title"] or row["url"]} for row in rows]
    show(rows if as_json else shown, as_json)


def _plain(session: Session, found: Source) -> dict[str, Any]:
    from stonehand import db
    from stonehand.sources.schemas import SourceOut

    return SourceOut.of(found, db.now(session)).model_dump(mode="json")


@source.command("show")
@click.argument("source_id", metavar="ID")
@click.option("--limit", type=click.IntRange(0, 1000), default=10, show_default=True, help="Entries to show.")
@json_option
def show_source(source_id: str, limit: int, as_json: bool) -> None:
    """Show a source: how it is doing, and what it named last."""
    from stonehand.cli import preparation
    from stonehand.sources import queries, service
    from stonehand.sources.schemas import EntryOut

    with preparation.open_database().read() as session:
        row = _plain(session, service.get(session, source_id))
        found = queries.entries_of(session, source_id, limit)
        entries = [EntryOut.model_validate(each).model_dump(mode="json") for each in found]
    if as_json:
        show(row | {"entries": entries}, as_json)
        return
    show({name: row[name] for name in DETAILS}, as_json)
    click.echo()
    show([{name: each[name] for name in ENTRY} for each in entries], as_json)


@source.command()
@click.argument("urls", nargs=-1)
@click.option("--preview", is_flag=True, help="Only say what would be new; nothing is saved.")
@kind_option
@options_option
@click.option("--secret", help="Of a kind that needs one.")
@named("edit")
@json_option
@click.pass_context
def add(ctx: click.Context, /, urls: tuple[str, ...], preview: bool, as_json: bool, **given: Any) -> None:
    """Find out what each URL is, and add it.

    A URL may be a feed, a site, an OPML file or URL, a sitemap or a single article.
    """
    from stonehand.cli import preparation
    from stonehand.errors import StonehandError

    if not urls and not given["kind"]:
        raise click.UsageError("give a URL, or --kind")
    database = preparation.open_pipeline()
    rows, failed = [], False
    for url in urls or ("",):
        try:
            for found in source_keeping.find(url, **given):
                if found.refused:
                    failed = True
                    rows.append(_left_out(found))
                    continue
                row = _preview(database, found) if preview else _add(database, found)
                rows.append(row)
                if not as_json:
                    click.echo(f"{source_keeping.place(row)}: {row['sentence']}; {_outcome(row)}")
        except StonehandError as error:
            failed = True
            rows.append({"url": url, "error": str(error), "kind": error.kind})
            click.echo(f"{url} was not added: {error}", err=True)
    if as_json:
        show(rows, as_json)
    ctx.exit(1 if failed else 0)


def _left_out(found: Found) -> dict[str, Any]:
    """A line of a list that cannot be taken, said at once."""
    click.echo(f"{found.title or found.url} was left out: {found.refused}", err=True)
    return {"url": found.url, "title": found.title, "error": found.refused, "kind": "LineRefused"}


def _preview(database: Database, found: Found) -> dict[str, Any]:
    from stonehand.sources.schemas import PreviewOut

    with database.read() as session:
        return PreviewOut.of(session, found).model_dump(mode="json")


def _add(database: Database, found: Found) -> dict[str, Any]:
    from stonehand.sources import service

    with database.transaction() as session:
        added = service.add(session, found)
        if added.is_new:
            _record(session, "added", added.source_id, {"url": found.url})
    return {
        "url": found.url,
        "what": found.what,
        "title": found.title,
        "sentence": found.sentence,
        "source_id": added.source_id,
        "is_new": added.is_new,
    }


def _outcome(row: dict[str, Any]) -> str:
    if "is_new" in row:
        return f"added as {row['source_id']}" if row["is_new"] else f"it is here already, as {row['source_id']}"
    there = "it is here already" if row["already_added"] else "it is not here yet"
    return f"{there}; {source_keeping.counted(row)}"


def _record(session: Session, verb: str, source_id: str, detail: dict[str, Any] | None = None) -> None:
    from stonehand.accounts import service as accounts
    from stonehand.cli import acting

    accounts.record(session, acting.operator(), verb, "source", source_id, detail)


@source.command()
@click.argument("source_id", metavar="ID")
@json_option
def poll(source_id: str, as_json: bool) -> None:
    """Ask for a look at a source at once."""
    from stonehand.cli import preparation
    from stonehand.sources import service

    with preparation.open_pipeline().transaction() as session:
        job_id = service.poll_now(session, source_id)
    plain = f"Job {job_id} looks at it." if job_id else "A look at it waits or runs already."
    show({"source_id": source_id, "job_id": job_id} if as_json else plain, as_json)


@source.command()
@click.argument("source_id", metavar="ID")
@named("edit")
@json_option
def pause(source_id: str, as_json: bool) -> None:
    """Stop looking at a source."""
    from stonehand.sources import service

    _change(source_id, "paused", service.pause, as_json)


@source.command()
@click.argument("source_id", metavar="ID")
@named("edit")
@json_option
def resume(source_id: str, as_json: bool) -> None:
    """Look at a source again, whatever stopped it."""
    from stonehand.sources import service

    _change(source_id, "resumed", service.resume, as_json)


def _change(source_id: str, verb: str, deed: Any, as_json: bool) -> None:
    from stonehand.cli import preparation
    from stonehand.sources import schemas, service  # noqa: F401  loading shapes takes too long for a transaction

    with preparation.open_database().transaction() as session:
        deed(session, source_id)
        _record(session, verb, source_id)
        row = _plain(session, service.get(session, source_id))
    show(row if as_json else f"{row['title'] or row['url']}: {row['health']}", as_json)


@source.command()
@click.argument("source_id", metavar="ID")
@click.option("--yes", is_flag=True, help="Do not ask.")
@named("edit")
def remove(source_id: str, yes: bool) -> None:
    """Forget a source and what it named. Articles that came of it stay."""
    from stonehand.cli import preparation
    from stonehand.sources import service

    database = preparation.open_database()
    with database.read() as session:
        found = service.get(session, source_id)
    name = found.title or found.url
    if not yes:
        click.confirm(f"Remove {name} and its {found.entries_total} entries?", abort=True)
    with database.transaction() as session:
        service.remove(session, source_id)
        _record(session, "removed", source_id, {"url": found.url})
    click.echo(f"{name} is removed.")


@source.command()
@click.option("--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="A file; standard output if not.")
def export(output: Path | None) -> None:
    """Write every source as an OPML list, with its kind, options, tags and rules; secrets stay here."""
    from stonehand.cli import preparation
    from stonehand.errors import Rejected
    from stonehand.sources import opml, queries

    with preparation.open_database().read() as session:
        outlines = queries.outlines(session)
    document = opml.write("Stonehand", outlines)
    if output is None:
        click.echo(document.decode())
        return
    try:
        output.write_bytes(document)
    except OSError as error:
        raise Rejected(f"cannot write {output}: {error.strerror}") from error
    click.echo(f"{len(outlines)} sources are in {output}.")


@source.command("mail-in")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True))
@json_option
def mail_in(files: tuple[Path, ...], as_json: bool) -> None:
    """Hand in letters, as .eml files, or - for one on the standard input, and have them read."""
    from stonehand.cli import letters

    letters.hand_in(files, as_json)
