"""From a story to a published piece, all by the API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from stonehand.accounts.permissions import Person
from stonehand.db import Database
from stonehand.jobs.testing import run_all
from stonehand.reviews import service as reviewing
from tests.drafts import world
from tests.web.api.conftest import As
from tests.web.api.test_contract import is_problem

pytestmark = pytest.mark.usefixtures("pipeline")
LATER = ("generation", "reviews", "publishing")


@pytest.fixture
def story(database: Database) -> str:
    with database.transaction() as session:
        return world.story(session)


@pytest.fixture
def draft(as_: As, story: str, database: Database) -> dict[str, Any]:
    """A written draft with its open review."""
    answer = as_("editor").post(f"/api/v1/stories/{story}/draft")
    assert answer.status_code == 202, answer.text
    run_all(database, queues=LATER)
    found: dict[str, Any] = as_("viewer").get(f"/api/v1/drafts/{answer.json()['id']}").json()
    return found


def channel(as_: As) -> dict[str, Any]:
    wish = {"kind": "folder", "name": "Folder", "config": {"base_url": "https://n.example/"}}
    answer = as_("admin").post("/api/v1/channels", json=wish)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_stories_are_ranked_and_told(as_: As, database: Database) -> None:
    with database.transaction() as session:
        ids = [world.story(session, rank=rank) for rank in (1.0, 3.0, 2.0)]
    viewer = as_("viewer")
    first = viewer.get("/api/v1/stories", params={"limit": 2}).json()
    rest = viewer.get("/api/v1/stories", params={"limit": 2, "before": first["next"]}).json()
    assert [story["id"] for story in first["items"] + rest["items"]] == [ids[1], ids[2], ids[0]]
    assert rest["next"] is None
    told = viewer.get(f"/api/v1/stories/{ids[1]}").json()
    assert [step["outlet"] for step in told["timeline"]] == ["Harbour Post", "Norwick Daily"]
    assert told["drafts"] == []
    assert viewer.get("/api/v1/stories", params={"words": "norwick bridge"}).json()["items"]
    assert not viewer.get("/api/v1/stories", params={"words": "tunnel"}).json()["items"]


def test_an_article_shows_its_text_and_that_it_is_not_analysed_yet(as_: As, story: str) -> None:
    viewer = as_("viewer")
    listed = viewer.get("/api/v1/articles", params={"limit": 1}).json()
    assert "text" not in listed["items"][0]
    one = viewer.get(f"/api/v1/articles/{listed['items'][0]['id']}").json()
    assert (one["outlet"], one["analysis"]) == ("Norwick Daily", None)
    assert len(one["text"].split()) == one["word_count"]
    assert viewer.get("/api/v1/articles/totals").json()["originals"] == 2


def test_every_sentence_of_a_draft_has_its_source(as_: As, draft: dict[str, Any], story: str) -> None:
    assert (draft["state"], draft["story_id"]) == ("in_review", story)
    revision = draft["revision"]
    assert revision["citations"]
    assert revision["unsupported"] == 0
    assert {one["article_id"] for one in revision["citations"]} <= set(revision["sources"])
    assert draft["reviews"][0]["state"] == "open"


def test_commissioning_twice_gives_one_draft(as_: As, draft: dict[str, Any], story: str) -> None:
    assert as_("editor").post(f"/api/v1/stories/{story}/draft").json()["id"] == draft["id"]


def test_whoever_saves_second_is_told(as_: As, draft: dict[str, Any]) -> None:
    path, editor = f"/api/v1/drafts/{draft['id']}", as_("editor")
    text = "Nobody has said this about purple elephants before.\n\n" + draft["revision"]["markdown"]
    wish = {"markdown": text, "expected_revision_id": draft["current_revision_id"]}
    saved = editor.put(f"{path}/text", json=wish)
    assert saved.status_code == 200, saved.text
    assert saved.json()["revision"]["unsupported"] == 1
    assert [review["state"] for review in saved.json()["reviews"]] == ["open", "superseded"]
    assert is_problem(editor.put(f"{path}/text", json=wish), 409)
    revisions = editor.get(f"{path}/revisions").json()["items"]
    assert [revision["number"] for revision in revisions] == [2, 1]


def test_what_is_approved_is_published_once(
    as_: As, draft: dict[str, Any], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reviewing, "TIME_TO_UNDO", timedelta())
    made = channel(as_)
    waiting = as_("viewer").get("/api/v1/reviews").json()["items"]
    assert [item["draft"]["id"] for item in waiting] == [draft["id"]]
    path = f"/api/v1/reviews/{waiting[0]['review']['id']}"
    assert is_problem(as_("editor").post(f"{path}/approve", json={}), 403)
    approved = as_("publisher").post(f"{path}/approve", json={"channel_ids": [made["id"]], "note": "good"})
    assert (approved.status_code, approved.json()["state"]) == (200, "approved")
    assert is_problem(as_("publisher").post(f"{path}/approve", json={}), 409)
    run_all(database, queues=LATER)
    published = as_("viewer").get("/api/v1/publications").json()["items"]
    assert [(one["state"], one["channel_name"]) for one in published] == [("published", "Folder")]
    assert published[0]["url"].startswith("https://n.example/")
    one = as_("viewer").get(f"/api/v1/publications/{published[0]['id']}").json()
    assert one == published[0]
    assert is_problem(as_("publisher").post(f"/api/v1/publications/{one['id']}/retry"), 409)
    after = as_("viewer").get(f"/api/v1/drafts/{draft['id']}").json()
    assert after["publications"] == published


def test_an_approval_for_later_can_be_taken_back(as_: As, draft: dict[str, Any]) -> None:
    channel(as_)
    path, publisher = f"/api/v1/reviews/{draft['reviews'][0]['id']}", as_("publisher")
    due = datetime.now(UTC) + timedelta(hours=2)
    approved = publisher.post(f"{path}/approve", json={"due_at": due.isoformat()}).json()
    assert abs(datetime.fromisoformat(approved["due_at"]) - due) < timedelta(seconds=5)
    assert publisher.post(f"{path}/undo").json()["state"] == "open"
    assert is_problem(publisher.post(f"{path}/undo"), 409)


@pytest.mark.parametrize(("verb", "state"), [("request-changes", "changes_requested"), ("reject", "rejected")])
def test_a_draft_is_sent_back_or_dropped_with_a_reason(
    as_: As, draft: dict[str, Any], people: dict[str, Person], verb: str, state: str
) -> None:
    path = f"/api/v1/reviews/{draft['reviews'][0]['id']}"
    decided = as_("editor").post(f"{path}/{verb}", json={"note": "too long"}).json()
    assert (decided["state"], decided["note"]) == (state, "too long")
    assert decided["decided_by"] == people["editor"].id
    assert as_("viewer").get(f"/api/v1/drafts/{draft['id']}").json()["state"] == state
    listed = as_("viewer").get("/api/v1/reviews", params={"state": state}).json()["items"]
    assert [item["review"]["id"] for item in listed] == [decided["id"]]
    rewritten = as_("editor").post(f"/api/v1/drafts/{draft['id']}/rewrite")
    assert rewritten.status_code == (202 if state == "changes_requested" else 409)


def test_a_channel_is_added_changed_switched_off_and_forgotten(as_: As) -> None:
    made, admin = channel(as_), as_("admin")
    path = f"/api/v1/channels/{made['id']}"
    wish = {"kind": "folder", "name": "Folder", "config": {"base_url": "https://n.example/"}}
    assert is_problem(admin.post("/api/v1/channels", json=wish), 409)
    changed = admin.patch(path, json={"name": "Site", "is_enabled": False}).json()
    assert (changed["name"], changed["is_enabled"], changed["config"]) == ("Site", False, made["config"])
    assert is_problem(admin.patch(path, json={"config": {"base_url": "ftp://n.example"}}), 422)
    kinds = as_("viewer").get("/api/v1/channels/kinds").json()["items"]
    assert {"folder", "ghost", "listmonk", "mastodon", "webhook", "wordpress"} <= {kind["kind"] for kind in kinds}
    assert admin.delete(path).status_code == 204
    assert is_problem(admin.get(path), 404)
    deeds = admin.get("/api/v1/audit", params={"kind": "channel"}).json()["items"]
    assert [deed["verb"] for deed in deeds] == ["removed", "switched off", "edited", "added"]


def test_a_channel_of_an_unknown_kind_names_those_that_exist(as_: As) -> None:
    answer = as_("admin").post("/api/v1/channels", json={"kind": "pigeon", "name": "Coo"})
    assert is_problem(answer, 404)
    assert "folder" in answer.json()["detail"]
