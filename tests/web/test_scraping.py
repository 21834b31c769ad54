"""Who may scrape, what a scrape says, and that board and rules name nothing that is not there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from stonehand import config, db
from stonehand.db import Database
from stonehand.web import counting, scraping
from tests.web.api.conftest import As, as_, password_hash, people  # noqa: F401  fixtures

OPERATIONS = Path(__file__).parents[2] / "operations"


@pytest.fixture(autouse=True)
def _look_anew(database: Database) -> Iterator[None]:
    for kept in (scraping._work, scraping._content, scraping._broker):
        kept.forget()
    counting.COUNTS.__init__()  # type: ignore[misc]
    yield
    for kept in (scraping._work, scraping._content, scraping._broker):
        kept.forget()


def from_here(app: FastAPI) -> TestClient:
    return TestClient(app, base_url="http://127.0.0.1:8000", client=("127.0.0.1", 50000), raise_server_exceptions=False)


def scrape(app: FastAPI) -> str:
    answer = from_here(app).get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return answer.text


def names(text: str) -> set[str]:
    """Every series of a scrape, and the families' own names."""
    return set(re.findall(r"^([a-z_]+)", text, re.M)) | set(re.findall(r"^# TYPE ([a-z_]+)", text, re.M))


def test_this_machine_may_scrape(app: FastAPI) -> None:
    assert "stonehand_workers 0" in scrape(app)


@pytest.mark.parametrize(
    ("host", "client", "headers"),
    [
        ("127.0.0.1", "192.0.2.7", {}),
        ("news.example.org", "127.0.0.1", {}),
        ("127.0.0.1", "127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}),
        ("127.0.0.1", "127.0.0.1", {"Forwarded": "for=192.0.2.7"}),
    ],
)
def test_nobody_else_may(app: FastAPI, host: str, client: str, headers: dict[str, str]) -> None:
    asks = TestClient(app, base_url=f"http://{host}", client=(client, 1), headers={"Accept": "*/*"})
    assert asks.get("/metrics", headers=headers, follow_redirects=False).status_code in (303, 401)


def test_behind_a_proxy_a_token_is_needed(app: FastAPI, as_: As, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    reader = as_("viewer")
    monkeypatch.setenv("STONEHAND_PUBLIC_URL", "http://news.example.org")
    config.settings.cache_clear()
    assert from_here(app).get("/metrics", follow_redirects=False).status_code in (303, 401)
    assert reader.get("/metrics").status_code == 200


def test_metrics_can_be_for_tokens_alone_or_off(app: FastAPI, as_: As, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    reader = as_("viewer")
    monkeypatch.setenv("STONEHAND_METRICS", "token")
    config.settings.cache_clear()
    assert from_here(app).get("/metrics", follow_redirects=False).status_code in (303, 401)
    assert reader.get("/metrics").status_code == 200
    monkeypatch.setenv("STONEHAND_METRICS", "off")
    config.settings.cache_clear()
    assert reader.get("/metrics").status_code == 404


def test_requests_are_counted_by_route_and_never_by_address(app: FastAPI) -> None:
    client = from_here(app)
    client.get("/jobs/a-secret-address", follow_redirects=False)
    client.get("/api/v1/jobs/a-secret-address")
    client.get("/a-secret-address")
    client.request("ASECRET", "/healthz")
    text = scrape(app)
    assert 'stonehand_http_requests_total{route="/jobs/{job_id}",method="GET"' in text
    assert 'stonehand_http_requests_total{route="/api/v1/jobs/{job_id}",method="GET",status="401"} 1' in text
    assert 'stonehand_http_requests_total{route="none",method="GET",status="404"} 1' in text
    assert "secret" not in text.lower()


def test_every_answer_has_an_id_and_keeps_a_fitting_one(app: FastAPI) -> None:
    client = from_here(app)
    assert client.get("/healthz", headers={"X-Request-ID": "abc-12345"}).headers["x-request-id"] == "abc-12345"
    assert len(client.get("/healthz", headers={"X-Request-ID": "a\tb"}).headers["x-request-id"]) == 36


def test_a_database_that_is_away_is_a_number_too(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STONEHAND_DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none?connect_timeout=1")
    config.settings.cache_clear()
    db.database.cache_clear()
    text = scrape(app)
    assert "stonehand_database_up 0" in text
    assert "process_resident_memory_bytes" in text


# ── the board and the rules ──


def test_the_board_names_only_what_is_scraped(app: FastAPI) -> None:
    board = json.loads((OPERATIONS / "grafana-board.json").read_text())
    expressions = [target["expr"] for panel in board["panels"] for target in panel.get("targets", [])]
    assert len(expressions) > 15
    assert missing(expressions, app) == set()


def test_the_rules_name_only_what_is_scraped(app: FastAPI) -> None:
    rules = read_rules((OPERATIONS / "prometheus-rules.yaml").read_text())
    assert len(rules) > 8
    assert missing([rule["expr"] for rule in rules], app) == set()
    for rule in rules:
        assert rule.keys() >= {"alert", "expr", "for", "summary", "description", "severity"}, rule
        assert balanced(rule["expr"]), rule


def missing(expressions: list[str], app: FastAPI) -> set[str]:
    client = from_here(app)
    client.get("/healthz")
    known = names(scrape(app))
    histograms = {f"{name}{ending}" for name in known for ending in ("_bucket", "_sum", "_count")}
    used = {name for each in expressions for name in re.findall(r"\b((?:stonehand|process)_[a-z_]+)", each)}
    assert used
    return used - known - histograms


def read_rules(text: str) -> list[dict[str, Any]]:
    """Our own plain way of writing YAML: a list of rules whose fields are one line each."""
    found = []
    for block in re.split(r"^\s*- alert: ", text, flags=re.M)[1:]:
        fields = dict(re.findall(r"^\s+(\w+): (.+)$", block, re.M))
        found.append({"alert": block.split("\n", 1)[0], **fields})
    return found


def balanced(expression: str) -> bool:
    return all(expression.count(left) == expression.count(right) for left, right in ("()", "{}", "[]"))
