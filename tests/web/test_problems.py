"""Errors as programs and as people read them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from pydantic import BaseModel

from stonehand import db
from stonehand.errors import Conflict, NotFound, Rejected, StonehandError, Unavailable
from stonehand.migrations import upgrading
from stonehand.web.app import create_app
from stonehand.web.deps import public


class DraftBusy(Conflict):
    """The draft is being written."""


class Wish(BaseModel):
    url: str
    days: int = 1


ERRORS: dict[str, StonehandError] = {
    "missing": NotFound("there is no draft 7"),
    "busy": DraftBusy("draft 7 is being written; wait for it"),
    "unfit": Rejected("not a feed; give the address of a feed"),
    "away": Unavailable("the database did not answer", 2.3),
}


def _fail(name: str) -> None:
    raise ERRORS[name]


def _wish(wish: Wish) -> Wish:
    return wish


@pytest.fixture
def client() -> Iterator[TestClient]:
    router = APIRouter()
    for start in ("/api/v1", ""):
        router.add_api_route(start + "/fail/{name}", _fail, dependencies=[public])
    router.add_api_route("/api/v1/wish", _wish, methods=["POST"], dependencies=[public])
    with TestClient(create_app((router,))) as client:
        yield client


@pytest.mark.parametrize(("name", "status"), [("missing", 404), ("busy", 409), ("unfit", 422), ("away", 503)])
def test_the_api_answers_problem_details(client: TestClient, name: str, status: int) -> None:
    answer = client.get(f"/api/v1/fail/{name}")
    assert answer.status_code == answer.json()["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == str(ERRORS[name])
    assert answer.json()["type"] == f"urn:stonehand:problem:{ERRORS[name].kind}"


def test_a_busy_world_says_when_to_come_back(client: TestClient) -> None:
    assert client.get("/api/v1/fail/away").headers["retry-after"] == "3"
    page = client.get("/fail/away")
    assert page.headers["retry-after"] == "3"
    assert "the database did not answer" in page.text


def test_pages_get_a_page_and_htmx_gets_a_message(client: TestClient) -> None:
    page = client.get("/fail/busy")
    assert page.status_code == 409
    assert "<h1>" in page.text
    message = client.get("/fail/busy", headers={"HX-Request": "true"})
    assert message.headers["hx-retarget"] == "#messages"
    assert "<html" not in message.text


def test_wrong_input_is_named_with_its_place_and_never_repeated(client: TestClient) -> None:
    answer = client.post("/api/v1/wish", json={"days": "sk-secret-in-the-wrong-place"})
    errors = {error["where"]: error for error in answer.json()["errors"]}
    assert answer.status_code == 422
    assert errors["body.url"]["mend"] == "send this field"
    assert "body.days" in errors
    assert "sk-secret" not in answer.text


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/api/v1/none", 404), ("DELETE", "/api/v1/wish", 405)])
def test_what_the_framework_refuses_is_a_problem_too(client: TestClient, method: str, path: str, status: int) -> None:
    answer = client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_health_needs_no_database(client: TestClient, app: FastAPI) -> None:
    assert client.get("/api/v1/none").status_code == 404  # the app itself works
    with TestClient(app) as whole:
        assert whole.get("/healthz").json() == {"status": "alive"}


def test_a_prepared_database_is_ready(app: FastAPI) -> None:
    upgrading.upgrade(db.database())
    with TestClient(app) as whole:
        assert whole.get("/readyz").json()["status"] == "ready"


def test_readiness_names_what_is_missing(app: FastAPI) -> None:
    with TestClient(app) as whole:
        answer = whole.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["database"] == "ok"
    assert "restart Stonehand" in answer.json()["checks"]["migrations"]
