"""Tests of settings, status and doctor."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from stonehand import config, db, jobs
from stonehand.jobs import declaration, engine, presence
from stonehand.jobs.models import Job
from stonehand.nlp import embedding
from tests.cli.conftest import Cli, Outcome


@pytest.fixture(autouse=True)
def _fresh_engine() -> Iterator[None]:
    engine.app.cache_clear()
    yield
    engine.app.cache_clear()


def test_settings_show_names_values_and_defaults_but_no_secret(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CELERY_BROKER_URL", "redis://:hunter22@127.0.0.1:6379/0")
    monkeypatch.setenv("STONEHAND_LLM_API_KEY", "sk-very-secret-indeed")
    monkeypatch.setenv("STONEHAND_PORT", "8123")
    found = cli("settings", "--json")
    rows = {row["setting"]: row for row in found.json}
    assert set(rows) == set(config.Settings.model_fields)
    assert (rows["port"]["value"], rows["port"]["default"]) == (8123, 8000)
    assert rows["broker_url"]["environment"] == "STONEHAND_BROKER_URL CELERY_BROKER_URL REDIS_URL"
    assert rows["llm_api_key"]["value"] == "[hidden]"
    printed = found.out + cli("settings").out
    assert "hunter22" not in printed
    assert "very-secret" not in printed


def test_settings_are_listed_although_one_is_wrong(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STONEHAND_PROT", "1")
    found = cli("settings")
    assert found.code == 1
    assert "STONEHAND_PORT" in found.out
    assert "did you mean STONEHAND_PORT" in found.err


def test_status_counts(cli: Cli, prepared: db.Database) -> None:
    found = cli("status", "--json").json
    assert (found["sources"], found["workers"], found["database"]) == (0, 0, "sqlite")
    assert found["waiting_for_you"] == {"reviews": 0, "dead_jobs": 0, "sources_in_trouble": 0}
    assert cli("status").out.startswith("sources")


def test_status_hides_the_password_of_the_broker(
    cli: Cli, prepared: db.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://:hunter22@127.0.0.1:6379/0")
    config.settings.cache_clear()
    shown = cli("status").out
    assert "redis://" in shown
    assert "hunter22" not in shown


def checks(outcome: Outcome) -> dict[str, Any]:
    return {row["check"]: row for row in outcome.json}


def present(database: db.Database, data_dir: Path) -> None:
    """A worker for every queue, and the model where there is a package of it."""
    with database.transaction() as session:
        presence.introduce(session, str(presence.this_process()), declaration.QUEUES, [], 1)
    (data_dir / "models").mkdir(exist_ok=True)
    (data_dir / "models" / embedding.FILE).touch()


def test_doctor_finds_nothing_wrong(cli: Cli, prepared: db.Database, data_dir: Path) -> None:
    present(prepared, data_dir)
    found = cli("doctor", "--json")
    assert [row for row in found.json if not row["ok"]] == []
    assert found.code == 0
    assert not (data_dir / "vault.key").exists()


def test_doctor_without_anything(cli: Cli, data_dir: Path) -> None:
    found = cli("doctor", "--json")
    assert found.code == 1
    assert "stonehand init" in checks(found)["database"]["sentence"]
    assert "workers" not in checks(found)
    assert not (data_dir / "stonehand.db").exists()


def test_doctor_names_idle_workers_and_long_waits(
    cli: Cli, prepared: db.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(declaration, "_tasks", {})
    jobs.task("desks.wipe", queue="maintenance")(lambda attempt: None)
    with prepared.transaction() as session:
        jobs.enqueue(session, "desks.wipe", {})
        session.execute(sa.update(Job).values(run_at=db.utc_now().replace(year=2020)))
    found = checks(cli("doctor", "--json"))
    assert "no worker runs" in found["workers"]["sentence"]
    assert "desks.wipe" in found["waiting jobs"]["sentence"]
    assert "WRONG  workers" in cli("doctor").out


def test_doctor_finds_a_damaged_database(cli: Cli, data_dir: Path) -> None:
    (data_dir / "stonehand.db").write_bytes(b"no database at all" * 100)
    found = checks(cli("doctor", "--json"))
    assert not found["database"]["ok"]
    assert "damaged" in found["database"]["sentence"]


def test_a_silent_broker_takes_no_more_than_its_time(
    cli: Cli, prepared: db.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen()  # and never answer
        monkeypatch.setenv("REDIS_URL", f"redis://:hunter22@127.0.0.1:{door.getsockname()[1]}/0")
        config.settings.cache_clear()
        started = time.monotonic()
        found = checks(cli("doctor", "--json"))["broker"]
    assert time.monotonic() - started < 8
    assert not found["ok"]
    assert "no answer in 3 s" in found["sentence"]
    assert "hunter22" not in found["sentence"]


def test_a_broker_that_is_down_is_named(cli: Cli, prepared: db.Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port = door.getsockname()[1]
    monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{port}/0")
    config.settings.cache_clear()
    found = checks(cli("doctor", "--json"))["broker"]
    assert not found["ok"]
    assert "refused" in found["sentence"]
