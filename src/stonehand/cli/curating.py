"""Curating: the best diverse set for a topic or of a list of addresses, and the weights it is judged by."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stonehand.cli.acting import as_option
from stonehand.cli.printing import json_option, show

if TYPE_CHECKING:
    from stonehand.curation.schemas import CurationOut

SHORT = ("id", "topic", "state", "total", "scored", "failed", "chosen", "note")


@click.group()
def curate() -> None:
    """Choose the best diverse set of articles for a topic, or of a list of addresses."""


@curate.command()
@click.argument("topic", default="")
@click.option("--url", "urls", multiple=True, metavar="URL", help="An address to read and judge; several times.")
@click.option("--file", type=click.Path(exists=True, dir_okay=False), help="Addresses in a file, one a line.")
@click.option("--within", default="", help="Only articles that this search finds.")
@click.option("--sources", is_flag=True, help="Look at every source first.")
@click.option("--most", type=int, default=20, show_default=True, help="How many to choose at most.")
@click.option("--weights", default="", help="The name of saved weights.")
@click.option("--limit-seconds", type=int, default=300, show_default=True, help="Then it ends with what it has.")
@click.option("--no-diversity", is_flag=True, help="The best, whatever their host and kind.")
@as_option
@json_option
def start(topic: str, urls: tuple[str, ...], file: str | None, by: str | None, as_json: bool, **more: Any) -> None:
    """Begin a curation; a worker does it. `stonehand curate show ID` says how far it is."""
    from stonehand.cli import acting, preparation
    from stonehand.curation import queries, service
    from stonehand.curation.schemas import CurationOut
    from stonehand.curation.wishes import Wish

    listed = [*urls, *(Path(file).read_text(encoding="utf-8").splitlines() if file else [])]
    with preparation.open_pipeline().transaction() as session:
        person = acting.person(session, by)
        name, weights = queries.weights(session, more["weights"])
        wish = Wish(
            topic=topic,
            urls=listed,
            within=more["within"],
            with_sources=more["sources"],
            weights=weights,
            weights_name=name,
            rules=service.rules(more["most"], diversify=False if more["no_diversity"] else None),
            limit_seconds=more["limit_seconds"],
        )
        made = CurationOut.of(session, service.submit(session, wish, person.name))
    _show(made, as_json)


def _show(found: CurationOut, as_json: bool) -> None:
    row = found.model_dump(mode="json")
    show(row if as_json else {name: row[name] for name in (*SHORT, "message", "trouble", "job_id")}, as_json)


@curate.command("list")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@json_option
def list_curations(limit: int, as_json: bool) -> None:
    """List curations, newest first."""
    from stonehand.cli import preparation
    from stonehand.curation import queries
    from stonehand.curation.schemas import CurationOut

    with preparation.open_database().read() as session:
        rows = [CurationOut.of(session, each).model_dump(mode="json") for each in queries.recent(session, limit)]
    show(rows if as_json else [{name: row[name] for name in SHORT} for row in rows], as_json)


@curate.command("show")
@click.argument("curation_id")
@json_option
def show_one(curation_id: str, as_json: bool) -> None:
    """Say how a curation stands."""
    from stonehand.cli import preparation
    from stonehand.curation import queries
    from stonehand.curation.schemas import CurationOut

    with preparation.open_database().read() as session:
        found = CurationOut.of(session, queries.curation(session, curation_id))
    _show(found, as_json)


@curate.command()
@click.argument("curation_id")
@click.option("--all", "everything", is_flag=True, help="Also those that were left out or failed, with the reason.")
@json_option
def items(curation_id: str, everything: bool, as_json: bool) -> None:
    """List what was chosen, with the parts of each score in JSON."""
    from stonehand.articles import queries as articles
    from stonehand.cli import preparation
    from stonehand.curation import queries
    from stonehand.curation.schemas import ItemOut

    with preparation.open_database().read() as session:
        queries.curation(session, curation_id)
        found = [each for each in queries.items(session, curation_id) if everything or each.place]
        known: dict[str, Any] = {}
        for start_at in range(0, len(found), articles.CHUNK):
            ids = [each.article_id for each in found[start_at : start_at + articles.CHUNK] if each.article_id]
            known |= articles.articles(session, ids)
        rows = [ItemOut.of(each, known).model_dump(mode="json") for each in found]
    short = ("place", "score", "title", "outlet", "url", *(("state", "left_out", "error") if everything else ()))
    show(rows if as_json else [{name: row[name] for name in short} for row in rows], as_json)


@curate.command()
@click.argument("curation_id")
@as_option
@json_option
def stop(curation_id: str, by: str | None, as_json: bool) -> None:
    """Stop a curation; what was scored stays."""
    from stonehand.cli import acting, preparation
    from stonehand.curation import service
    from stonehand.curation.schemas import CurationOut

    with preparation.open_database().transaction() as session:
        found = CurationOut.of(session, service.stop(session, acting.person(session, by), curation_id))
    _show(found, as_json)


@curate.command()
@click.argument("curation_id")
@click.option("--weights", default="", help="The name of saved weights; those of before if not given.")
@click.option("--most", type=int, default=20, show_default=True, help="How many to choose at most.")
@click.option("--domain-cap", type=int, help="Articles of one host at most.")
@click.option("--duplicate", type=float, help="Cosine of near duplicates.")
@click.option("--cluster", type=float, help="Cosine within a cluster.")
@click.option("--cluster-cap", type=int, help="Articles of one cluster at most.")
@as_option
@json_option
def choose(curation_id: str, weights: str, most: int, by: str | None, as_json: bool, **changes: Any) -> None:
    """Judge a curation anew, by other weights or caps; nothing is fetched again."""
    from stonehand.cli import acting, preparation
    from stonehand.curation import service
    from stonehand.curation.schemas import CurationOut

    with preparation.open_database().transaction() as session:
        person, rules = acting.person(session, by), service.rules(most, **changes)
        found = CurationOut.of(session, service.choose_again(session, person, curation_id, weights, rules))
    _show(found, as_json)


@curate.command()
@click.argument("curation_id")
@click.argument("a")
@click.argument("b")
@json_option
def compare(curation_id: str, a: str, b: str, as_json: bool) -> None:
    """Show which places the weights A and B give to the same articles."""
    from stonehand.cli import preparation
    from stonehand.curation import choosing, comparing, queries

    with preparation.open_database().read() as session:
        found = queries.curation(session, curation_id)
        _, (one, two) = comparing.sides(session, found, a, b)
        rows = [
            {"title": row.title, a: one[row.item_id].place, b: two[row.item_id].place, "id": row.article_id}
            for row in choosing.candidates(session, curation_id)
        ]
    rows.sort(key=lambda row: (row[b] or 10_000, row[a] or 10_000))
    show(rows, as_json)


@curate.command()
@click.argument("curation_id")
@as_option
def remove(curation_id: str, by: str | None) -> None:
    """Forget a curation; its articles stay."""
    from stonehand.cli import acting, preparation
    from stonehand.curation import service

    with preparation.open_database().transaction() as session:
        service.remove(session, acting.person(session, by), curation_id)
    click.echo("The curation is gone; its articles stay.")


@curate.group()
def weights() -> None:
    """See, save, use and remove weights."""


@weights.command("list")
@json_option
def list_weights(as_json: bool) -> None:
    """List every set of weights."""
    from stonehand.cli import preparation
    from stonehand.curation.schemas import every_weights

    with preparation.open_database().read() as session:
        found = [each.model_dump(mode="json") for each in every_weights(session)]
    short = [{"name": each["name"], "in_use": each["in_use"], **each["weights"]["parts"]} for each in found]
    show(found if as_json else short, as_json)


@weights.command()
@click.argument("name")
@click.option(
    "--part", "parts", multiple=True, metavar="PART=NUMBER", help="Such as recency=0.5; the rest is shared out."
)
@click.option("--half-life", type=float, default=7.0, show_default=True, help="Days that halve the recency.")
@click.option("--trust", multiple=True, metavar="HOST", help="A host that you trust; several times.")
@click.option("--doubt", multiple=True, metavar="HOST", help="A host that you doubt; several times.")
@as_option
@json_option
def save(name: str, parts: tuple[str, ...], by: str | None, as_json: bool, **more: Any) -> None:
    """Save weights under a name."""
    from stonehand.cli import acting, preparation
    from stonehand.curation import service
    from stonehand.curation.schemas import SavedWeightsOut
    from stonehand.curation.weights import checked

    wanted = checked(
        dict(_part(each) for each in parts), more["half_life"], trusted=more["trust"], doubted=more["doubt"]
    )
    with preparation.open_database().transaction() as session:
        made = service.save_weights(session, acting.person(session, by), name, wanted)
        row = SavedWeightsOut.model_validate(made).model_dump(mode="json")
    show(row if as_json else {"name": row["name"], **row["weights"]["parts"]}, as_json)


def _part(text: str) -> tuple[str, float]:
    name, _, number = text.partition("=")
    try:
        return name.strip(), float(number)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no part with a number; write it like recency=0.5") from None


@weights.command()
@click.argument("name")
@as_option
def use(name: str, by: str | None) -> None:
    """Use these weights where nobody names others; `standard` goes back to those of before."""
    from stonehand.cli import acting, preparation
    from stonehand.curation import service

    with preparation.open_database().transaction() as session:
        service.use_weights(session, acting.person(session, by), name)
    click.echo(f"{name} are used from now on.")


@weights.command("remove")
@click.argument("name")
@as_option
def remove_weights(name: str, by: str | None) -> None:
    """Forget weights."""
    from stonehand.cli import acting, preparation
    from stonehand.curation import service

    with preparation.open_database().transaction() as session:
        service.remove_weights(session, acting.person(session, by), name)
    click.echo(f"{name} are gone.")
