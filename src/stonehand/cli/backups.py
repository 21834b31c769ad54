"""Backups: make one, look whether it could be restored, restore it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from stonehand.cli.printing import json_option, show


@click.group(invoke_without_command=True)
@click.option("--to", "target", type=click.Path(file_okay=False, path_type=Path), help="The folder to make it in.")
@json_option
@click.pass_context
def backup(ctx: click.Context, target: Path | None, as_json: bool) -> None:
    """Make a backup now, or look at those that were made."""
    if ctx.invoked_subcommand is not None:
        return
    from stonehand import config
    from stonehand.backups import service
    from stonehand.cli import preparation

    database = preparation.open_database()
    place = target or Path(config.settings().backup_dir or config.settings().data_dir / "backups")
    made = service.make(place)
    with database.transaction() as session:
        service.record(session, made)
    gone = service.prune(place, config.settings().backup_keep)
    row: dict[str, Any] = {"path": str(made.path), "size": made.size, "seconds": round(made.seconds, 1)}
    row |= {"rows": sum(made.manifest.counts.values()), "files": len(made.manifest.members) - 1, "removed": len(gone)}
    show(row, as_json)
    if not as_json:
        click.echo("The vault key is not in it: keep a copy of that elsewhere.")


@backup.command("list")
@json_option
def list_backups(as_json: bool) -> None:
    """List the latest backups, those that failed too."""
    from stonehand.backups import queries
    from stonehand.cli import preparation

    with preparation.open_database().read() as session:
        rows = [
            {"made_at": each.made_at, "state": each.state, "size": each.size, "path": each.path, "error": each.error}
            for each in queries.newest(session)
        ]
    show(rows, as_json)


@backup.command()
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def verify(file: Path, as_json: bool) -> None:
    """Really restore a backup into a scratch place, and compare what came back with what was saved."""
    from stonehand.backups import archive, restoring

    manifest = restoring.verify(file)
    if as_json:
        show(archive.as_dict(manifest), as_json)
        return
    rows = sum(manifest.counts.values())
    click.echo(f"{file} is whole: {rows} rows in {len(manifest.counts)} tables, {len(manifest.members) - 1} files.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Replace what is there. It is put aside, not deleted.")
@json_option
def restore(file: Path, yes: bool, as_json: bool) -> None:
    """Put a backup in the place that the settings name. Stop every part of Stonehand first."""
    from stonehand.backups import restoring
    from stonehand.cli import footing
    from stonehand.config import settings

    footing.make_folder(settings().data_dir)
    done = restoring.restore(file, yes)
    row = {"made_at": done.manifest.made_at, "former": done.aside, "files": done.files}
    row |= {"to_look_at": done.doubtful_publications + done.doubtful_jobs, "missing_keys": done.missing_keys}
    if as_json:
        show(row, as_json)
        return
    click.echo(f"The backup of {done.manifest.made_at} is in place, with {done.files} published files.")
    if done.aside:
        click.echo(f"What was there is now {done.aside}; remove it when you no longer need it.")
    if done.doubtful_publications or done.doubtful_jobs:
        click.echo(
            f"{done.doubtful_publications} publications and {done.doubtful_jobs} jobs may have been done after the "
            "backup was made; none is sent again by itself. See: stonehand job list --state needs_reconcile"
        )
    if done.missing_keys:
        click.echo(
            f"Secrets in it are sealed with the key {done.missing_keys[0]}, which is not here: put it back, or enter "
            "the secrets again."
        )
