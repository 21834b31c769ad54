"""Platforms by the API: who may, what is said, and that no password comes back."""

from __future__ import annotations

import pytest

from stonehand.db import Database
from stonehand.jobs.testing import run_all
from tests.lookalikes.writing_platform import WritingPlatform
from tests.web.api.conftest import As
from tests.web.api.test_contract import is_problem

pytestmark = pytest.mark.usefixtures("pipeline", "near")
WISH = {"name": "Werkstatt", "permission": "Frau von Arx, 3 March 2026", "config": {"preset": "mymoment"}}
SECRET = "hunter-two-words"


def test_a_login_is_added_tried_and_changed(as_: As, database: Database) -> None:
    admin = as_("admin")
    with WritingPlatform.running() as site:
        made = admin.post("/api/v1/platforms", json={**WISH, "base_url": site.url, "interval": 0})
        assert made.status_code == 201, made.text
        here = f"/api/v1/platforms/{made.json()['id']}"
        added = admin.post(f"{here}/logins", json={"username": "bot3a", "password": "very-wrong-one"})
        assert (added.status_code, added.json()["state"]) == (201, "ready")
        login = f"{here}/logins/{added.json()['id']}"
        assert admin.post(f"{login}/test").status_code == 202
        run_all(database, rounds=1, queues=("publishing",))
        refused = as_("viewer").get(f"{here}/logins").json()["items"][0]
        assert refused["state"] == "refused"
        assert "Passwort falsch" in refused["trouble"]
        changed = admin.patch(login, json={"password": SECRET})
        assert (changed.json()["state"], changed.json()["trouble"]) == ("ready", "")
        admin.post(f"{login}/test")
        run_all(database, rounds=1, queues=("publishing",))
        known = admin.get(f"{here}/logins")
        assert known.json()["items"][0]["shown_as"] == "Chat Bot"
        assert SECRET not in f"{added.text}{changed.text}{known.text}{admin.get(here).text}"
    assert admin.patch(login, json={"is_enabled": False}).json()["state"] == "off"
    assert admin.delete(login).status_code == 204
    assert admin.delete(here).status_code == 204
    assert admin.get("/api/v1/platforms").json()["items"] == []


def test_what_is_wrong_is_said(as_: As) -> None:
    admin, wish = as_("admin"), {**WISH, "base_url": "https://a.example"}
    assert is_problem(admin.post("/api/v1/platforms", json={**wish, "permission": " "}), 422)
    assert (
        "index.pth"
        in admin.post(
            "/api/v1/platforms", json={**wish, "config": {"preset": "mymoment", "index": {"pth": "/"}}}
        ).json()["detail"]
    )
    closed = admin.post("/api/v1/platforms", json={**wish, "base_url": "http://10.1.2.3"})
    assert is_problem(closed, 422)
    assert "10.1.2.3 is inside a private or reserved network" in closed.json()["detail"]
    assert (
        "metadata" in admin.post("/api/v1/platforms", json={**wish, "base_url": "http://[::ffff:169.254.169.254]"}).text
    )
    made = admin.post("/api/v1/platforms", json=wish).json()["id"]
    assert is_problem(admin.post("/api/v1/platforms", json=wish), 409)
    other = admin.post("/api/v1/platforms", json={**wish, "name": "Other"}).json()["id"]
    login = admin.post(f"/api/v1/platforms/{made}/logins", json={"username": "a", "password": "b"}).json()["id"]
    assert is_problem(admin.post(f"/api/v1/platforms/{other}/logins/{login}/test"), 404)
    assert as_("publisher").post(f"/api/v1/platforms/{made}/logins/{login}/test").status_code == 403
    assert as_("editor").post("/api/v1/platforms", json={**wish, "name": "Third"}).status_code == 403


def test_a_platform_is_changed(as_: As) -> None:
    admin, wish = as_("admin"), {**WISH, "base_url": "https://a.example", "disclosure": " By a   program. "}
    made = admin.post("/api/v1/platforms", json=wish).json()
    assert (made["disclosure"], made["most_per_login_a_day"]) == ("By a program.", 50)
    admin.post("/api/v1/platforms", json={**wish, "name": "Other"})
    here = f"/api/v1/platforms/{made['id']}"
    told = {"interval": 2, "most_a_day": 9, "language": "de", "disclosure": "", "permission": "Herr Iten, 4 May"}
    assert admin.patch(here, json=told).json() == {**made, **told}
    assert is_problem(admin.patch(here, json={"name": "Other"}), 409)
    assert admin.patch(here, json={"name": "Werkstatt"}).status_code == 200
    for unfit in (
        {"permission": " "},
        {"disclosure": "-"},
        {"language": "Deutsch!"},
        {"base_url": "https://b.example"},
    ):
        assert is_problem(admin.patch(here, json=unfit), 422)
    assert "index.pth" in admin.patch(here, json={"config": {"preset": "mymoment", "index": {"pth": 1}}}).text
    assert as_("publisher").patch(here, json={"interval": 0}).status_code == 403
    assert admin.get(here).json() == {**made, **told}
