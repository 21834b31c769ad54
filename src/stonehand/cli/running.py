"""`stonehand run`: the whole thread once, in the foreground, then a summary."""

from __future__ import annotations

import sys

import click

from stonehand.cli.printing import json_option, show


@click.command()
@click.argument("urls", nargs=-1)
@click.option("--sample", is_flag=True, help="Run the sample newsroom instead of URLS.")
@click.option(
    "--approve-to", metavar="CHANNEL", help="Approve the drafts and publish them: `folder`, a channel, a path."
)
@click.option("--timeout", default=900, show_default=True, help="Seconds after which to stop waiting.")
@json_option
def run(urls: tuple[str, ...], sample: bool, approve_to: str | None, timeout: int, as_json: bool) -> None:
    """Take URLS from source to draft once: poll, fetch, extract, analyse, place, write; with --approve-to, publish.

    Exits 0 if at least one source worked.
    """
    from stonehand import config

    if not urls and not sample:
        raise click.UsageError("give at least one URL, or --sample")
    config.settings()  # what is wrong with them is said before anything large is loaded
    from stonehand.cli.trip import Trip

    summary = Trip(urls, sample, approve_to, timeout).travel()
    show(summary, as_json)
    sys.exit(0 if summary["sources"] else 1)
