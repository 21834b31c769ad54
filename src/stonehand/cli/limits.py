"""Pause anything; see and steer breakers and limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from stonehand.cli.acting import named
from stonehand.cli.printing import json_option, show

if TYPE_CHECKING:
    from collections.abc import Callable

    from stonehand.accounts.permissions import Person
    from stonehand.db import Session

    Verb = Callable[[Session, Person, str], str]


@click.command()
@click.argument("target")
@named("admin")
@json_option
def pause(target: str, as_json: bool) -> None:
    """Stop queue:NAME, task:NAME, source:ID, host:NAME, provider:NAME or channel:NAME. What runs goes on."""
    from stonehand.channels import pausing

    name = _act(pausing.pause, target)
    show({"target": name, "paused": True} if as_json else f"{name} is paused.", as_json)


@click.command()
@click.argument("target")
@named("admin")
@json_option
def resume(target: str, as_json: bool) -> None:
    """Let go on what was paused."""
    from stonehand.channels import pausing

    name = _act(pausing.resume, target)
    show({"target": name, "paused": False} if as_json else f"{name} goes on.", as_json)


def _act(verb: Verb, target: str) -> str:
    from stonehand.cli import acting, preparation
    from stonehand.jobs.broker import engine

    database = preparation.open_database()
    engine.connect()
    with database.transaction() as session:
        return verb(session, acting.operator(), target)


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def breakers(context: click.Context, as_json: bool) -> None:
    """See what outside does not answer; pause it or try it again."""
    if context.invoked_subcommand is None:
        context.invoke(list_breakers, as_json=as_json)


@breakers.command("list")
@json_option
def list_breakers(as_json: bool) -> None:
    """List every breaker: its state, its failures, and when it is tried again."""
    from stonehand.cli import preparation
    from stonehand.db import now
    from stonehand.jobs.limits import limit_queries
    from stonehand.jobs.limits.limit_schemas import BreakerOut
    from stonehand.limits import breakers as known

    with preparation.open_database().read() as session:
        rows, moment = known.every(session), now(session)
        waits = limit_queries.waiting(session, [row.name for row in rows])
        found = [BreakerOut.of(row, moment, waits.get(row.name, 0)) for row in rows]
    columns = ("name", "state", "failures", "waiting", "tried_again_at", "held_by", "last_error")
    show(found if as_json else [{name: getattr(each, name) for name in columns} for each in found], as_json)


@breakers.command()
@click.argument("name")
@named("admin")
@json_option
def reset(name: str, as_json: bool) -> None:
    """Ask it again, now, whatever failed. What waits for it goes on."""
    from stonehand.channels import pausing

    name = _act(pausing.reset, name)
    show({"name": name, "state": "CLOSED"} if as_json else f"{name} is asked again.", as_json)


@breakers.command()
@click.argument("name")
@named("admin")
@json_option
def hold(name: str, as_json: bool) -> None:
    """Ask nothing of it until somebody resets it."""
    from stonehand.channels import pausing
    from stonehand.limits.names import named

    name = _act(pausing.pause, named(name))
    show({"name": name, "state": "OPEN"} if as_json else f"{name} is left alone until somebody resets it.", as_json)


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def limits(context: click.Context, as_json: bool) -> None:
    """See and set how often and how many at once."""
    if context.invoked_subcommand is None:
        context.invoke(list_limits, as_json=as_json)


@limits.command("list")
@json_option
def list_limits(as_json: bool) -> None:
    """List the limits of tasks, hosts and providers."""
    from stonehand.cli import preparation
    from stonehand.jobs.limits import limit_targets
    from stonehand.jobs.limits.limit_schemas import LimitOut

    with preparation.open_database().read() as session:
        found = [LimitOut.of(limit).model_dump() for limit in limit_targets.every(session)]
    show(found, as_json)


@limits.command("set")
@click.argument("target")
@click.option("--rate", metavar="N/UNIT", help="How often, such as 10/m; s, m, h or d.")
@click.option("--concurrency", type=click.IntRange(1), help="How many of a task at once, over all workers.")
@named("admin")
@json_option
def set_limit(target: str, rate: str | None, concurrency: int | None, as_json: bool) -> None:
    """Limit task:NAME, host:NAME or provider:NAME, over all workers. It counts at once."""
    from stonehand.jobs.limits import limit_targets

    def verb(session: Session, person: Person, wanted: str) -> str:
        name = limit_targets.set_limit(session, wanted, person.name, rate, concurrency)
        _record(session, person, "limited", name, {"rate": rate, "concurrency": concurrency})
        return name

    name = _act(verb, target)
    facts = {"target": name, "rate": rate, "concurrency": concurrency}
    words = " and ".join([*([rate] if rate else []), *([f"{concurrency} at once"] if concurrency else [])])
    show(facts if as_json else f"{name} is limited to {words}.", as_json)


@limits.command("unset")
@click.argument("target")
@named("admin")
@json_option
def unset_limit(target: str, as_json: bool) -> None:
    """Forget a limit that was set; what the task declares, or the settings say, counts again."""
    from stonehand.jobs.limits import limit_targets

    def verb(session: Session, person: Person, wanted: str) -> str:
        name = limit_targets.unset(session, wanted)
        _record(session, person, "lifted", name)
        return name

    name = _act(verb, target)
    show({"target": name} if as_json else f"The limit of {name} is lifted.", as_json)


def _record(session: Session, person: Person, verb: str, name: str, detail: dict[str, Any] | None = None) -> None:
    from stonehand.accounts import service as accounts

    accounts.record(session, person, verb, "limit", name, detail)
