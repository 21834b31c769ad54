"""Breakers, limits and pauses by the API."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from stonehand import jobs
from stonehand.accounts.models import AuditRecord
from stonehand.db import Database
from stonehand.jobs import Attempt, declaration
from stonehand.limits import breakers
from stonehand.limits.breakers import Pass
from tests.web.api.conftest import As
from tests.web.api.test_contract import is_problem

NAME = "host:example.org:443"


@pytest.fixture(autouse=True)
def errand() -> Iterator[None]:
    @jobs.task("errands.run", queue="maintenance", rate="5/m")
    def run(attempt: Attempt) -> None:
        with attempt.finish():
            pass

    yield
    declaration._tasks.pop("errands.run")


def fail(database: Database, times: int) -> None:
    with database.transaction() as session:
        for _ in range(times):
            breakers.failed(session, Pass(NAME), "connection refused")


def deeds(database: Database) -> list[tuple[str, str, str]]:
    with database.read() as session:
        rows = session.scalars(sa.select(AuditRecord).order_by(AuditRecord.id))
        return [
            (row.verb, row.object_kind, row.object_id) for row in rows if row.object_kind in ("host", "limit", "task")
        ]


def test_a_breaker_is_seen_held_and_reset(as_: As, database: Database) -> None:
    fail(database, 5)
    [seen] = as_("viewer").get("/api/v1/breakers").json()["items"]
    assert (seen["name"], seen["state"], seen["failures"], seen["waiting"]) == (NAME, "OPEN", 5, 0)
    assert seen["why"].startswith("host example.org does not answer (5 failures in a row, last: connection refused)")
    admin = as_("admin")
    held = admin.post(f"/api/v1/breakers/{NAME}/hold").json()
    assert (held["held_by"], held["tried_again_at"]) == ("Admin", None)
    assert "paused by Admin" in held["why"]
    assert [each["target"] for each in admin.get("/api/v1/pauses").json()["items"]] == [NAME]
    closed = admin.post("/api/v1/breakers/host:example.org/reset").json()
    assert (closed["state"], closed["failures"], closed["held_by"], closed["why"]) == ("CLOSED", 0, None, None)
    assert deeds(database) == [("paused", "host", "example.org:443"), ("reset", "host", "example.org:443")]


def test_what_is_not_known_is_said_to_be_so(as_: As, database: Database) -> None:
    admin = as_("admin")
    assert is_problem(admin.post("/api/v1/breakers/host:nowhere.example/reset"), 404)
    assert is_problem(admin.post("/api/v1/breakers/queue:fetch/hold"), 422)
    assert is_problem(admin.post("/api/v1/pauses", json={"target": "channel:Nobody"}), 404)
    assert is_problem(admin.post("/api/v1/pauses", json={"target": "queue:fetsch"}), 422)
    assert is_problem(admin.put("/api/v1/limits/task:errands.rum", json={"rate": "1/m"}), 422)
    assert is_problem(admin.put("/api/v1/limits/task:errands.run", json={"rate": "fast"}), 422)
    assert is_problem(admin.put("/api/v1/limits/task:errands.run", json={}), 422)
    assert is_problem(admin.put(f"/api/v1/limits/{NAME}", json={"concurrency": 2}), 422)
    assert deeds(database) == []


def test_limits_are_set_and_lifted(as_: As, database: Database) -> None:
    admin = as_("admin")
    made = admin.put("/api/v1/limits/task:errands.run", json={"rate": "10/m", "concurrency": 2}).json()
    assert (made["rate"], made["concurrency"], made["changed_by"]) == ("10/m", 2, "Admin")
    assert admin.put("/api/v1/limits/host:example.org", json={"rate": "30/m"}).json()["target"] == NAME
    listed = as_("viewer").get("/api/v1/limits").json()["items"]
    assert {(each["target"], each["rate"]) for each in listed} == {("task:errands.run", "10/m"), (NAME, "30/m")}
    assert admin.delete("/api/v1/limits/task:errands.run").status_code == 204
    assert admin.delete(f"/api/v1/limits/{NAME}").status_code == 204
    [left] = admin.get("/api/v1/limits").json()["items"]
    assert (left["target"], left["rate"], left["changed_by"]) == ("task:errands.run", "5/m", None)  # as it declares


def test_anything_is_paused_and_goes_on(as_: As) -> None:
    admin = as_("admin")
    for target in ("queue:fetch", "task:errands.run", "agent:a1", "host:example.org:443", "provider:127.0.0.1:11434"):
        assert admin.post("/api/v1/pauses", json={"target": target}).json()["by"] == "Admin"
        assert [each["target"] for each in admin.get("/api/v1/pauses").json()["items"]] == [target]
        assert admin.delete(f"/api/v1/pauses/{target}").status_code == 204
        assert admin.get("/api/v1/pauses").json()["items"] == []
    assert is_problem(admin.post("/api/v1/pauses", json={"target": "source:nowhere"}), 404)


@pytest.mark.parametrize("role", ["viewer", "editor", "publisher"])
def test_only_administrators_steer(as_: As, role: str) -> None:
    person = as_(role)
    assert is_problem(person.post(f"/api/v1/breakers/{NAME}/hold"), 403)
    assert is_problem(person.post(f"/api/v1/breakers/{NAME}/reset"), 403)
    assert is_problem(person.put(f"/api/v1/limits/{NAME}", json={"rate": "1/m"}), 403)
    assert is_problem(person.delete(f"/api/v1/limits/{NAME}"), 403)
    assert is_problem(person.post("/api/v1/pauses", json={"target": NAME}), 403)
    assert is_problem(person.delete(f"/api/v1/pauses/{NAME}"), 403)
