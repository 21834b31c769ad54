"""Tests of job, queue and task."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from stonehand import db, jobs, pipeline
from stonehand.jobs import declaration
from stonehand.jobs.desk.deadletters import GroupNotFound
from stonehand.jobs.desk.parameters import ArgumentsUnfit
from stonehand.jobs.desk.steering import PriorityUnknown
from stonehand.jobs.errors import JobBusy, JobNotFound, TaskUnknown
from stonehand.jobs.models import Job, JobLog
from stonehand.jobs.service import QueueUnknown
from stonehand.jobs.states import State
from tests.cli.conftest import Cli


@pytest.fixture(autouse=True)
def cleaning(monkeypatch: pytest.MonkeyPatch) -> None:
    """A task for these tests alone. The others are declared when the pipeline is loaded, so that comes first."""
    pipeline.install()
    monkeypatch.setattr(declaration, "_tasks", dict(declaration._tasks))

    @jobs.task("desks.clean", queue="maintenance")
    def clean(attempt: jobs.Attempt, desk_id: str) -> None:
        raise AssertionError("never run here")


def ask(database: db.Database, **change: object) -> str:
    with database.transaction() as session:
        job_id = jobs.enqueue(session, "desks.clean", {"desk_id": "d1"})
        assert job_id
        if change:
            session.execute(sa.update(Job).where(Job.id == job_id).values(**change))
    return job_id


def test_list_show_and_why(cli: Cli, prepared: db.Database) -> None:
    job_id = ask(prepared)
    [row] = cli("job", "list", "--json", "--task", "desks.clean", "--state", "available").json
    assert (row["id"], row["args"]) == (job_id, {"desk_id": "d1"})
    assert cli("job", "list", "--queue", "fetch", "--json").json == []
    assert "No worker serves the queue maintenance" in cli("job", "show", job_id).out
    assert cli("job", "why", job_id).out.startswith("No worker serves the queue maintenance")
    assert isinstance(cli("job", "show", "nonsense").error, JobNotFound)
    assert cli("job", "list", "--state", "lost").code == 2


def test_cancel_then_retry(cli: Cli, prepared: db.Database) -> None:
    job_id, done = ask(prepared), ask(prepared, state=State.COMPLETED)
    assert "is cancelled." in cli("job", "cancel", job_id).out
    assert isinstance(cli("job", "cancel", done).error, JobBusy)
    assert cli("job", "retry", job_id, "--json").json["state"] == "available"
    assert isinstance(cli("job", "retry", job_id).error, JobBusy)


def test_a_running_job_is_asked_to_stop(cli: Cli, prepared: db.Database) -> None:
    job_id = ask(prepared, state=State.EXECUTING)
    assert "is executing and is asked to stop." in cli("job", "cancel", job_id).out


def test_dead_letters(cli: Cli, prepared: db.Database) -> None:
    ask(prepared)
    dead = ask(prepared, state=State.DISCARDED, error="no such desk")
    [row] = cli("job", "dead", "--json").json
    assert (row["id"], row["error"]) == (dead, "no such desk")
    assert "no such desk" in cli("job", "dead").out


def test_queues(cli: Cli, prepared: db.Database) -> None:
    ask(prepared)
    ask(prepared, state=State.SCHEDULED, run_at=db.utc_now() + timedelta(hours=1))
    ask(prepared, state=State.EXECUTING)
    assert cli("queue", "pause", "maintenance").code == 0
    rows = {row["queue"]: row for row in cli("queue", "list", "--json").json}
    assert set(rows) == set(declaration.QUEUES)
    row = rows["maintenance"]
    assert (row["waiting"], row["running"], row["workers"]) == (2, 1, 0)
    assert "at the command line" in row["paused_by"]
    assert cli("queue", "resume", "maintenance").code == 0
    assert {row["paused_by"] for row in cli("queue", "list", "--json").json} == {None}
    assert isinstance(cli("queue", "pause", "mantenance").error, QueueUnknown)


def test_call(cli: Cli, prepared: db.Database) -> None:
    assert "desks.clean" in {row["task"] for row in cli("task", "list", "--json").json}
    made = cli("task", "call", "desks.clean", "--arg", "desk_id=d=2", "--json").json
    [row] = cli("job", "list", "--json").json
    assert (row["id"], row["args"]) == (made["id"], {"desk_id": "d=2"})
    assert "takes desk_id" in cli("task", "call", "desks.clean", "--arg", "desk=2").err
    assert cli("task", "call", "desks.clean", "--arg", "desk_id").code == 2
    assert isinstance(cli("task", "call", "desks.clear").error, TaskUnknown)


def test_many_at_once(cli: Cli, prepared: db.Database) -> None:
    ids = [ask(prepared), ask(prepared)]
    assert cli("job", "bulk", "cancel", "--task", "desks.clean", "--dry-run", "--json").json == {"meant": 2}
    assert cli("job", "bulk", "cancel").code == 2
    assert cli("job", "bulk", "cancel", "--task", "desks.clean", stdin="n\n").code == 1
    done = cli("job", "bulk", "prioritise", "--priority", "9", "--state", "available", "--yes", "--json").json
    assert done == {"meant": 2, "changed": 2, "job_id": None}
    assert "Done to 2 of 2 jobs." in cli("job", "bulk", "cancel", "--task", "desks.clean", "--yes").out
    rows = cli("job", "list", "--state", "cancelled", "--since", "2020-01-01", "--json").json
    assert [row["id"] for row in rows] == ids[::-1]
    assert isinstance(cli("job", "bulk", "prioritise", "--state", "available", "--yes").error, PriorityUnknown)


def test_a_chain(cli: Cli, prepared: db.Database) -> None:
    first, second = cli("job", "chain", "desks.clean:desk_id=d1", "desks.clean:desk_id=d2", "--json").json
    assert f"waits for job {first['id']}" in cli("job", "why", second["id"]).out
    assert isinstance(cli("job", "chain", "desks.clean").error, ArgumentsUnfit)
    one, other, last = cli(
        "job", "group", *["desks.clean:desk_id=d3"] * 2, "--then", "desks.clean:desk_id=d4", "--json"
    ).json
    states = {row["id"]: row["state"] for row in cli("job", "list", "--json").json}
    assert [states[each["id"]] for each in (one, other, last)] == ["available", "available", "blocked"]


def test_dead_letters_by_what_they_died_of(cli: Cli, prepared: db.Database) -> None:
    dead = {"state": State.DISCARDED, "finished_at": db.utc_now()}
    ids = [ask(prepared, error=f"no desk {n}", **dead) for n in range(2)]
    unsure = ask(prepared, state=State.NEEDS_RECONCILE, error="no answer")
    group, doubt = cli("dead-letters", "--json").json
    assert (group["count"], doubt["fingerprint"]) == (2, unsure)
    name = group["fingerprint"]
    shown = cli("dead-letters", "show", name, "--json").json
    assert [letter["id"] for letter in shown["letters"]] == ids[::-1]
    assert isinstance(cli("dead-letters", "fix", name, "--arg", "desk=1", "--yes").error, ArgumentsUnfit)
    assert cli("dead-letters", "fix", name, "--arg", "desk_id=d9", "--yes", "--json").json["changed"] == 2
    assert cli("job", "show", ids[0], "--json").json["args"] == {"desk_id": "d9"}
    assert isinstance(cli("dead-letters", "retry", name, "--yes").error, GroupNotFound)
    again = ask(prepared, error="no desk 3", **dead)
    cli("dead-letters", "list")
    assert cli("dead-letters", "resolve", name, "--reason", "gone", "--yes").code == 0
    assert "gone" in cli("job", "show", again).out


def test_show_tells_what_was_logged(cli: Cli, prepared: db.Database) -> None:
    job_id = ask(prepared, state=State.COMPLETED, finished_at=db.utc_now())
    with prepared.transaction() as session:
        session.add(JobLog(job_id=job_id, fence=1, lines=[{"level": "info", "event": "swept the desk"}]))
    assert "info swept the desk" in cli("job", "show", job_id).out
    assert cli("job", "show", job_id, "--json").json["log"][0]["event"] == "swept the desk"
