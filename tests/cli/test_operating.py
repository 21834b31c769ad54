"""Tests of monitor, inspect, test, purge, flower and the short verbs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from stonehand import config, db, jobs
from stonehand.cli import flower, monitor, purging
from stonehand.db import Database
from stonehand.jobs import declaration, queries
from stonehand.jobs.broker import engine
from stonehand.jobs.models import Job
from stonehand.jobs.states import State
from stonehand.jobs.testing import run_all
from stonehand.jobs.worker import presence
from tests.cli.conftest import Cli
from tests.servers import Redis

ME = str(presence.this_process())


@pytest.fixture(autouse=True)
def _fresh_engine() -> Iterator[None]:
    engine.app.cache_clear()
    yield
    engine.app.cache_clear()


@pytest.fixture
def tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(declaration, "_tasks", {})
    jobs.task("desks.wipe", queue="maintenance")(lambda attempt: None)
    jobs.task("desks.fetch", queue="fetch")(lambda attempt: None)


def ask(database: Database, task: str = "desks.wipe", **values: Any) -> str:
    with database.transaction() as session:
        job_id = jobs.enqueue(session, task, {})
        if values:
            session.execute(sa.update(Job).where(Job.id == job_id).values(**values))
    assert job_id
    return job_id


def at_work(database: Database) -> None:
    with database.transaction() as session:
        presence.introduce(session, ME, declaration.QUEUES, ["desks.wipe"], 2)
        presence.sign_of_life(session, ME)


def test_inspect_answers_from_the_database(cli: Cli, prepared: Database, tasks: None) -> None:
    at_work(prepared)
    running = ask(
        prepared,
        state=State.EXECUTING,
        worker=f"{ME}{presence.OF}{ME}",
        lease_until=db.utc_now(),
        started_at=db.utc_now(),
    )
    ready, later = ask(prepared), ask(prepared, state=State.SCHEDULED, run_at=db.utc_now() + timedelta(hours=1))
    assert [row["id"] for row in cli("inspect", "active", "--json").json] == [running]
    assert [row["id"] for row in cli("inspect", "reserved", "--json").json] == [ready]
    assert [row["id"] for row in cli("inspect", "scheduled", "--json").json] == [later]
    assert cli("inspect", "registered", "--json").json == {ME: ["desks.wipe"]}
    (row,) = cli("inspect", "stats", "--json").json
    assert (row["worker"], row["concurrency"], row["running"], row["version"]) == (ME, 2, 1, stonehand_version())
    assert row["memory_mb"] > 10
    assert "maintenance" in cli("inspect", "queues").out
    assert cli("inspect", "ping", "--json").json == [{"worker": ME, "answer": "pong"}]


def stonehand_version() -> str:
    from stonehand import __version__

    return __version__


def test_the_monitor_shows_everything_once_in_a_pipe(cli: Cli, prepared: Database, tasks: None) -> None:
    at_work(prepared)
    ask(prepared)
    for number in (1, 2):
        ask(prepared, "desks.fetch", state=State.DISCARDED, error=f"no answer {number}", error_kind="Unavailable")
    found = cli("monitor", "--once", "--json").json
    (queue,) = [row for row in found["queues"] if row["waiting"]]
    assert (queue["queue"], queue["ready"], queue["workers"]) == ("maintenance", 1, 1)
    assert found["dead"] == 2
    assert found["dead_letters"][0] | {"error": ""} == {
        "count": 2,
        "task": "desks.fetch",
        "kind": "Unavailable",
        "error": "",
    }
    shown = cli("monitor").out
    assert "ready 1" in shown
    assert "no answer" in shown
    assert "\x1b" not in shown
    run_all(prepared)
    assert cli("monitor", "--once", "--json").json["done_per_minute"] == 1


def test_the_monitor_fits_into_the_terminal(prepared: Database, capsys: pytest.CaptureFixture[str]) -> None:
    from stonehand.cli import board

    with prepared.read() as session:
        view = board.look(session)
    monitor._draw(lambda: view)
    drawn = capsys.readouterr().out
    assert drawn.startswith(monitor.HOME)
    assert "No worker is alive. Start one: stonehand worker" in drawn
    assert drawn.endswith(f"Ctrl-C ends{monitor.END_OF_LINE}{monitor.CLEAR_REST}")


def test_a_test_without_workers_says_why_and_leaves_nothing(cli: Cli, prepared: Database) -> None:
    found = cli("test", "--timeout", "1", "--json")
    assert found.code == 1
    assert "No worker serves the queue control" in found.json["why"]
    with prepared.read() as session:
        assert queries.job(session, found.json["job"]).state == State.CANCELLED


def test_purge_asks_and_cancels_in_chunks(
    cli: Cli, prepared: Database, tasks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purging, "CHUNK", 2)
    running = ask(prepared, state=State.EXECUTING, lease_until=db.utc_now())
    for _ in range(5):
        ask(prepared)
    kept = ask(prepared, "desks.fetch")
    refused = cli("purge", stdin="n\n")
    assert refused.code == 1
    assert "Cancel what waits in all queues: 6 jobs?" in refused.err
    assert cli("purge", "cleanup", "--yes", "--json").json["cancelled"] == 5  # an old name
    with prepared.read() as session:
        assert queries.counts(session)[State.CANCELLED] == 5
        assert queries.job(session, running).state == State.EXECUTING
        assert queries.job(session, kept).state == State.AVAILABLE
    assert "purged" in cli("audit", "list", "--json").out


def test_purge_empties_the_broker(
    cli: Cli, prepared: Database, tasks: None, redis_server: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CELERY_BROKER_URL", redis_server.url)
    config.settings.cache_clear()
    engine.app.cache_clear()
    cli("purge", "--yes")
    for queue in ("maintenance", "maintenance", "fetch"):
        engine.press(queue)
    assert cli("purge", "--yes", "maintenance", "--json").json["bells"] == 2
    assert cli("purge", "--yes", "--json").json["bells"] == 1


def test_purge_says_that_the_broker_is_away_and_cancels_all_the_same(
    cli: Cli, prepared: Database, tasks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = ask(prepared)
    monkeypatch.setenv("CELERY_BROKER_URL", "redis://127.0.0.1:1/0")
    config.settings.cache_clear()
    engine.app.cache_clear()
    found = cli("purge", "--yes")
    assert found.code == 1
    assert "does not answer" in found.err
    with prepared.read() as session:
        assert queries.job(session, job_id).state == State.CANCELLED


def test_short_verbs(cli: Cli, prepared: Database, tasks: None) -> None:
    job_id = ask(prepared)
    assert "No worker serves" in cli("why", job_id).out
    assert cli("cancel", job_id, "--json").json["state"] == "cancelled"
    assert cli("task-status", job_id, "--json").json["celery_status"] == "REVOKED"
    assert cli("retry", job_id, "--json").json["state"] == "available"
    assert "REVOKED" not in cli("task-status", job_id).out
    ask(prepared, state=State.DISCARDED, error="broken")
    assert "broken" in cli("dead-letters").out
    assert "maintenance" in cli("queues").out
    assert "desks.wipe" in cli("tasks").out


@pytest.mark.parametrize("verb", ["why", "cancel", "retry", "task-status"])
def test_an_unknown_job_is_an_error(cli: Cli, prepared: Database, verb: str) -> None:
    assert "it never was, or its record has expired" in str(cli(verb, "nonsense").error)


class TestFlower:
    """Flower itself is not among the requirements; what leads to it is ours."""

    @pytest.fixture
    def command(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """What would take the place of this process."""
        found: list[str] = []
        monkeypatch.setattr(flower, "find_spec", lambda name: object())
        monkeypatch.setattr(flower, "_become", found.extend)
        monkeypatch.setenv("CELERY_BROKER_URL", "redis://127.0.0.1:1/0")
        config.settings.cache_clear()
        return found

    def test_it_says_how_to_install_it(self, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(flower, "find_spec", lambda name: None)
        assert "pip install 'stonehand[flower]'" in str(cli("flower").error)

    def test_it_needs_a_broker_with_remote_control(self, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(flower, "find_spec", lambda name: object())
        assert "stonehand monitor" in str(cli("flower").error)

    def test_it_is_not_open_to_everybody(self, cli: Cli, command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("FLOWER_HOST", "0.0.0.0")
        config.settings.cache_clear()
        assert "FLOWER_BASIC_AUTH" in str(cli("flower").error)
        assert command == []

    def test_its_settings(self, cli: Cli, command: list[str], data_dir: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in {"HOST": "0.0.0.0", "PORT": "5556", "BASIC_AUTH": "ada:hunter22"}.items():
            monkeypatch.setenv(f"FLOWER_{name}", value)
        config.settings.cache_clear()
        assert cli("flower", "--", "--max_tasks=100").code == 0
        assert command[:2] == ["--address=0.0.0.0", "--port=5556"]
        assert command[-1] == "--max_tasks=100"
        assert "hunter22" not in " ".join(command)
        kept = data_dir / "run" / "flowerconfig.py"
        assert kept.read_text() == "basic_auth = ['ada:hunter22']\n"
        assert kept.stat().st_mode & 0o077 == 0
