"""`stonehand call`: ask for a task by its name, ours or an old one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import click

from stonehand.cli.acting import as_option
from stonehand.cli.printing import json_option, show


class Json(click.ParamType[Any]):
    """A JSON list or object."""

    name = "JSON"

    def __init__(self, *kinds: type) -> None:
        self._kinds = kinds

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            found = json.loads(value)
        except ValueError as error:
            self.fail(f"{value!r} is no JSON: {error}", param, ctx)
        if not isinstance(found, self._kinds):
            self.fail(f"{value!r} is no {' or '.join(kind.__name__ for kind in self._kinds)}", param, ctx)
        return found


@click.command()
@click.argument("name", metavar="TASK")
@click.argument("given", metavar="[JSON]", type=Json(list, dict), required=False)
@click.option("--arg", "words", multiple=True, metavar="NAME=VALUE", help="An argument; may be given several times.")
@click.option("--args", "--kwargs", "more", type=Json(list, dict), multiple=True, help="JSON, as Celery's own command.")
@click.option("--priority", type=click.IntRange(0, 9), help="9 is the most urgent.")
@as_option
@json_option
def call(
    name: str,
    given: list[Any] | dict[str, Any] | None,
    words: tuple[str, ...],
    more: tuple[list[Any] | dict[str, Any], ...],
    priority: int | None,
    by: str | None,
    as_json: bool,
) -> None:
    """Ask for one job of TASK, by our name for it or the one that an older installation has.

    JSON is a list of arguments or an object of them by name. Without --as, the operator asks.
    """
    from stonehand.accounts import service as accounts
    from stonehand.cli import acting, preparation
    from stonehand.jobs.broker import calling

    args, kwargs = _arguments([given or {}, *more, _pairs(words)])
    database = preparation.open_pipeline()
    wish = calling.understand(name, args, kwargs, priority)
    with database.transaction() as session:
        person = acting.person(session, by) if by else acting.operator()
        job_id = calling.ask(session, wish, calling.Caller(person.name, person.may)).id
        accounts.record(session, person, "asked for", "job", job_id, {"task": wish.task.name, "called": name})
    plain = f"Job {job_id} of {wish.task.name} is waiting."
    show({"id": job_id, "task": wish.task.name, "called": name} if as_json else plain, as_json)


def _arguments(parts: Sequence[list[Any] | dict[str, Any]]) -> tuple[list[Any], dict[str, Any]]:
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    for part in parts:
        if isinstance(part, list):
            args.extend(part)
        else:
            kwargs.update(part)
    return args, kwargs


def _pairs(words: Sequence[str]) -> dict[str, str]:
    found = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise click.BadParameter(f"{word!r} is not of the form NAME=VALUE", param_hint="--arg")
        found[name] = value
    return found
