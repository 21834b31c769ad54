"""Dead letters: what failed for good, by what it died of."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from stonehand.cli.acting import named
from stonehand.cli.job_filter import pairs
from stonehand.cli.many_jobs import do_to_many
from stonehand.cli.printing import json_option, show

if TYPE_CHECKING:
    from stonehand.jobs.desk.deadletters import Group
    from stonehand.jobs.models import Job

yes_option = click.option("--yes", is_flag=True, help="Do not ask.")
group_argument = click.argument("name", metavar="FINGERPRINT")


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def dead_letters(context: click.Context, as_json: bool) -> None:
    """Dead letters by what they died of; without a verb, list them."""
    if context.invoked_subcommand is None:
        _list(as_json)


@dead_letters.command("list")
@json_option
def list_groups(as_json: bool) -> None:
    """List them by what they died of, and what a person must look at."""
    _list(as_json)


def _list(as_json: bool) -> None:
    from stonehand.cli import preparation
    from stonehand.jobs.desk import deadletters

    database = preparation.open_database()
    deadletters.sort_out(database, rounds=1000)
    with database.read() as session:
        rows = [_row(group) for group in deadletters.groups(session)]
        unsure = [_doubt(job) for job in deadletters.doubtful(session)]
    show(rows + unsure, as_json)


def _row(group: Group) -> dict[str, Any]:
    job = group.sample
    times = {"first_at": group.first_at, "last_at": group.last_at}
    return {"fingerprint": group.fingerprint, "count": group.count, "task": job.task, "error": job.error, **times}


def _doubt(job: Job) -> dict[str, Any]:
    times = {"first_at": job.created_at, "last_at": job.finished_at}
    return {"fingerprint": job.id, "count": 1, "task": job.task, "error": f"did it happen? {job.error}", **times}


@dead_letters.command("show")
@group_argument
@json_option
def show_group(name: str, as_json: bool) -> None:
    """Show the letters of a group."""
    from stonehand.cli import preparation
    from stonehand.jobs.desk import deadletters, filters

    with preparation.open_database().read() as session:
        found = deadletters.group(session, name)
        letters = filters.listing(session, deadletters.of_group(name))
    rows = [{"id": job.id, "task": job.task, "args": job.args, "error": job.error} for job in letters]
    show({**_row(found), "letters": rows} if as_json else rows, as_json)


@dead_letters.command()
@group_argument
@yes_option
@named("edit")
@json_option
def retry(name: str, yes: bool, as_json: bool) -> None:
    """Run all of a group again."""
    _act(name, "retry", "", yes, as_json)


@dead_letters.command()
@group_argument
@click.option("--reason", required=True, help="Why nothing is to be done.")
@yes_option
@named("edit")
@json_option
def resolve(name: str, reason: str, yes: bool, as_json: bool) -> None:
    """Settle all of a group: nothing is to be done about them any more."""
    _act(name, "resolve", reason, yes, as_json)


@dead_letters.command()
@group_argument
@click.option("--arg", "words", multiple=True, required=True, metavar="NAME=VALUE", help="An argument to change.")
@yes_option
@named("edit")
@json_option
def fix(name: str, words: Sequence[str], yes: bool, as_json: bool) -> None:
    """Run all of a group again with other arguments; those that are not named stay."""
    _act(name, "mend", json.dumps(pairs(words)), yes, as_json)


def _act(name: str, verb: str, value: str, yes: bool, as_json: bool) -> None:
    from stonehand.cli import acting, preparation
    from stonehand.jobs import declaration
    from stonehand.jobs.desk import deadletters, parameters
    from stonehand.jobs.desk.bulk import Deed

    with preparation.open_database().read() as session:
        sample = deadletters.group(session, name).sample
    if verb == "mend":
        parameters.fitting(declaration.find(sample.task), {**sample.args, **json.loads(value)})
    do_to_many(deadletters.of_group(name), Deed(verb, value, acting.operator().name), False, yes, as_json)
