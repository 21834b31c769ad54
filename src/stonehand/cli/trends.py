"""Trends and vectors: what is rising and why, and the indexes that tell what is near."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from stonehand.cli.acting import named
from stonehand.cli.printing import json_option, show

COLUMNS = ("story_id", "title", "state", "score", "outlet_count", "article_count", "why")


@click.group()
def trend() -> None:
    """Watch stories over time: what is rising, holds or fades, and why."""


@trend.command("list")
@click.option("--state", help="Only trends in this state; without it, all but the dead.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@json_option
def list_trends(state: str | None, limit: int, as_json: bool) -> None:
    """List trends, the highest score first."""
    from stonehand.cli import preparation
    from stonehand.trends import queries
    from stonehand.trends.schemas import TrendOut
    from stonehand.trends.states import TrendState

    known = [each.value for each in TrendState]
    if state and state not in known:
        raise click.BadParameter(f"{state!r} is not a state; the states are {', '.join(known)}")
    with preparation.open_database().read() as session:
        found = [TrendOut.of(*row) for row in queries.top(session, TrendState(state) if state else None, limit)]
    rows = [each.model_dump(mode="json") for each in found]
    show(rows if as_json else [{name: row[name] for name in COLUMNS} for row in rows], as_json)


@trend.command("show")
@click.argument("story_id", metavar="ID")
@json_option
def show_trend(story_id: str, as_json: bool) -> None:
    """Show a trend, by the id of its story: its score, its velocity over time, its turns."""
    told = _detail(story_id)
    if as_json:
        show(told, as_json)
        return
    show({name: value for name, value in told.items() if name not in ("parts", "history", "turns")}, as_json)
    click.echo("\nTurns:")
    show(told["turns"], as_json)


@trend.command("explain")
@click.argument("story_id", metavar="ID")
@json_option
def explain(story_id: str, as_json: bool) -> None:
    """Say why a story is a trend, and what its score is made of."""
    told = _detail(story_id)
    facts = {name: told[name] for name in ("story_id", "title", "state", "why", "score", "parts", "surprise", "slope")}
    if as_json:
        show(facts, as_json)
        return
    click.echo(f"{told['title']}: {told['state']}\n{told['why']}\n")
    show({"score": told["score"]} | told["parts"] | {"surprise": told["surprise"], "slope": told["slope"]}, as_json)


def _detail(story_id: str) -> dict[str, Any]:
    from stonehand.cli import preparation
    from stonehand.trends import queries
    from stonehand.trends.schemas import TrendDetail

    with preparation.open_database().read() as session:
        return TrendDetail.of(*queries.trend(session, story_id)).model_dump(mode="json")


@click.group()
def vectors() -> None:
    """Look after the indexes that tell which texts are near in meaning."""


@vectors.command("status")
@json_option
def vectors_status(as_json: bool) -> None:
    """Show this machine's indexes, and those of the Qdrant server if one is set."""
    from stonehand.cli import preparation
    from stonehand.vectors import service

    with preparation.open_database().read() as session:
        own = service.status(session)
    show([asdict(each) for each in (*own, *service.status_afar(own))], as_json)


@vectors.command("rebuild")
@click.option("--model", default="", help="Only the index of this model.")
@named("admin")
@json_option
def vectors_rebuild(model: str, as_json: bool) -> None:
    """Make the indexes anew from the vectors in the database: this machine's now, a server's as well."""
    from stonehand.accounts import service as accounts
    from stonehand.cli import acting, preparation
    from stonehand.vectors import following, qdrant, reading, sending, service

    database, count = preparation.open_database(), dict[str, int]()
    with database.read() as session:
        models = [model] if model else sorted(reading.counts(session))
        indexes = {each: service.local(session, each) for each in models}
    for each, index in indexes.items():
        count[each] = following.rebuild(database.read, index, each)
        server = qdrant.configured(each)
        if server is not None:
            sending.send(database.read, database.transaction, server, each, anew=True)
    with database.transaction() as session:
        accounts.record(session, acting.operator(), "rebuilt", "vectors", "", dict(count))
    show([{"model": name, "count": number} for name, number in count.items()], as_json)
