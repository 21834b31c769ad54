"""The library: searching what was read, saved searches, tags, bookmarks, and taking it all along."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stonehand.cli.acting import as_option
from stonehand.cli.printing import json_option, show

if TYPE_CHECKING:
    from stonehand.library.exporting import Exported

COLUMNS = ("id", "title", "outlet", "at", "tags")


@click.group()
def library() -> None:
    """Search everything that was read, and take it along."""


@library.command()
@click.argument("query", default="")
@click.option("--newest", is_flag=True, help="The newest first, not the best.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@as_option
@json_option
def search(query: str, newest: bool, limit: int, by: str | None, as_json: bool) -> None:
    """Find articles.

    Words, "phrases", -not, OR, beginn*, and fields: title:, source:, site:, author:, lang:, kind:, tag:, category:,
    topic:, tone:, is:, before:, after:, like:ARTICLE. Put -- before a QUERY that begins with a minus.
    """
    from stonehand.cli import preparation
    from stonehand.library import nearness, queries, searching
    from stonehand.library.schemas import HitOut, Results

    database, ahead = preparation.open_database(), nearness.ahead(query)
    with database.read() as session:
        person_id = _person_id(session, by, query)
        found = searching.search(session, query, person_id, "newest" if newest else "best", ahead)
        hits = queries.hits(session, found.ids[:limit], found.node, person_id)
    items = [HitOut.of(hit) for hit in hits]
    if as_json:
        show(Results(items=items, total=len(found.ids), is_cut=found.is_cut, start=0, limit=limit), as_json)
        return
    show([{name: getattr(each, name) for name in COLUMNS} for each in items], as_json)


def _person_id(session: Any, by: str | None, query: str) -> str:
    """Whose bookmarks are meant. Nobody need have an account to search for anything else."""
    from stonehand.cli import acting

    return acting.person(session, by).id if by or "bookmarked" in query else ""


@library.command("tag")
@click.argument("article_id", metavar="ID")
@click.argument("tags", nargs=-1, required=True)
@click.option("--remove", is_flag=True, help="Take them off.")
@as_option
@json_option
def tag_article(article_id: str, tags: tuple[str, ...], remove: bool, by: str | None, as_json: bool) -> None:
    """Give an article tags, for everybody."""
    from stonehand.cli import acting, preparation
    from stonehand.library import service

    deed = service.untag if remove else service.tag
    with preparation.open_database().transaction() as session:
        left = deed(session, acting.administrator(session, by), article_id, tags)
    show({"id": article_id, "tags": left}, as_json)


@library.command("bookmark")
@click.argument("article_id", metavar="ID")
@click.option("--remove", is_flag=True, help="Take the bookmark away.")
@as_option
@json_option
def bookmark_article(article_id: str, remove: bool, by: str | None, as_json: bool) -> None:
    """Remember an article for yourself; is:bookmarked finds it."""
    from stonehand.cli import acting, preparation
    from stonehand.library import service

    deed = service.unbookmark if remove else service.bookmark
    with preparation.open_database().transaction() as session:
        deed(session, acting.person(session, by), article_id)
    show({"id": article_id, "is_bookmarked": not remove}, as_json)


@library.group(invoke_without_command=True)
@json_option
@click.pass_context
def saved(ctx: click.Context, as_json: bool) -> None:
    """List saved searches; each is a feed."""
    from stonehand.cli import preparation
    from stonehand.library import queries
    from stonehand.library.schemas import SavedSearchOut

    if ctx.invoked_subcommand:
        return
    with preparation.open_database().read() as session:
        rows = [SavedSearchOut.model_validate(each) for each in queries.saved_searches(session)]
    plain = [each.model_dump(mode="json") for each in rows]
    show(plain if as_json else [{name: row[name] for name in ("id", "name", "query")} for row in plain], as_json)


@saved.command("add")
@click.argument("name")
@click.argument("query")
@as_option
@json_option
def add_saved(name: str, query: str, by: str | None, as_json: bool) -> None:
    """Save a search. The path of its feed is printed this once."""
    from stonehand.cli import acting, preparation
    from stonehand.library import service
    from stonehand.library.schemas import SavedSearchMade

    with preparation.open_database().transaction() as session:
        made = SavedSearchMade.told(*service.save(session, acting.person(session, by), name, query), "")
    show(made, as_json)


@saved.command("feed")
@click.argument("name")
@as_option
@json_option
def renew_feed(name: str, by: str | None, as_json: bool) -> None:
    """Give its feed a new path; the old one leads nowhere from then on."""
    from stonehand.cli import acting, preparation
    from stonehand.library import service
    from stonehand.library.schemas import SavedSearchMade

    with preparation.open_database().transaction() as session:
        made = SavedSearchMade.told(*service.renew_feed(session, acting.person(session, by), name), "")
    show(made, as_json)


@saved.command("remove")
@click.argument("name")
@as_option
@json_option
def remove_saved(name: str, by: str | None, as_json: bool) -> None:
    """Forget a saved search and its feed."""
    from stonehand.cli import acting, preparation
    from stonehand.library import service

    with preparation.open_database().transaction() as session:
        gone = service.remove(session, acting.person(session, by), name)
    show({"removed": gone.name}, as_json)


@library.command()
@click.argument("query", default="")
@click.option("--saved", "name", metavar="NAME", help="What this saved search finds.")
@click.option(
    "--form", type=click.Choice(["jsonl", "markdown"]), default="jsonl", show_default=True, help="How it is written."
)
@click.option("--to", type=click.Path(path_type=Path), help="A file; for Markdown, a folder of one file each.")
@as_option
def export(query: str, name: str | None, form: str, to: Path | None, by: str | None) -> None:
    """Write everything that was read, or what QUERY finds, with texts; to standard output if no place is given."""
    from stonehand.cli import preparation
    from stonehand.library import exporting, queries

    database = preparation.open_database()
    with database.read() as session:
        query = queries.saved(session, name).query if name else query
        person_id = _person_id(session, by, query)
    _, _, write = exporting.FORMS[form]
    articles = exporting.export(database.read, query, person_id)
    if to and form == "markdown":
        count = _write_files(to, articles)
        click.echo(f"{count} {'article' if count == 1 else 'articles'} in {to}", err=True)
    elif to:
        with to.open("w", encoding="utf-8", errors="replace") as file:
            file.writelines(write(each) for each in articles)
    else:
        for each in articles:
            click.echo(write(each), nl=False)


def _write_files(folder: Path, articles: Iterator[Exported]) -> int:
    from stonehand.library import exporting

    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for each in articles:
        path = folder / f"{each.fetched_at:%Y-%m-%d}-{each.id}.md"
        path.write_text(exporting.markdown(each), encoding="utf-8", errors="replace")
        count += 1
    return count


@library.command()
@json_option
def rebuild(as_json: bool) -> None:
    """Index every article anew. Searches go on meanwhile; it can be stopped and begun again."""
    from stonehand.articles import indexing
    from stonehand.cli import preparation
    from stonehand.library import filling

    database, count = preparation.open_database(), 0
    with database.transaction() as session:
        indexing.outdate(session)
    while some := filling.fill_some(database.read, database.transaction):
        count += some
    show({"indexed": count}, as_json)


@library.command()
@click.argument("kind", type=click.Choice(["url", "person", "source"]))
@click.argument("value")
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_option
@json_option
def forget(kind: str, value: str, dry_run: bool, yes: bool, by: str | None, as_json: bool) -> None:
    """Forget an address, a person or a source (by its id) for good.

    Texts, raw pages, vectors and places in stories go; of a person, of every article by them or naming them. The
    audit log keeps that it was done. Drafts that cited some are named: their words are yours to judge.
    """
    from stonehand.cli import acting, preparation
    from stonehand.retention import erasing
    from stonehand.sources.recognition import counted

    database = preparation.open_database()
    with database.read() as session:
        found = erasing.look(session, erasing.Kind(kind), value)
        person = acting.administrator(session, by)
    if not dry_run:
        if not yes:
            click.confirm(f"Forget {counted(found.articles, 'article', 'articles')} for good?", abort=True, err=True)
        found = erasing.forget(database.transaction, person, erasing.Kind(kind), value)
    show({"articles": found.articles, "drafts": list(found.drafts), "dry_run": dry_run}, as_json)
