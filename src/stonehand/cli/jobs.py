"""Jobs, queues and tasks: see what works, and steer it."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import click

from stonehand.cli.acting import named
from stonehand.cli.job_filter import filtered, pairs
from stonehand.cli.many_jobs import bulk, chain, group
from stonehand.cli.printing import json_option, show

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stonehand.db import Session
    from stonehand.jobs.declaration import Task
    from stonehand.jobs.desk.filters import Filter
    from stonehand.jobs.models import Job

COLUMNS = ("id", "task", "state", "attempts", "run_at", "error")
FACTS = (
    *("id", "task", "queue", "args", "state", "priority", "unique_key", "parent_id", "attempts", "max_retries"),
    *("crash_count", "worker", "progress_current", "progress_total", "message", "result", "error_kind", "error"),
    *("created_at", "run_at", "started_at", "finished_at"),
)
ATTEMPT = ("started_at", "ended_at", "outcome", "worker", "error_kind", "error")


@click.group()
def job() -> None:
    """See and steer single jobs."""


job.add_command(bulk)
job.add_command(chain)
job.add_command(group)


@job.command("list")
@filtered
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@json_option
def list_jobs(wish: Callable[[], Filter], limit: int, as_json: bool) -> None:
    """List jobs, the newest first."""
    _list(wish(), limit, as_json)


@job.command("dead")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@json_option
def list_dead(limit: int, as_json: bool) -> None:
    """List dead letters: what failed for good, and what a person must look at."""
    from stonehand.jobs.desk.filters import Filter
    from stonehand.jobs.states import DEAD

    _list(Filter(states=DEAD), limit, as_json)


def _list(wish: Filter, limit: int, as_json: bool) -> None:
    from stonehand.cli import preparation
    from stonehand.jobs.desk import filters

    with preparation.open_database().read() as session:
        found = filters.listing(session, wish, limit=limit)
    show([_facts(each, FACTS if as_json else COLUMNS) for each in found], as_json)


def _facts(row: object, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


@job.command("show")
@click.argument("job_id", metavar="ID")
@json_option
def show_job(job_id: str, as_json: bool) -> None:
    """Show a job: its progress, its tries, its log, its items, and why it does not run."""
    from stonehand.cli import preparation
    from stonehand.jobs import logs, queries
    from stonehand.jobs.desk import explanation

    with preparation.open_database().read() as session:
        found = queries.job(session, job_id)
        tries = [_facts(each, ATTEMPT) for each in queries.attempts(session, job_id)]
        facts = _facts(found, FACTS) | {"why": explanation.why_not_running(session, found)}
        items = {str(state): count for state, count in queries.items_by_state(session, found).items()}
        said = [line for kept in logs.of(session, job_id, 1) for line in kept.lines]
    if as_json:
        show(facts | {"tries": tries, "items": items, "log": said}, as_json)
        return
    if items:
        facts["held_together"] = ", ".join(f"{count} {state}" for state, count in items.items())
    show({name: value for name, value in facts.items() if value not in (None, {})}, as_json)
    if tries:
        click.echo("\nTries that did not complete it:")
        show(tries, as_json)
    if said:
        click.echo("\nThe end of what its last attempt logged:")
        for line in said:
            click.echo(" ".join(str(value) for value in line.values()))


@job.command()
@click.argument("job_id", metavar="ID")
@json_option
def why(job_id: str, as_json: bool) -> None:
    """Say in one sentence why a job does not run."""
    from stonehand.cli import preparation
    from stonehand.jobs import queries
    from stonehand.jobs.desk import explanation

    with preparation.open_database().read() as session:
        sentence = explanation.why_not_running(session, queries.job(session, job_id))
    show({"id": job_id, "why": sentence} if as_json else sentence, as_json)


@job.command()
@click.argument("job_id", metavar="ID")
@named("edit")
@json_option
def cancel(job_id: str, as_json: bool) -> None:
    """Stop a job: at once if it waits, between two items if it runs."""
    from stonehand.cli import preparation
    from stonehand.jobs import service

    with preparation.open_database().transaction() as session:
        found = service.cancel(session, job_id)
        _record(session, "cancelled", "job", found.id)
    _say_state(found, as_json)


@job.command()
@click.argument("job_id", metavar="ID")
@named("edit")
@json_option
def retry(job_id: str, as_json: bool) -> None:
    """Run a failed, dead or cancelled job again, now."""
    from stonehand.cli import preparation
    from stonehand.jobs import service
    from stonehand.jobs.broker import engine

    database = preparation.open_database()
    engine.connect()
    with database.transaction() as session:
        found = service.retry(session, job_id)
        _record(session, "retried", "job", found.id)
    _say_state(found, as_json)


@job.command()
@click.argument("job_id", metavar="ID")
@named("edit")
@json_option
def rest(job_id: str, as_json: bool) -> None:
    """Ask again for the addresses that a job did not bring: those that failed or came too late."""
    from stonehand import leftovers
    from stonehand.cli import acting, preparation
    from stonehand.jobs import queries

    database = preparation.open_pipeline()
    with database.read() as session:
        found = queries.job(session, job_id)
    wanted = leftovers.task(found)
    with database.transaction() as session:
        made = leftovers.ask(session, found, wanted, acting.operator().name)
        _record(session, "asked again for the rest of", "job", job_id)
    plain = f"Job {made} asks for the {len(leftovers.of(found))} addresses that it did not bring."
    show({"job_id": made, "urls": leftovers.of(found)} if as_json else plain, as_json)


def _say_state(found: Job, as_json: bool) -> None:
    asked = " and is asked to stop" if found.cancel_requested_at and not found.finished_at else ""
    plain = f"Job {found.id} ({found.task}) is {found.state}{asked}."
    show(_facts(found, FACTS) if as_json else plain, as_json)


def _record(session: Session, verb: str, kind: str, name: str) -> None:
    from stonehand.accounts import service as accounts
    from stonehand.cli import acting

    accounts.record(session, acting.operator(), verb, kind, name)


@click.group()
def queue() -> None:
    """See, pause and resume queues."""


@queue.command("list")
@json_option
def list_queues(as_json: bool) -> None:
    """List every queue: what waits, what runs, who serves it."""
    from stonehand.cli import preparation
    from stonehand.jobs import queries
    from stonehand.jobs.declaration import QUEUES
    from stonehand.jobs.states import State
    from stonehand.jobs.worker import presence

    with preparation.open_database().read() as session:
        counts = queries.counts_by_queue(session)
        workers = presence.alive(session)
        paused = {pause.target: pause.by for pause in queries.pauses(session)}
    rows = []
    for name in QUEUES:
        running = counts.get(name, {}).get(State.EXECUTING, 0)
        rows.append(
            {
                "queue": name,
                "waiting": sum(counts.get(name, {}).values()) - running,
                "running": running,
                "workers": sum(name in worker.queues for worker in workers),
                "paused_by": paused.get(f"queue:{name}"),
            }
        )
    show(rows, as_json)


@queue.command()
@click.argument("name")
@named("admin")
@json_option
def pause(name: str, as_json: bool) -> None:
    """Stop handing out the jobs of a queue. What runs goes on."""
    from stonehand.cli import acting, preparation
    from stonehand.jobs import service

    with preparation.open_database().transaction() as session:
        service.pause(session, f"queue:{name}", acting.operator().name)
        _record(session, "paused", "queue", name)
    show({"queue": name, "paused": True} if as_json else f"The queue {name} is paused.", as_json)


@queue.command()
@click.argument("name")
@named("admin")
@json_option
def resume(name: str, as_json: bool) -> None:
    """Hand out the jobs of a queue again."""
    from stonehand.cli import preparation
    from stonehand.jobs import service
    from stonehand.jobs.broker import engine

    database = preparation.open_database()
    engine.connect()
    with database.transaction() as session:
        service.resume(session, f"queue:{name}")
        _record(session, "resumed", "queue", name)
    show({"queue": name, "paused": False} if as_json else f"The queue {name} goes on.", as_json)


@click.group()
def task() -> None:
    """See which tasks there are, and ask for one."""


@task.command("list")
@json_option
def list_tasks(as_json: bool) -> None:
    """List every task, its queue and its arguments."""
    from stonehand import pipeline
    from stonehand.jobs import declaration

    pipeline.install()
    found = [declaration.find(name) for name in declaration.known()]
    rows = [
        {
            "task": each.name,
            "queue": each.queue,
            "batch": each.batch,
            "retries": each.retries,
            "args": None if each.is_batch else ", ".join(_arguments(each)),
        }
        for each in found
    ]
    show(rows, as_json)


@task.command()
@click.argument("name")
@click.option("--arg", "words", multiple=True, metavar="NAME=VALUE", help="An argument; may be given several times.")
@named("admin")
@json_option
def call(name: str, words: tuple[str, ...], as_json: bool) -> None:
    """Ask for one job of a task."""
    from stonehand import jobs
    from stonehand.cli import preparation
    from stonehand.jobs import declaration

    database = preparation.open_pipeline()
    args = _read_arguments(declaration.find(name), words)
    with database.transaction() as session:
        job_id = jobs.enqueue(session, name, args)
        _record(session, f"asked for {name}", "job", job_id or "")
    show({"id": job_id, "task": name} if as_json else f"Job {job_id} is waiting.", as_json)


def _read_arguments(wanted: Task, words: Sequence[str]) -> dict[str, str]:
    args = pairs(words)
    # What the items of a batch hold is known to its body alone.
    if not wanted.is_batch and set(args) != set(_arguments(wanted)):
        takes = ", ".join(_arguments(wanted)) or "no argument"
        raise click.BadParameter(f"{wanted.name} takes {takes}, not {', '.join(args) or 'none'}")
    return args


def _arguments(wanted: Task) -> list[str]:
    return list(inspect.signature(wanted.body).parameters)[1:]
