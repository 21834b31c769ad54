"""`stonehand inspect`: what Celery's `inspect` answers, but from the database, so on every broker and at once."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from stonehand.cli.printing import json_option, show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stonehand.db import Session
    from stonehand.jobs.models import Job, Worker
    from stonehand.jobs.states import State

COLUMNS = ("id", "task", "queue", "worker", "since", "args")
limit_option = click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)


@click.group()
def inspect() -> None:
    """Ask what the workers do: active, scheduled, reserved, registered, stats, queues, ping."""


@inspect.command()
@limit_option
@json_option
def active(limit: int, as_json: bool) -> None:
    """List the jobs that run now, and who runs them."""
    from stonehand.jobs.states import State

    _list([State.EXECUTING], limit, as_json)


@inspect.command()
@limit_option
@json_option
def scheduled(limit: int, as_json: bool) -> None:
    """List the jobs that wait for their time or for their next try."""
    from stonehand.jobs.states import State

    _list([State.SCHEDULED, State.RETRYABLE], limit, as_json)


@inspect.command()
@limit_option
@json_option
def reserved(limit: int, as_json: bool) -> None:
    """List the jobs that are ready. They wait in the database: no worker holds back what it does not run."""
    from stonehand.jobs.states import State

    _list([State.AVAILABLE], limit, as_json)


def _list(states: Sequence[State], limit: int, as_json: bool) -> None:
    from stonehand.cli import preparation
    from stonehand.jobs import queries

    with preparation.open_database().read() as session:
        show([_row(each) for each in queries.listing(session, states, limit=limit)], as_json)


def _row(job: Job) -> dict[str, Any]:
    since = job.started_at if job.worker and job.lease_until else job.run_at
    values = (job.id, job.task, job.queue, job.worker, since, job.args)
    return dict(zip(COLUMNS, values, strict=True))


@inspect.command()
@json_option
def registered(as_json: bool) -> None:
    """List the tasks that each worker knows."""
    from stonehand.cli import preparation
    from stonehand.jobs.worker import presence

    with preparation.open_database().read() as session:
        alive = presence.alive(session)
    if as_json:
        show({worker.name: worker.tasks for worker in alive}, as_json)
        return
    show([{"worker": worker.name, "task": task} for worker in alive for task in worker.tasks], as_json)


@inspect.command("queues")
@json_option
def active_queues(as_json: bool) -> None:
    """List the queues that each worker serves."""
    from stonehand.cli import preparation
    from stonehand.jobs.worker import presence

    with preparation.open_database().read() as session:
        alive = presence.alive(session)
    if as_json:
        show({worker.name: worker.queues for worker in alive}, as_json)
        return
    show([{"worker": worker.name, "queue": queue} for worker in alive for queue in worker.queues], as_json)


@inspect.command()
@json_option
def stats(as_json: bool) -> None:
    """Say of each worker how many jobs it can run and runs, its memory, its version and since when it works."""
    from stonehand.cli import preparation
    from stonehand.jobs.worker import presence

    with preparation.open_database().read() as session:
        rows = [_statistics(session, worker) for worker in presence.alive(session)]
    show(rows, as_json)


def _statistics(session: Session, worker: Worker) -> dict[str, Any]:
    from stonehand.cli import board

    return {
        "worker": worker.name,
        "concurrency": worker.concurrency,
        "running": board.running_of(session, worker.name),
        "memory_mb": board.memory_of(worker),
        "version": worker.version,
        "queues": len(worker.queues),
        "tasks": len(worker.tasks),
        "started_at": worker.started_at,
        "seen_at": worker.seen_at,
    }


@inspect.command()
@click.option("--here", is_flag=True, help="Only workers on this machine, or in this container.")
@json_option
def ping(here: bool, as_json: bool) -> None:
    """Say which workers are alive; exit code 1 if none is."""
    from stonehand.cli import preparation
    from stonehand.jobs.worker import presence

    with preparation.open_database().read() as session:
        names = [worker.name for worker in presence.alive(session)]
    alive = [name for name in names if not here or name.startswith(f"{presence.machine()}:")]
    show([{"worker": name, "answer": "pong"} for name in alive], as_json)
    if not alive:
        click.echo("stonehand: no worker is alive; start one: stonehand worker", err=True)
        sys.exit(1)


@inspect.command()
@json_option
def scheduler(as_json: bool) -> None:
    """Say whether a scheduler ticks; exit code 1 if what is due does not fire."""
    from stonehand.cli import preparation
    from stonehand.doctor.findings import Grade
    from stonehand.doctor.work import scheduler as look

    preparation.open_database()
    (found,) = look()
    ticks = found.grade is Grade.OK
    show({"ticks": ticks, "sentence": found.sentence, "mend": found.mend} if as_json else found.sentence, as_json)
    if not ticks:
        click.echo(f"stonehand: {found.mend}", err=True)
        sys.exit(1)
