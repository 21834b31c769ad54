"""How long things are kept."""

from __future__ import annotations

import click

from stonehand.cli.printing import json_option, show


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@json_option
def retention(dry_run: bool, as_json: bool) -> None:
    """Let go of what has been kept long enough. It happens by itself every night, too."""
    from stonehand.cli import preparation
    from stonehand.retention import service

    database = preparation.open_database()
    if dry_run:
        with database.read() as session:
            show([vars(each) for each in service.due(session)], as_json)
        return
    deeds = {
        "results": service.forget_results,
        "jobs": service.forget_jobs,
        "pages": service.forget_pages,
        "letters": service.forget_letters,
        "curations": service.forget_curations,
        "texts": service.archive_texts,
    }
    show({kind: deed(database.transaction) for kind, deed in deeds.items()}, as_json)
