"""Canaries: secrets that are planted everywhere, and must sing nowhere."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.testclient import TestClient

from stonehand import config, db, jobs, log, vault
from stonehand.channels.models import Channel
from stonehand.db import Base, Database
from stonehand.errors import Rejected, Unavailable
from stonehand.jobs.testing import run_all
from tests.web.api.conftest import PASSWORD, As, app, as_, password_hash, people  # noqa: F401  fixtures

SEALED = "canary-sealed-7f3a/ü"
LLM_KEY = "canary-llm-91c0d2"
SMTP = "canary-smtp-55aa01"
HOOK = "https://hooks.example/canary-hook-4d2e"
IN_URL = "canary-in-url-0b7c"
TOKEN = "shd_canarytoken0123456789"
CANARIES = (SEALED, LLM_KEY, SMTP, "canary-hook-4d2e", IN_URL, TOKEN, PASSWORD, "canary-sealed-7f3a%2F")


@jobs.task("canarytest.sing", queue="default", retries=0)
def sing(attempt: jobs.Attempt, channel_id: str, how: str) -> None:
    """Say every secret there is, in every way."""
    with attempt.read() as session:
        channel = session.get_one(Channel, channel_id)
    opened = vault.open_sealed(channel.secrets["password"], f"channel:{channel_id}")
    llm = config.settings().llm_api_key.get_secret_value()
    everything = (
        f"{opened} {llm} {SMTP} {HOOK} https://ada:{IN_URL}@example.org/ Bearer {TOKEN} {quote(opened, safe='')}"
    )
    log.logger("test").warning(everything, password=opened, nested={"api_key": llm, "plain": [everything]})
    logging.getLogger("some.library").warning("a library says %s", everything)
    attempt.progress(1, 2, everything)
    if how == "snooze":
        raise jobs.Snooze(60, everything)
    if how == "fail":
        raise Rejected(everything) from ValueError(everything)
    if how == "retry":
        raise Unavailable(everything, 60)
    with attempt.finish() as session:
        attempt.note(session, {"said": everything, "password": opened, "rows": [everything]})


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every line of the log, as JSON."""
    for name, value in {"LLM_API_KEY": LLM_KEY, "SMTP_PASSWORD": SMTP, "ALERT_WEBHOOK_URL": HOOK}.items():
        monkeypatch.setenv(f"STONEHAND_{name}", value)
    config.settings.cache_clear()
    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    log.configure("INFO", "json")
    lines: list[str] = []
    handler = logging.getLogger().handlers[0]
    monkeypatch.setattr(handler, "emit", lambda record: lines.append(handler.format(record)))
    yield lines
    logging.getLogger().handlers[:] = handlers
    logging.getLogger().setLevel(level)


@pytest.fixture
def sung(database: Database, logged: list[str]) -> list[str]:
    """Ids of jobs that have said every secret: ended well, dead, to be tried again, put back."""
    with database.transaction() as session:
        channel_id = db.new_id()
        secrets = {"password": vault.seal(SEALED, f"channel:{channel_id}")}
        row = {"kind": "folder", "name": "Canary", "slug": "canary", "config": {}, "secrets": secrets}
        session.add(Channel(id=channel_id, **row, created_at=db.now(session)))
        ids = [
            jobs.enqueue(session, "canarytest.sing", {"channel_id": channel_id, "how": how})
            for how in ("well", "fail", "retry", "snooze")
        ]
    run_all(database)
    return [each for each in ids if each]


def songs(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary in text or json.dumps(canary)[1:-1] in text]


def test_no_secret_is_logged(sung: list[str], logged: list[str]) -> None:
    said = [json.loads(line) for line in logged]
    assert [songs(line) for line in logged if songs(line)] == []
    mine = [line for line in said if line.get("job") == sung[0]]
    assert len(mine) >= 2, "the library's line carries the ids as well"
    assert all(line["attempt"] == 1 and line["fence"] == 1 and line["task"] == "canarytest.sing" for line in mine)
    assert any("a library says" in line["event"] for line in mine)


def test_no_secret_is_in_any_row(database: Database, sung: list[str]) -> None:
    with database.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            for row in connection.execute(sa.select(table)).mappings():
                assert songs(str(dict(row))) == [], table.name


def test_no_secret_is_on_a_page_or_in_an_answer(as_: As, sung: list[str]) -> None:  # noqa: F811
    admin = as_("admin")
    paths = ["/api/v1/jobs?limit=100", "/api/v1/channels", "/api/v1/audit", "/api/v1/alerts", "/jobs?show=all"]
    paths += ["/channels", "/audit", "/ops/alerts", "/api/v1/jobs/" + sung[0]]
    paths += [f"{base}/{job_id}" for job_id in sung for base in ("/api/v1/jobs", "/jobs")]
    for path in paths:
        answer = admin.get(path)
        assert answer.status_code == 200, path
        assert songs(answer.text) == [], path


def test_what_a_stranger_sends_is_not_said_back(as_: As, logged: list[str], app: FastAPI) -> None:  # noqa: F811
    client = TestClient(app, raise_server_exceptions=False)
    as_("admin")
    tried: list[Any] = [
        client.post("/api/v1/auth/login", json={"email": "admin@example.org", "password": SEALED}),
        client.post("/api/v1/auth/login", json={"email": "admin@example.org", "password": {"nested": SEALED}}),
        client.post("/api/v1/auth/login", json={"email": 1, "password": PASSWORD}),
        client.get("/api/v1/jobs", headers={"Authorization": f"Bearer {TOKEN}"}),
        client.get(f"/api/v1/jobs?limit={TOKEN}", headers={"Authorization": f"Bearer {TOKEN}"}),
    ]
    for answer in tried:
        assert answer.status_code >= 400
        assert songs(answer.text.replace(f"limit={TOKEN}", "")) == []
    assert [line for line in logged if songs(line)] == []


def test_common_words_are_not_hidden() -> None:
    vault.open_sealed(vault.seal("canary", "test"), "test")
    assert log.redact("a canary sings, ready or not") == "a canary sings, ready or not"
    assert log.redact({"input_tokens": 12, "is_secret": True}) == {"input_tokens": 12, "is_secret": True}


@pytest.mark.parametrize("text", ["Basic YWRhOnNlY3JldHNlY3JldA==", "bearer abcdefgh12345", "sk-abcdefgh1234567"])
def test_what_looks_like_a_secret_is_hidden(text: str) -> None:
    assert text.rsplit(maxsplit=1)[-1] not in log.redact(f"they sent {text}!")
