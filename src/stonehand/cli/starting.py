"""`stonehand start`: prepare everything, then become the supervisor of web, worker and scheduler."""

from __future__ import annotations

import os
import socket
import sys

import click


@click.command()
def init() -> None:
    """Prepare the data directory, the database and the embedding model. Safe to run again."""
    from stonehand.cli import preparation

    preparation.prepare()
    preparation.prepare_model()
    click.echo(f"Ready in {preparation.data_dir()}")


@click.command()
@click.argument("urls", nargs=-1)
@click.option("--sample/--no-sample", default=None, help="Load the sample newsroom into an empty database.")
@click.option("--host", help="Address to listen on; 127.0.0.1 if not given.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; 8000 if not given.")
def start(urls: tuple[str, ...], sample: bool | None, host: str | None, port: int | None) -> None:
    """Start web, worker and scheduler as one command, and add the sources at URLS.

    A URL may be a feed, a site, an OPML file or URL, a sitemap or a single article.
    """
    from stonehand import config
    from stonehand.cli import doorplate, preparation

    preparation.prepare()
    settings = config.settings()
    door = _open_door(host or settings.host, settings.port if port is None else port)
    address = settings.public_url.rstrip("/") or doorplate.address_of(*door.getsockname()[:2])
    newsroom = preparation.sample_for(urls, settings.sample if sample is None else sample)
    preparation.add_sources(urls)
    click.echo(f"Stonehand is at {address}")
    preparation.say_setup_link(address)
    _become_supervisor(door, newsroom)


def _open_door(host: str, port: int) -> socket.socket:
    from stonehand.cli import listening

    try:
        return listening.listen(host, port)
    except listening.PortTaken:
        click.echo(f"Port {port} is taken; another one is used.", err=True)
        return listening.listen(host, 0)


def _become_supervisor(door: socket.socket, newsroom: list[str]) -> None:
    """Replace this process by a small one: what preparing needed does not stay in memory."""
    door.set_inheritable(True)
    sys.stdout.flush()
    arguments = [sys.executable, "-m", "stonehand.supervisor", "--fd", str(door.detach()), *newsroom]
    os.execv(sys.executable, arguments)  # noqa: S606  our own command, no shell
