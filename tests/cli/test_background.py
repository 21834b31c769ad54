"""Tests of worker options, and of parts in the background, with real processes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stonehand import config, db
from stonehand.cli import behind
from stonehand.jobs.broker import doorbells, engine
from stonehand.jobs.worker import presence
from tests.cli.conftest import Cli
from tests.servers import wait_until


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--pool", "gevent"], "use --pool threads"),
        (["--pool", "solo", "--autoscale", "4,1"], "--autoscale needs the pool prefork"),
        (["--autoscale", "1,4"], "the most must be the greater number"),
        (["--autoscale", "many"], "is not like 10,3"),
        (["--loglevel", "loud"], "loud"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_use_instead(
    cli: Cli, prepared: db.Database, words: list[str], said: str
) -> None:
    found = cli("worker", *words)
    assert found.code == 2
    assert said in found.err


def test_an_unknown_queue_is_no_silent_empty_worker(cli: Cli, prepared: db.Database) -> None:
    assert "did you mean fetch?" in str(cli("worker", "-Q", "sources,fecth").error)


def test_nothing_is_started_without_a_database(cli: Cli) -> None:
    assert "run: stonehand init" in str(cli("scheduler", "--background").error)


def test_a_part_that_cannot_start_says_why(cli: Cli, prepared: db.Database, data_dir: Path) -> None:
    found = cli("worker", "--background", "--queue", "fecth")
    assert isinstance(found.error, behind.DidNotStart)
    assert "did you mean fetch?" in str(found.error)
    assert not (data_dir / "run" / "worker.pid").exists()


def test_a_worker_in_the_background_works_and_ends(
    cli: Cli, prepared: db.Database, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STONEHAND_STRICT_TRANSACTIONS", "false")  # of the worker, on a busy machine
    monkeypatch.setattr(doorbells, "_quiet_until", 0.0)  # nobody rings again here, since no scheduler runs
    engine.app.cache_clear()
    words = ["--name", "small", "--queues", "control,maintenance", "-Q", "cleanup", "--pool", "solo", "-l", "info"]
    started = cli("worker", "--background", *words)
    assert started.code == 0, started
    try:
        number = int((data_dir / "run" / "worker-small.pid").read_text().split()[0])
        with prepared.read() as session:
            (worker,) = presence.alive(session)
        assert worker.name.split(":")[1] == str(number)
        assert worker.queues == ["control", "maintenance"]
        assert "pool solo" in (data_dir / "logs" / "worker-small.log").read_text()
        assert f"process {number}" in str(cli("worker", "--background", *words).error)
        tried = cli("test", "--json", "--timeout", "60").json
        assert tried["completed"], tried
        assert tried["total_seconds"] >= tried["waited_seconds"]
        assert cli("inspect", "ping", "--here").code == 0
    finally:
        ended = cli("stop", "worker-small", "--json")
    assert ended.json == [{"name": "worker-small", "pid": number, "stopped": True, "killed": False}]
    assert not (data_dir / "run" / "worker-small.pid").exists()
    assert cli("inspect", "ping").code == 1


def test_the_scheduler_in_the_background_ticks(cli: Cli, prepared: db.Database, data_dir: Path) -> None:
    assert cli("beat", "--background", "--pid-file", str(data_dir / "beat.pid")).code == 0
    wait_until(lambda: cli("inspect", "scheduler").code == 0, "something fires")
    assert cli("stop", "--pid-file", str(data_dir / "beat.pid")).code == 0


def test_a_later_process_of_the_same_number_is_left_alone(cli: Cli, prepared: db.Database, data_dir: Path) -> None:
    (data_dir / "run").mkdir()
    (data_dir / "run" / "worker.pid").write_text(f"{os.getpid()}\n12345.6\n")
    found = cli("stop", "--json")
    assert found.json == [{"name": "worker", "pid": None, "stopped": False, "killed": False}]
    assert found.code == 1


def test_stopping_what_is_not_there(cli: Cli, prepared: db.Database) -> None:
    assert "no worker is in the background" in str(cli("stop", "worker").error)
    assert cli("stop").code == 0


def test_the_level_of_the_logs(cli: Cli, prepared: db.Database) -> None:
    from stonehand.cli import parts

    parts._set_level("debug")
    assert config.settings().log_level == "DEBUG"
    os.environ.pop("STONEHAND_LOG_LEVEL")
