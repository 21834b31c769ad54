"""Whether it lives, and whether it could work."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from stonehand import config, db
from stonehand.web import health
from tests.cli.conftest import prepared  # noqa: F401  a fixture
from tests.servers import free_port


@pytest.fixture
def client(prepared: db.Database, app: FastAPI) -> TestClient:  # noqa: F811
    return TestClient(app, raise_server_exceptions=False)


def test_everything_is_ready(client: TestClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    checks = ("database", "disk", "key", "migrations", "broker")
    assert answer.json() == {"status": "ready", "checks": dict.fromkeys(checks, "ok")}


def test_without_the_broker_work_is_still_accepted(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STONEHAND_BROKER_URL", f"redis://:sesame-open@127.0.0.1:{free_port()}/0")
    config.settings.cache_clear()
    from stonehand.jobs.broker import engine

    engine.app.cache_clear()
    answer = client.get("/readyz")
    monkeypatch.undo()
    config.settings.cache_clear()
    engine.app.cache_clear()
    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    assert "does not answer" in answer.json()["checks"]["broker"]
    assert "sesame" not in answer.text


def test_a_key_that_cannot_be_used_is_not_ready(client: TestClient, data_dir: Path) -> None:
    (data_dir / "vault.key").write_text("not a key\n")
    (data_dir / "vault.key").chmod(0o600)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "does not hold usable keys" in answer.json()["checks"]["key"]


def test_a_full_disk_is_not_ready(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "LEAST_FREE", 10**18)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert "free some space" in answer.json()["checks"]["disk"]


def test_living_needs_nothing(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise AssertionError("asked the database")

    with monkeypatch.context() as patched:
        patched.setattr(db, "database", refuse)
        assert client.get("/healthz").json() == {"status": "alive"}
