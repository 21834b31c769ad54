"""Requests that are sent twice with one Idempotency-Key."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from stonehand import db
from stonehand.accounts import repeats as keeping
from stonehand.accounts.models import IdempotencyKey
from stonehand.accounts.permissions import Person
from stonehand.db import Database
from stonehand.jobs import enqueue
from stonehand.jobs.models import Job
from stonehand.jobs.testing import run_all
from stonehand.web.bodies import LARGEST
from tests.web.api.conftest import As
from tests.web.api.test_contract import is_problem

pytestmark = pytest.mark.usefixtures("pipeline")
WISH = {"task": "health_check"}


def jobs_in(database: Database) -> int:
    with database.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Job)) or 0


def test_the_same_request_does_its_work_once(as_: As, database: Database) -> None:
    editor = as_("editor")
    first = editor.post("/api/v1/tasks/call", json=WISH, headers={"Idempotency-Key": '"k1"'})
    again = editor.post("/api/v1/tasks/call", json=WISH, headers={"Idempotency-Key": "k1"})
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["content-type"] == "application/json"
    assert jobs_in(database) == 1


def test_without_a_key_or_with_another_it_is_done_again(as_: As, database: Database) -> None:
    editor = as_("editor")
    for headers in ({}, {}, {"Idempotency-Key": "a"}, {"Idempotency-Key": "b"}):
        assert editor.post("/api/v1/tasks/call", json=WISH, headers=headers).status_code == 202
    assert jobs_in(database) == 4


def test_a_key_belongs_to_one_request(as_: As, database: Database) -> None:
    editor, headers = as_("editor"), {"Idempotency-Key": "k1"}
    assert editor.post("/api/v1/tasks/call", json=WISH, headers=headers).status_code == 202
    for path, body in (("/api/v1/tasks/call", {**WISH, "priority": 9}), ("/jobs", {"type": "health_check"})):
        answer = editor.post(path, json=body, headers=headers)
        assert is_problem(answer, 422)
        assert "another request" in answer.json()["detail"]
    assert jobs_in(database) == 1


def test_and_to_one_person(as_: As, database: Database) -> None:
    for role in ("editor", "admin"):
        answer = as_(role).post("/api/v1/tasks/call", json=WISH, headers={"Idempotency-Key": "k1"})
        assert "idempotency-replayed" not in answer.headers
    assert jobs_in(database) == 2


def test_an_error_of_the_request_is_kept_too(as_: As, database: Database) -> None:
    editor, headers = as_("editor"), {"Idempotency-Key": "k1"}
    answers = [editor.post("/api/v1/tasks/call", json={"task": "nothing"}, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["content-type"] == "application/problem+json"


def test_who_may_not_is_asked_anew(as_: As, people: dict[str, Person], database: Database) -> None:
    editor, headers = as_("editor"), {"Idempotency-Key": "k1"}
    wish = {"task": "retry_failed_publications"}
    assert is_problem(editor.post("/api/v1/tasks/call", json=wish, headers=headers), 403)
    with database.transaction() as session:
        session.execute(sa.text("UPDATE users SET role = 'admin' WHERE id = :id"), {"id": people["editor"].id})
        assert session.scalar(sa.select(sa.func.count()).select_from(IdempotencyKey)) == 0


def test_while_the_first_runs_the_second_is_told_so(as_: As, people: dict[str, Person], database: Database) -> None:
    editor, headers = as_("editor"), {"Idempotency-Key": "k1"}
    first = editor.post("/api/v1/tasks/call", json=WISH, headers=headers)
    with database.transaction() as session:
        session.execute(sa.update(IdempotencyKey).values(status=None, body=None))
    answer = editor.post("/api/v1/tasks/call", json=WISH, headers=headers)
    assert is_problem(answer, 409)
    assert "has not been answered yet" in answer.json()["detail"]
    with database.transaction() as session:
        session.execute(sa.update(IdempotencyKey).values(begun_at=db.utc_now() - timedelta(minutes=10)))
    assert "was cut off" in editor.post("/api/v1/tasks/call", json=WISH, headers=headers).json()["detail"]
    assert jobs_in(database) == 1
    assert first.status_code == 202


def test_many_at_once_do_it_once(as_: As, database: Database) -> None:
    editor, statuses = as_("editor"), []

    def send() -> None:
        statuses.append(editor.post("/api/v1/tasks/call", json=WISH, headers={"Idempotency-Key": "k1"}).status_code)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(statuses) <= {202, 409}
    assert 202 in statuses
    assert jobs_in(database) == 1


@pytest.mark.parametrize("key", ["", "two words", "x" * 300, 'a"b'])
def test_a_key_that_is_none_is_refused(as_: As, database: Database, key: str) -> None:
    answer = as_("editor").post("/api/v1/tasks/call", json=WISH, headers={"Idempotency-Key": key})
    assert is_problem(answer, 422)
    assert "visible characters" in answer.json()["detail"]
    assert jobs_in(database) == 0


def test_strangers_and_secrets_keep_nothing(client: TestClient, as_: As, database: Database) -> None:
    headers = {"Idempotency-Key": "k1"}
    assert is_problem(client.post("/api/v1/tasks/call", json=WISH, headers=headers), 401)
    token = {"name": "a", "scopes": ["read"]}
    made = [as_("editor").post("/api/v1/auth/tokens", json=token, headers=headers).json()["secret"] for _ in range(2)]
    assert made[0] != made[1]
    with database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(IdempotencyKey)) == 0


def test_a_body_that_is_too_large_is_refused_as_ever(as_: As) -> None:
    body = b"x" * (LARGEST + 1)
    answer = as_("editor").post("/api/v1/tasks/call", content=body, headers={"Idempotency-Key": "k1"})
    assert is_problem(answer, 413)


def test_keys_are_forgotten_after_a_day(as_: As, people: dict[str, Person], database: Database) -> None:
    editor, headers = as_("editor"), {"Idempotency-Key": "k1"}
    for _ in range(2):
        answer = editor.post("/api/v1/tasks/call", json=WISH, headers=headers)
        assert (answer.status_code, "idempotency-replayed" in answer.headers) == (202, False)
        with database.transaction() as session:
            session.execute(sa.update(IdempotencyKey).values(begun_at=db.utc_now() - keeping.KEPT * 2))
    with database.transaction() as session:
        enqueue(session, "accounts.forget_expired", {})
    run_all(database, queues=("maintenance",))
    with database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(IdempotencyKey)) == 0


def test_the_contract_names_it(client: TestClient) -> None:
    paths = client.get("/api/v1/openapi.json").json()["paths"]

    def named(path: str) -> bool:
        return "Idempotency-Key" in [each["name"] for each in paths[path]["post"].get("parameters", [])]

    assert named("/api/v1/jobs")
    assert named("/jobs")
    assert not named("/api/v1/auth/login")
