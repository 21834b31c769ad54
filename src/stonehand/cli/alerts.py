"""Alerts: what is wrong now, whether messages arrive, and silence for a while."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import click

from stonehand.cli.acting import as_option
from stonehand.cli.printing import json_option, show

UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class Span(click.ParamType[timedelta]):
    """A time such as `30m`, `2h` or `1d`."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        found = re.fullmatch(r"(\d{1,5})([mhd])", str(value))
        if not found:
            self.fail(f"{value!r} is not a time; write it like 30m, 2h or 1d", param, ctx)
        return timedelta(**{UNITS[found.group(2)]: int(found.group(1))})


@click.group()
def alerts() -> None:
    """See what is wrong, and say who hears of it."""


@alerts.command("list")
@click.option("--all", "everything", is_flag=True, help="Also those that are over.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@json_option
def list_alerts(everything: bool, limit: int, as_json: bool) -> None:
    """List what is wrong now."""
    from stonehand.alerts import queries
    from stonehand.alerts.schemas import AlertOut
    from stonehand.cli import preparation

    with preparation.open_database().read() as session:
        found = queries.newest(session, limit) if everything else queries.going_on(session)
        rows = [AlertOut.model_validate(each).model_dump(mode="json") for each in found]
        muted = {mute.target: mute.until for mute in queries.mutes(session)}
    short = ("key", "began_at", "ended_at", "told_at", "sentence")
    show(rows if as_json else [{name: row[name] for name in short} for row in rows], as_json)
    for target, until in muted.items() if not as_json else ():
        click.echo(f"Muted: {target} until {until:%Y-%m-%d %H:%M} UTC.")


@alerts.command()
@json_option
@click.pass_context
def test(ctx: click.Context, as_json: bool) -> None:
    """Send a test message by every way that is set. Exit code 1 if one fails."""
    from stonehand.alerts import service, telling, ways
    from stonehand.cli import preparation
    from stonehand.errors import StonehandError

    preparation.open_database()
    outcomes = {}
    for way in service.require_ways():
        try:
            ways.send(telling.trial(), way)
            outcomes[way] = "sent"
        except StonehandError as error:
            outcomes[way] = str(error)
    show(outcomes, as_json)
    ctx.exit(0 if set(outcomes.values()) == {"sent"} else 1)


@alerts.command()
@click.argument("target", metavar="RULE|KEY")
@click.option("--for", "lasting", type=Span(), default="1h", show_default=True, help="How long: 30m, 2h, 1d.")
@click.option("--off", is_flag=True, help="Send again from now on.")
@as_option
def mute(target: str, lasting: timedelta, off: bool, by: str | None) -> None:
    """Send nothing of a rule, or of one alert, for a while."""
    from stonehand.alerts import service
    from stonehand.cli import acting, preparation

    with preparation.open_database().transaction() as session:
        person = acting.person(session, by)
        if off:
            service.unmute(session, person, target)
            click.echo(f"{target} is told again.")
        else:
            until = service.mute(session, person, target, lasting).until
            click.echo(f"Nothing of {target} is sent until {until:%Y-%m-%d %H:%M} UTC.")
