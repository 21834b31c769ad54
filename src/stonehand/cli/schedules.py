"""Schedules: what comes again and when, its history, and changing it while everything runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from stonehand.cli.acting import named
from stonehand.cli.printing import json_option, show

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stonehand.db import Session
    from stonehand.jobs.clock.schedule_schemas import ScheduleOut

MISSED = ("once", "skip", "all")


@click.group()
def schedules() -> None:
    """See and change what comes again by itself."""


def _timetable(command: Any) -> Any:
    for option in (
        click.option(
            "--every", "every_seconds", type=click.IntRange(1), metavar="SECONDS", help="Come at an interval."
        ),
        click.option("--cron", metavar="CRON", help="Come by a cron expression, such as '0 9 * * MON-FRI' or @daily."),
        click.option("--timezone", metavar="ZONE", help="By the clocks of this time zone, such as Europe/Zurich."),
        click.option(
            "--arg", "words", multiple=True, metavar="NAME=VALUE", help="An argument; may be given repeatedly."
        ),
        click.option("--missed", type=click.Choice(MISSED), help="What happens to times that nobody could fire."),
        click.option("--priority", type=click.IntRange(0, 9), help="Of its jobs; 9 goes first."),
        click.option("--jitter", type=click.IntRange(0, 60), help="Put it off by up to so many seconds."),
    ):
        command = option(command)
    return command


@schedules.command("list")
@json_option
def list_schedules(as_json: bool) -> None:
    """List every schedule: when, the next time, and what became of the last one."""
    from stonehand import db
    from stonehand.cli import preparation
    from stonehand.jobs.clock import schedule_queries as queries
    from stonehand.jobs.clock.schedule_schemas import ScheduleOut

    with preparation.open_database().read() as session:
        moment = db.now(session)
        found = [ScheduleOut.of(each, moment) for each in queries.listing(session)]
    show(found if as_json else [_line(each) for each in found], as_json)


def _line(found: ScheduleOut) -> dict[str, Any]:
    last = found.last_run
    return {
        "name": found.name,
        "when": found.words,
        "next": found.next_runs[0].local if found.next_runs else "off" if not found.enabled else None,
        "last": last.fired_at.isoformat(timespec="seconds") if last else None,
        "became": (f"{last.words}{f', job {last.job_state}' if last.job_state else ''}") if last else None,
    }


@schedules.command("show")
@click.argument("name")
@json_option
def show_schedule(name: str, as_json: bool) -> None:
    """Show a schedule with its next five times."""
    from stonehand.cli import preparation

    with preparation.open_database().read() as session:
        _say(_one(session, name), as_json)


def _one(session: Session, name: str) -> ScheduleOut:
    from stonehand import db
    from stonehand.jobs.clock import recurring
    from stonehand.jobs.clock import schedule_queries as queries
    from stonehand.jobs.clock.schedule_schemas import ScheduleOut

    recurring.get(session, name)
    session.flush()
    return ScheduleOut.of(queries.listing(session, name)[0], db.now(session))


def _say(found: ScheduleOut, as_json: bool) -> None:
    if as_json:
        show(found, as_json)
        return
    facts = found.model_dump(exclude={"next_runs", "last_run"})
    last = found.last_run
    show({name: value for name, value in facts.items() if value not in (None, {})}, as_json)
    if last:
        click.echo(
            f"\nLast: {last.due_at:%Y-%m-%d %H:%M:%S} UTC {last.words}{f', job {last.job_id}' * bool(last.job_id)}"
        )
    if found.next_runs:
        click.echo("\nNext:")
        show([{"local": run.local, "utc": run.at} for run in found.next_runs], as_json)


@schedules.command()
@click.argument("name")
@click.argument("task")
@_timetable
@named("publish")
@json_option
def add(name: str, task: str, words: tuple[str, ...], as_json: bool, **values: Any) -> None:
    """Run TASK again and again, under a NAME of your own."""
    from stonehand.cli import acting, preparation
    from stonehand.jobs.clock import recurring

    database, wanted = preparation.open_pipeline(), recurring.startable(task)
    given = _given(values) | {"args": _arguments(words)}
    with database.transaction() as session:
        recurring.create(session, name, wanted, acting.operator().name, given)
        _record(session, "added", name, {"task": task, **given})
        found = _one(session, name)
    _say(found, as_json)


@schedules.command()
@click.argument("name")
@_timetable
@click.option("--reset", is_flag=True, help="Give one of the pipeline's back as it was.")
@named("publish")
@json_option
def edit(name: str, words: tuple[str, ...], reset: bool, as_json: bool, **values: Any) -> None:
    """Change a schedule; that counts at once. What is left out stays."""
    from stonehand import pipeline
    from stonehand.cli import acting, preparation
    from stonehand.jobs import declaration
    from stonehand.jobs.clock import recurring

    given = _given(values) | ({"args": _arguments(words)} if words else {})
    if reset == bool(given):
        raise click.UsageError("say what to change, or --reset, but not both")
    database = preparation.open_pipeline()
    with database.read() as session:
        task_name = recurring.get(session, name).task
    task = declaration.find(task_name)  # may load a room, which takes too long for a transaction
    with database.transaction() as session:
        if reset:
            recurring.reset(session, name, pipeline.planned())
        else:
            recurring.change(session, name, task, acting.operator().name, given)
        _record(session, "reset" if reset else "changed", name, given)
        found = _one(session, name)
    _say(found, as_json)


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _arguments(words: Sequence[str]) -> dict[str, str]:
    args = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise click.BadParameter(f"{word!r} is not of the form NAME=VALUE")
        args[name] = value
    return args


def _record(session: Session, verb: str, name: str, details: dict[str, Any] | None = None) -> None:
    from stonehand.accounts import service as accounts
    from stonehand.cli import acting

    accounts.record(session, acting.operator(), verb, "schedule", name, details or {})


@schedules.command()
@click.argument("name")
@named("publish")
@json_option
def enable(name: str, as_json: bool) -> None:
    """Switch a schedule on. What it missed meanwhile is not made up for."""
    _switch(name, True, as_json)


@schedules.command()
@click.argument("name")
@named("publish")
@json_option
def disable(name: str, as_json: bool) -> None:
    """Switch a schedule off. A job of it that runs goes on."""
    _switch(name, False, as_json)


def _switch(name: str, on: bool, as_json: bool) -> None:
    from stonehand.cli import acting, preparation
    from stonehand.jobs.clock import recurring

    deed: Callable[..., Any] = recurring.enable if on else recurring.disable
    with preparation.open_database().transaction() as session:
        deed(session, name, acting.operator().name)
        _record(session, "enabled" if on else "disabled", name)
        found = _one(session, name)
    show(found if as_json else f"The schedule {name} is switched {'on' if on else 'off'}.", as_json)


@schedules.command()
@click.argument("name")
@named("publish")
@json_option
def run(name: str, as_json: bool) -> None:
    """Run it now, whatever its timetable says."""
    from stonehand.cli import acting, preparation
    from stonehand.jobs.broker import engine
    from stonehand.jobs.clock import recurring

    database = preparation.open_database()
    engine.connect()
    with database.transaction() as session:
        job_id = recurring.run_now(session, name, acting.operator().name)
        _record(session, "ran", name, {"job_id": job_id})
    show({"id": job_id, "schedule": name} if as_json else f"Job {job_id} is waiting.", as_json)


@schedules.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@named("publish")
def remove(name: str, yes: bool) -> None:
    """Forget a schedule that a person made, and its history."""
    from stonehand.cli import preparation
    from stonehand.jobs.clock import recurring

    if not yes:
        click.confirm(f"Forget the schedule {name} and its history?", abort=True)
    with preparation.open_database().transaction() as session:
        recurring.remove(session, name)
        _record(session, "removed", name)
    click.echo(f"The schedule {name} is gone.")


@schedules.command()
@click.argument("name")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@json_option
def history(name: str, limit: int, as_json: bool) -> None:
    """Say what became of its due times, the latest first."""
    from stonehand.cli import preparation
    from stonehand.jobs.clock import recurring
    from stonehand.jobs.clock import schedule_queries as queries
    from stonehand.jobs.clock.schedule_schemas import RunOut

    with preparation.open_database().read() as session:
        recurring.get(session, name)
        found = [RunOut.of(each) for each in queries.history(session, name, limit=limit)]
    columns = ("due_at", "fired_at", "words", "job_id", "job_state")
    show(found if as_json else [each.model_dump(include=set(columns)) for each in found], as_json)


@schedules.command()
@click.argument("cron")
@click.option("--timezone", metavar="ZONE", help="By the clocks of this time zone; the newsroom's own if not given.")
@json_option
def preview(cron: str, timezone: str | None, as_json: bool) -> None:
    """Say a cron expression in words, and its next five times. Nothing is saved."""
    from stonehand import config, db
    from stonehand.jobs.clock.schedule_schemas import TimetableOut
    from stonehand.jobs.clock.timetable import Timetable

    found = TimetableOut.of(Timetable(cron=cron, zone=timezone or config.settings().timezone).check(), db.utc_now())
    if as_json:
        show(found, as_json)
        return
    click.echo(found.words)
    show([{"local": run.local, "utc": run.at} for run in found.next_runs], as_json)
