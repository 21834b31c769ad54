"""Channels by the API: kinds say what they need, and a test says who we are there."""

from __future__ import annotations

import pytest

from tests.lookalikes import mastodon as lookalike
from tests.lookalikes import receiver
from tests.web.api.conftest import As
from tests.web.api.test_contract import is_problem

pytestmark = pytest.mark.usefixtures("pipeline", "near")


def test_a_kind_says_what_it_needs_and_what_it_can(as_: As) -> None:
    found = {each["kind"]: each for each in as_("viewer").get("/api/v1/channels/kinds").json()["items"]}
    assert found["mastodon"]["abilities"] == ["update", "retract", "test"]
    assert found["listmonk"]["abilities"] == ["retract", "test", "drafts"]
    assert set(found["ghost"]["abilities"]) == {"update", "retract", "test", "drafts"}
    settings = {each["name"]: each for each in found["mastodon"]["settings"]}
    assert settings["access_token"]["sort"] == "password"
    assert "Development" in settings["access_token"]["hint"]
    assert settings["visibility"]["choices"] == ["public", "unlisted", "private"]


def test_a_channel_is_tested_and_nothing_is_published(as_: As) -> None:
    admin = as_("admin")
    with lookalike.Mastodon.running() as server:
        config = {"url": server.url, "access_token": lookalike.TOKEN}
        made = admin.post("/api/v1/channels", json={"kind": "mastodon", "name": "Account", "config": config})
        assert made.status_code == 201, made.text
        assert lookalike.TOKEN not in made.text
        path = f"/api/v1/channels/{made.json()['id']}/test"
        assert "@desk lets us in" in admin.post(path).json()["words"]
        assert as_("publisher").post(path).status_code == 403
        assert server.statuses == {}
        server.token = "another"
        refused = admin.post(path)
        assert is_problem(refused, 422)
        assert "access token is invalid" in refused.json()["detail"]
        assert lookalike.TOKEN not in refused.text
    assert is_problem(admin.post(path), 503)
    assert is_problem(admin.post("/api/v1/channels/nothing/test"), 404)


def test_a_publisher_of_before_is_a_channel(as_: As) -> None:
    admin = as_("admin")
    with receiver.Receiver.running() as hook:
        config = {"url": hook.url, "signing_secret": receiver.SECRET, "auth": "bearer", "token": receiver.TOKEN}
        made = admin.post("/api/v1/publishers", json={"type": "webhook", "config": config}).json()
        assert (made["name"], made["type"], made["is_active"]) == ("webhook", "webhook", True)
        assert made["config"] == {"url": hook.url, "auth": "bearer"}
        path = f"/api/v1/publishers/{made['id']}"
        assert as_("viewer").get("/api/v1/publishers").json() == [made] == [as_("viewer").get(path).json()]
        assert as_("viewer").get(f"/api/v1/channels/{made['id']}").json()["kind"] == "webhook"
        assert admin.post(f"{path}/test").json() == {
            "success": True,
            "message": "The receiver took a test message (200).",
        }
        hook.bearer = "another"
        refused = admin.post(f"{path}/test").json()
        assert (refused["success"], "who are you?" in refused["message"]) == (False, True)
    assert as_("publisher").delete(path).status_code == 403
    assert admin.delete(path).status_code == 204
    assert is_problem(admin.get(path), 404)
