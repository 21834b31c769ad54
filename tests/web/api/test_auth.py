"""Coming in, tokens, people, and the audit log."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from stonehand.accounts import entering
from stonehand.accounts.permissions import Person
from stonehand.db import Database
from stonehand.web import security
from tests.web.api.conftest import PASSWORD, As
from tests.web.api.test_contract import is_problem

CREDENTIALS = {"email": "Editor@example.org", "password": PASSWORD}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.usefixtures("people")
def test_a_person_signs_in_works_and_signs_out(client: TestClient) -> None:
    entered = client.post("/api/v1/auth/login", json=CREDENTIALS).json()
    assert entered["token_type"] == "bearer"
    assert entered["expires_in"] == 12 * 3600
    headers = bearer(entered["access_token"])
    me = client.get("/api/v1/auth/me", headers=headers).json()
    assert (me["email"], me["permissions"]) == ("editor@example.org", ["read", "edit"])
    assert client.post("/api/v1/auth/logout", headers=headers).status_code == 204
    assert is_problem(client.get("/api/v1/auth/me", headers=headers), 401)


@pytest.mark.usefixtures("people")
def test_a_wrong_password_is_refused_without_saying_more_than_that(client: TestClient) -> None:
    wrong = client.post("/api/v1/auth/login", json={**CREDENTIALS, "password": "eight grey herons"})
    nobody = client.post("/api/v1/auth/login", json={**CREDENTIALS, "email": "nobody@example.org"})
    assert is_problem(wrong, 401)
    assert is_problem(nobody, 401)
    assert wrong.json()["detail"] == nobody.json()["detail"]


@pytest.mark.usefixtures("people")
def test_a_cookie_alone_changes_nothing(client: TestClient, as_: As) -> None:
    """A browser adds cookies by itself, so a request that comes with one must prove where it comes from."""
    entered = client.post("/api/v1/auth/login", json=CREDENTIALS).json()
    client.cookies.set(security.session_cookie(), entered["access_token"])
    assert is_problem(client.post("/api/v1/auth/login", json=CREDENTIALS), 403)


def test_the_first_administrator_comes_by_the_setup_link_once(client: TestClient, database: Database) -> None:
    with database.transaction() as session:
        secret = entering.make_setup_link(session)
    wish = {"secret": secret, "email": "ada@example.org", "name": "Ada", "password": PASSWORD}
    made = client.post("/api/v1/auth/setup", json=wish)
    assert (made.status_code, made.json()["role"]) == (201, "admin")
    assert is_problem(client.post("/api/v1/auth/setup", json=wish), 409)


def test_a_token_is_shown_once_narrow_and_ends_at_once(as_: As, client: TestClient) -> None:
    editor = as_("editor")
    made = editor.post("/api/v1/auth/tokens", json={"name": "reader", "scopes": ["read"]}).json()
    listed = editor.get("/api/v1/auth/tokens").json()["items"]
    assert made["id"] in [token["id"] for token in listed]
    assert all("secret" not in token for token in listed)
    headers = bearer(made["secret"])
    assert client.get("/api/v1/sources", headers=headers).status_code == 200
    assert is_problem(client.post("/api/v1/sources/x/pause", headers=headers), 403)
    assert editor.delete(f"/api/v1/auth/tokens/{made['id']}").status_code == 204
    assert is_problem(client.get("/api/v1/sources", headers=headers), 401)


def test_a_token_cannot_do_more_than_its_owner(as_: As) -> None:
    answer = as_("viewer").post("/api/v1/auth/tokens", json={"name": "mighty", "scopes": ["admin"]})
    assert is_problem(answer, 403)


def test_nobody_revokes_a_strangers_token(as_: As) -> None:
    made = as_("editor").post("/api/v1/auth/tokens", json={"name": "mine", "scopes": ["read"]}).json()
    assert is_problem(as_("viewer").delete(f"/api/v1/auth/tokens/{made['id']}"), 404)


def test_an_administrator_adds_changes_and_closes_accounts(as_: As, client: TestClient) -> None:
    admin = as_("admin")
    wish = {"email": "mira@example.org", "name": "Mira", "role": "editor", "password": PASSWORD}
    made = admin.post("/api/v1/users", json=wish)
    assert made.status_code == 201
    assert is_problem(admin.post("/api/v1/users", json=wish), 409)
    path = f"/api/v1/users/{made.json()['id']}"
    assert admin.patch(path, json={"role": "publisher"}).json()["role"] == "publisher"
    assert admin.patch(path, json={"is_active": False}).json()["is_active"] is False
    login = client.post("/api/v1/auth/login", json={"email": "mira@example.org", "password": PASSWORD})
    assert is_problem(login, 401)
    deeds = admin.get("/api/v1/audit", params={"kind": "user", "object_id": made.json()["id"]}).json()["items"]
    assert [deed["verb"] for deed in deeds] == ["deactivated", "set role", "added"]


def test_the_last_administrator_stays(as_: As, people: dict[str, Person]) -> None:
    path = f"/api/v1/users/{people['admin'].id}"
    assert is_problem(as_("admin").patch(path, json={"role": "viewer"}), 409)


def test_a_new_password_ends_the_sessions(as_: As, client: TestClient, people: dict[str, Person]) -> None:
    headers = bearer(client.post("/api/v1/auth/login", json=CREDENTIALS).json()["access_token"])
    wrong = {"current": "not this one at all", "password": "nine blue herons"}
    assert is_problem(client.put("/api/v1/auth/password", json=wrong, headers=headers), 401)
    right = {**wrong, "current": PASSWORD}
    assert client.put("/api/v1/auth/password", json=right, headers=headers).status_code == 204
    assert is_problem(client.get("/api/v1/auth/me", headers=headers), 401)


def test_no_answer_shows_a_password(as_: As) -> None:
    for answer in (
        as_("admin").get("/api/v1/users"),
        as_("admin").post("/api/v1/users", json={"email": "x", "password": PASSWORD}),
    ):
        assert "password_hash" not in answer.text
        assert PASSWORD not in answer.text
