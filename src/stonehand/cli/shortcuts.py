"""Verbs of jobs, queues and tasks under the short names that operators of Celery know."""

from __future__ import annotations

import click

from stonehand.cli.jobs import job, queue, task
from stonehand.cli.printing import json_option, show

why, retry, cancel = (job.commands[name] for name in ("why", "retry", "cancel"))
queues = queue.commands["list"]
tasks = task.commands["list"]


@click.command()
@click.argument("job_id", metavar="ID")
@json_option
def task_status(job_id: str, as_json: bool) -> None:
    """Say how one job stands, in our words and in Celery's, and why it does not run."""
    from stonehand.cli import preparation
    from stonehand.jobs import queries
    from stonehand.jobs.desk import explanation
    from stonehand.jobs.schemas import JobDetail

    with preparation.open_database().read() as session:
        found = queries.job(session, job_id)
        detail = JobDetail.whole(found, queries.attempts(session, job_id), explanation.why_not_running(session, found))
    if as_json:
        show(detail, as_json)
        return
    facts = {"id": detail.id, "task": detail.task, "status": detail.celery_status, "state": detail.state.value}
    more = {"progress": detail.progress, "result": detail.result, "error": detail.error, "why": detail.why}
    show(facts | {name: value for name, value in more.items() if value is not None}, as_json)
