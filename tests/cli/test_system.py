"""Tests of settings and status."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from stonehand import config, db
from stonehand.jobs import declaration
from stonehand.jobs.broker import engine
from stonehand.jobs.worker import presence
from tests.cli.conftest import Cli


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


def test_status_lists_the_workers(cli: Cli, prepared: db.Database) -> None:
    me = str(presence.this_process())
    with prepared.transaction() as session:
        presence.introduce(session, me, declaration.QUEUES, [], 3)
    (row,) = cli("status", "--json").json["alive"]
    assert (row["worker"], row["concurrency"], row["serves"]) == (me, 3, "every queue")
    assert me[:20] in cli("status").out
