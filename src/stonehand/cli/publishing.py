"""Channels and publications: where pieces go, and what became of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stonehand.cli import channel_kinds, taking_back
from stonehand.cli.acting import as_option
from stonehand.cli.printing import json_option, show

if TYPE_CHECKING:
    from stonehand.channels.models import Channel
    from stonehand.db import Session

CHANNEL = ("id", "name", "kind", "is_enabled", "config")
PUBLICATION = ("id", "title", "channel_name", "state", "published_at", "url", "error")


def find_channel(session: Session, word: str) -> Channel:
    """The channel of this name or id. Raises `ChannelNotFound`, naming those that exist."""
    from stonehand.channels import queries

    known = {each.id: each for each in queries.channels(session)}
    return known.get(word) or queries.channel_by_name(session, word)


@click.group()
def channel() -> None:
    """Say where pieces go."""


@channel.command("list")
@json_option
def list_channels(as_json: bool) -> None:
    """List every channel."""
    from stonehand.channels import queries
    from stonehand.channels.schemas import ChannelOut
    from stonehand.cli import preparation

    with preparation.open_database().read() as session:
        rows = [ChannelOut.model_validate(each).model_dump(mode="json") for each in queries.channels(session)]
    show(rows if as_json else [{name: row[name] for name in CHANNEL} for row in rows], as_json)


@channel.group("add", cls=channel_kinds.KindGroup)
def add_channel() -> None:
    """Add a channel of some kind."""


channel.add_command(channel_kinds.test_channel)


@channel.command()
@click.argument("name")
@as_option
def enable(name: str, by: str | None) -> None:
    """Switch a channel on."""
    _switch(name, by, True)


@channel.command()
@click.argument("name")
@as_option
def disable(name: str, by: str | None) -> None:
    """Switch a channel off. What is on its way waits until it is on again."""
    _switch(name, by, False)


def _switch(name: str, by: str | None, is_enabled: bool) -> None:
    from stonehand.channels import service
    from stonehand.cli import acting, preparation

    with preparation.open_database().transaction() as session:
        found = find_channel(session, name)
        service.enable(session, acting.person(session, by), found.id, is_enabled)
    click.echo(f"The channel {found.name} is {'on' if is_enabled else 'off'}.")


@channel.command()
@click.argument("name")
@as_option
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(name: str, by: str | None, yes: bool) -> None:
    """Forget a channel. What was delivered through it stays where it is."""
    from stonehand.channels import service
    from stonehand.cli import acting, preparation

    database = preparation.open_database()
    with database.read() as session:
        found = find_channel(session, name)
    if not yes:
        click.confirm(f"Remove the channel {found.name}?", abort=True)
    with database.transaction() as session:
        service.remove(session, acting.person(session, by), found.id)
    click.echo(f"The channel {found.name} is removed.")


@click.group()
def publication() -> None:
    """See what went out, and say what only you can know."""


@publication.command("list")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@json_option
def list_publications(limit: int, as_json: bool) -> None:
    """List publications, the newest first."""
    from stonehand.cli import preparation
    from stonehand.publications import queries, telling

    with preparation.open_database().read() as session:
        found = queries.newest(session, limit)
        rows = [telling.out(session, each).model_dump(mode="json") for each in found]
    show(rows if as_json else [{name: row[name] for name in PUBLICATION} for row in rows], as_json)


@publication.command("show")
@click.argument("publication_id", metavar="ID")
@json_option
def show_publication(publication_id: str, as_json: bool) -> None:
    """Show a publication: where it is, and why it is not there yet."""
    from stonehand.cli import preparation
    from stonehand.publications import queries, telling

    with preparation.open_database().read() as session:
        found = telling.out(session, queries.publication(session, publication_id))
    show(found, as_json)


@publication.command()
@click.argument("publication_id", metavar="ID")
@click.argument("url")
@as_option
def arrived(publication_id: str, url: str, by: str | None) -> None:
    """Say that a piece in doubt is there, at URL."""
    from stonehand.cli import acting, preparation
    from stonehand.publications import reconciling

    with preparation.open_pipeline().transaction() as session:
        reconciling.arrived(session, acting.person(session, by), publication_id, url)
    click.echo(f"It is published, at {url}.")


@publication.command()
@click.argument("publication_id", metavar="ID")
@as_option
def missing(publication_id: str, by: str | None) -> None:
    """Say that a piece in doubt is not there, and send it again."""
    from stonehand.cli import acting, preparation
    from stonehand.publications import reconciling

    with preparation.open_pipeline().transaction() as session:
        reconciling.missing(session, acting.person(session, by), publication_id)
    click.echo("It is sent again.")


@publication.command()
@click.argument("publication_id", metavar="ID")
@as_option
@json_option
def retry(publication_id: str, by: str | None, as_json: bool) -> None:
    """Try a failed piece again, under the same key, so that it is never shown twice."""
    from stonehand.cli import acting, preparation
    from stonehand.publications import queries, service, telling

    with preparation.open_pipeline().transaction() as session:
        service.retry(session, acting.person(session, by), publication_id)
        found = telling.out(session, queries.publication(session, publication_id))
    show(found if as_json else "It is tried again.", as_json)


for _command in taking_back.COMMANDS:
    publication.add_command(_command)
