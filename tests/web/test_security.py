"""Headers, forged requests, addresses to go on to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated

import pytest
from fastapi import APIRouter, FastAPI, Form
from fastapi.testclient import TestClient

from stonehand import config, log
from stonehand.web import app as application
from stonehand.web import security
from stonehand.web.deps import public, requires

SECRET = "a-secret-of-this-visit"


def _open(words: Annotated[str, Form()] = "") -> dict[str, str]:
    return {"words": words}


def _crash() -> None:
    raise RuntimeError("the password is hunter2")


@pytest.fixture
def client() -> Iterator[TestClient]:
    log.configure("CRITICAL")  # a crash is logged in full, which takes seconds where logs are not set up
    router = APIRouter()
    router.add_api_route("/open", _open, methods=["GET", "POST"], dependencies=[public])
    router.add_api_route("/api/v1/open", lambda: {}, methods=["POST"], dependencies=[public])
    router.add_api_route("/crash", _crash, dependencies=[public])
    router.add_api_route("/edit", lambda: {}, methods=["GET", "POST"], dependencies=[requires("edit")])
    with TestClient(application.create_app((router,)), follow_redirects=False) as client:
        yield client


@pytest.mark.parametrize("path", ["/open", "/crash", "/nothing", "/static/desk.css", "/edit"])
def test_every_answer_carries_the_headers_and_its_own_nonce(client: TestClient, path: str) -> None:
    first, second = client.get(path).headers, client.get(path).headers
    nonces = [
        re.findall(r"script-src 'nonce-([\w-]{20,})'", answer["content-security-policy"]) for answer in (first, second)
    ]
    assert all(len(found) == 1 for found in nonces)
    assert nonces[0] != nonces[1]
    assert "frame-ancestors 'none'" in first["content-security-policy"]
    assert "unsafe" not in first["content-security-policy"]
    assert first["x-content-type-options"] == "nosniff"
    assert first["referrer-policy"] == "same-origin"


def test_a_crash_is_answered_without_its_details(client: TestClient) -> None:
    answer = client.get("/crash")
    assert answer.status_code == 500
    assert "hunter2" not in answer.text


def _post(client: TestClient, headers: dict[str, str] | None = None, **fields: str) -> int:
    client.cookies.set(security.visit_cookie(), SECRET)
    return client.post("/open", data=fields, headers=headers or {}).status_code


def test_a_form_of_ours_is_taken_with_its_token_in_field_or_header(client: TestClient) -> None:
    token = security.csrf_token(SECRET)
    assert _post(client, csrf_token=token) == 200
    assert _post(client, {"X-CSRF-Token": token}) == 200
    assert _post(client, {"Origin": "http://testserver"}, csrf_token=token) == 200


@pytest.mark.parametrize(
    ("headers", "token"),
    [
        ({}, ""),
        ({}, "made-up"),
        ({}, security.csrf_token("somebody-else")),
        ({"Origin": "http://evil.example"}, security.csrf_token(SECRET)),
        ({"Origin": "null"}, security.csrf_token(SECRET)),
        ({"Sec-Fetch-Site": "cross-site"}, security.csrf_token(SECRET)),
        ({"Sec-Fetch-Site": "same-site"}, security.csrf_token(SECRET)),
    ],
    ids=["none", "made-up", "another's", "another-origin", "null-origin", "cross-site", "same-site"],
)
def test_a_forged_form_is_refused(client: TestClient, headers: dict[str, str], token: str) -> None:
    assert _post(client, headers, csrf_token=token) == 403


def test_the_api_asks_for_a_token_only_where_a_browser_adds_a_cookie(client: TestClient) -> None:
    assert client.post("/api/v1/open").status_code == 200
    client.cookies.set(security.session_cookie(), "session")
    assert client.post("/api/v1/open").status_code == 403
    assert client.post("/api/v1/open", headers={"X-CSRF-Token": security.csrf_token("session")}).status_code == 200


def test_strangers_are_sent_to_sign_in_and_back(client: TestClient) -> None:
    answer = client.get("/edit?show=all")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=/edit%3Fshow%3Dall"
    assert client.get("/edit", headers={"HX-Request": "true"}).headers["hx-redirect"] == "/sign-in"


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x", "", None, "/a\nb"]
)
def test_nobody_is_sent_to_another_host(target: str | None) -> None:
    assert security.safe_next(target) == "/"


def test_a_path_of_ours_is_kept() -> None:
    assert security.safe_next("/jobs?state=all#x") == "/jobs?state=all#x"


def test_cookies_are_bound_to_the_host_behind_https(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STONEHAND_PUBLIC_URL", "https://desk.example")
    config.settings.cache_clear()
    assert security.session_cookie() == "__Host-stonehand_session"


def test_tokens_differ_each_time_and_are_bound_to_one_cookie() -> None:
    first, second = security.csrf_token(SECRET), security.csrf_token(SECRET)
    assert first != second
    assert security.csrf_valid(SECRET, first)
    assert security.csrf_valid(SECRET, second)
    assert not security.csrf_valid("other", first)


def test_a_route_that_declares_no_permission_stops_the_start() -> None:
    router = APIRouter()
    router.add_api_route("/forgotten", lambda: {})
    with pytest.raises(application.PermissionUndeclared, match="/forgotten"):
        application.create_app((router,))


def test_every_route_of_the_product_declares_its_permission() -> None:
    made: FastAPI = application.create_app()
    assert application.undeclared(made) == []
