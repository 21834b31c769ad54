"""Options that say which jobs are meant, and wishes for jobs as they are typed."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from stonehand.db import Session
    from stonehand.jobs.desk.filters import Filter

_OPTIONS = (
    click.option("--state", "states", multiple=True, help="Only jobs in this state; may be given several times."),
    click.option("--task", default="", help="Only jobs of this task."),
    click.option("--queue", default="", help="Only jobs of this queue."),
    click.option("--text", default="", help="Only jobs with these words in their error."),
    click.option("--owner", default="", help="Only jobs of this owner, such as source:ID."),
    click.option("--flow", default="", help="Only jobs of this chain or group."),
    click.option("--asked-by", default="", help="Only jobs that this person asked for."),
    click.option("--since", type=click.DateTime(), help="Only jobs asked for then or later (UTC)."),
    click.option("--until", type=click.DateTime(), help="Only jobs asked for before (UTC)."),
)


def filtered(command: Callable[..., None]) -> Callable[..., None]:
    """Give a verb these options; it gets them as one `wish`, a function that makes the filter."""

    @functools.wraps(command)
    def run(*args: Any, **options: Any) -> None:
        names = ("states", "task", "queue", "text", "owner", "flow", "asked_by", "since", "until")
        given = {name: options.pop(name) for name in names}
        command(*args, wish=functools.partial(_filter, given), **options)

    for option in reversed(_OPTIONS):
        run = option(run)
    return run


def _filter(given: dict[str, Any]) -> Filter:
    from datetime import UTC

    from stonehand.jobs.desk.filters import Filter

    for name in ("since", "until"):
        given[name] = given[name] and given[name].replace(tzinfo=UTC)
    return Filter(**{**given, "states": tuple(states(given["states"]))})


def states(words: Sequence[str]) -> list[Any]:
    """The states of these names."""
    from stonehand.jobs.states import State

    known = {state.value: state for state in State}
    for word in words:
        if word not in known:
            raise click.BadParameter(f"{word!r} is not a state; the states are {', '.join(known)}")
    return [known[word] for word in words]


def pairs(words: Sequence[str]) -> dict[str, str]:
    """NAME=VALUE, typed several times."""
    found = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise click.BadParameter(f"{word!r} is not of the form NAME=VALUE")
        found[name] = value
    return found


def say_done(meant: int, done: int, job_id: str | None, as_json: bool) -> None:
    """Say what became of a deed for many."""
    from stonehand.cli.printing import show

    words = f"Job {job_id} does it to {meant} jobs." if job_id else f"Done to {done} of {meant} jobs."
    show({"meant": meant, "changed": None if job_id else done, "job_id": job_id} if as_json else words, as_json)


def record(session: Session, verb: str, name: str, detail: dict[str, Any]) -> None:
    """Write into the audit log what was typed."""
    from stonehand.accounts import service as accounts
    from stonehand.cli import acting

    accounts.record(session, acting.operator(), verb, "job", name, detail)
