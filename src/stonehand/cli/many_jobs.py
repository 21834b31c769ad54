"""Deeds for many jobs at once, and chains of jobs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from stonehand.cli.acting import named
from stonehand.cli.job_filter import filtered, pairs, record, say_done
from stonehand.cli.printing import json_option, show

if TYPE_CHECKING:
    from stonehand.jobs.dependencies import Step
    from stonehand.jobs.desk.bulk import Deed
    from stonehand.jobs.desk.filters import Filter


@click.command()
@click.argument("verb", type=click.Choice(["cancel", "retry", "prioritise", "resolve"]))
@filtered
@click.option("--priority", type=click.IntRange(0, 9), help="For prioritise; 9 is the most urgent.")
@click.option("--reason", default="", help="For resolve: why nothing is to be done.")
@click.option("--dry-run", is_flag=True, help="Only count.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@named("edit")
@json_option
def bulk(
    verb: str, wish: Callable[[], Filter], priority: int | None, reason: str, dry_run: bool, yes: bool, as_json: bool
) -> None:
    """Do one thing to every job of a filter: cancel, retry, prioritise or resolve (settle dead letters)."""
    from stonehand.cli import acting
    from stonehand.jobs.desk.bulk import Deed

    found = wish()
    if not (found.is_narrow or found.states):
        raise click.UsageError("say which jobs: at least --state, --task or --queue")
    value = str(priority) if verb == "prioritise" else reason
    do_to_many(found, Deed(verb, value, acting.operator().name), dry_run, yes, as_json)


def do_to_many(wish: Filter, deed: Deed, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Count, ask, and do it: now if they are few, else by a job."""
    from stonehand.cli import preparation
    from stonehand.jobs.desk import bulk as many

    deed.check()
    database = preparation.open_pipeline()
    with database.read() as session:
        meant = many.count(session, wish, deed.verb)
    if dry_run:
        show({"meant": meant} if as_json else f"It would be done to {meant} jobs.", as_json)
        return
    if not yes:
        click.confirm(f"{deed.verb} {meant} jobs?", abort=True, err=True)
    at_once = meant <= many.AT_ONCE
    with database.transaction() as session:
        done = many.step(session, wish, deed).changed if at_once else meant
        job_id = None if at_once else many.ask(session, wish, deed)
        record(session, f"{deed.verb} many", job_id or "", {"filter": wish.stored(), "jobs": done})
    say_done(meant, done, job_id, as_json)


@click.command()
@click.argument("steps", nargs=-1, required=True, metavar="TASK[:NAME=VALUE,...]...")
@named("admin")
@json_option
def chain(steps: tuple[str, ...], as_json: bool) -> None:
    """Ask for jobs that run one after the other, such as: sources.poll:source_id=ID jobs.sample"""
    from stonehand.cli import preparation
    from stonehand.jobs import dependencies

    database = preparation.open_pipeline()
    wanted = [_step(step) for step in steps]
    with database.transaction() as session:
        ids = dependencies.chain(session, wanted)
        record(session, "asked for a chain", ids[-1], {"jobs": len(ids)})
    show([{"id": job_id, "task": step.task} for job_id, step in zip(ids, wanted, strict=True)], as_json)


@click.command()
@click.argument("steps", nargs=-1, required=True, metavar="TASK[:NAME=VALUE,...]...")
@click.option("--then", default="", metavar="TASK[:NAME=VALUE,...]", help="Begins when all of them are completed.")
@named("admin")
@json_option
def group(steps: tuple[str, ...], then: str, as_json: bool) -> None:
    """Ask for jobs that run side by side, such as: sources.poll:source_id=A sources.poll:source_id=B"""
    from stonehand.cli import preparation
    from stonehand.jobs import dependencies

    database = preparation.open_pipeline()
    wanted, last = [_step(step) for step in steps], _step(then) if then else None
    with database.transaction() as session:
        ids = dependencies.group(session, wanted, last)
        record(session, "asked for a group", ids[-1], {"jobs": len(ids)})
    all_of_them = [*wanted, *([last] if last else [])]
    show([{"id": job_id, "task": step.task} for job_id, step in zip(ids, all_of_them, strict=True)], as_json)


def _step(words: str) -> Step:
    from stonehand.jobs import declaration
    from stonehand.jobs.dependencies import Step
    from stonehand.jobs.desk import parameters

    name, _, rest = words.partition(":")
    return Step(name, parameters.fitting(declaration.find(name), pairs([each for each in rest.split(",") if each])))
