"""`stonehand test`: one real job, from asking for it to its end, and how long each step took."""

from __future__ import annotations

import sys
import time
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from stonehand.cli.printing import json_option, show

if TYPE_CHECKING:
    from stonehand.db import Database
    from stonehand.jobs.models import Job

TASK = "jobs.test"
LOOK = 0.02  # seconds between two looks at the job


@click.command()
@click.option("--timeout", type=click.FloatRange(1, 3600), default=30.0, show_default=True, help="Seconds.")
@json_option
def test(timeout: float, as_json: bool) -> None:
    """Run a job that does nothing through broker and worker. Exit code 1 if it does not end in time."""
    from stonehand.cli import preparation

    database = preparation.open_pipeline()
    began = time.monotonic()
    job_id = _ask(database)
    accepted = time.monotonic() - began
    reached = _reach()
    found = _wait(database, job_id, began + timeout)
    outcome = _steps(found, accepted) | reached
    if not outcome["completed"]:
        outcome["why"] = _give_up(database, job_id)
    show(outcome, as_json)
    if not outcome["completed"]:
        sys.exit(1)


def _ask(database: Database) -> str:
    from stonehand import jobs

    with database.transaction() as session:
        return str(jobs.enqueue(session, TASK, {}, priority=9))


def _reach() -> dict[str, Any]:
    from stonehand.errors import StonehandError
    from stonehand.jobs.broker import engine

    began = time.monotonic()
    try:
        return {"broker": engine.reach(), "broker_seconds": round(time.monotonic() - began, 3)}
    except StonehandError as error:  # the scheduler rings again when the broker is back, so the job may still end
        return {"broker": str(error), "broker_seconds": None}


def _wait(database: Database, job_id: str, until: float) -> Job:
    from stonehand.jobs import queries
    from stonehand.jobs.states import FINISHED

    while True:
        with database.read() as session:
            found = queries.job(session, job_id)
        if found.state in FINISHED or time.monotonic() > until:
            return found
        time.sleep(LOOK)


def _steps(job: Job, accepted: float) -> dict[str, Any]:
    return {
        "job": job.id,
        "queue": job.queue,
        "completed": job.state == "completed",
        "accepted_seconds": round(accepted, 3),
        "waited_seconds": _between(job.created_at, job.started_at),
        "ran_seconds": _between(job.started_at, job.finished_at),
        "total_seconds": _between(job.created_at, job.finished_at),
        "error": job.error,
    }


def _between(first: datetime | None, last: datetime | None) -> float | None:
    return round((last - first).total_seconds(), 3) if first and last else None


def _give_up(database: Database, job_id: str) -> str:
    """Why it did not run. It is cancelled, so that tests leave nothing behind."""
    from stonehand.jobs import queries, service
    from stonehand.jobs.desk import explanation
    from stonehand.jobs.states import FINISHED

    with database.transaction() as session:
        found = queries.job(session, job_id)
        why = explanation.why_not_running(session, found)
        if found.state not in FINISHED:
            service.cancel(session, job_id)
    return why
