"""The gate by the API: decisions about many, comments, the trail, policies, the brake, corrections, times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from stonehand.channels import service as channels
from stonehand.db import Database
from stonehand.drafts import queries as drafts
from stonehand.jobs.testing import run_all
from stonehand.nlp import embedding, lexical
from stonehand.publications import queries as publications
from stonehand.publications.models import Publication, PublicationChange
from stonehand.reviews import service
from stonehand.timing import wishes
from tests.publications.kinds import Changeable
from tests.reviews import desk
from tests.reviews.desk import ANN
from tests.web.api.conftest import As

pytestmark = pytest.mark.usefixtures("pipeline")
API = "/api/v1"


@pytest.fixture(autouse=True)
def board(monkeypatch: pytest.MonkeyPatch) -> Changeable:
    made = Changeable()
    monkeypatch.setattr(channels, "plugin", lambda _kind: made)
    monkeypatch.setattr(embedding, "embed", lexical.hashed)
    return made


@pytest.fixture
def site(database: Database) -> str:
    with database.transaction() as session:
        return desk.channel(session, "site")


@pytest.fixture
def waiting(database: Database, site: str) -> list[str]:
    return [each.id for each in desk.written(database, 2)]


@pytest.fixture
def shown(database: Database, waiting: list[str]) -> Publication:
    with database.transaction() as session:
        service.approve(session, waiting[0], ANN, accept_unsupported=True, time_to_undo=timedelta())
    run_all(database)
    with database.read() as session:
        return publications.newest(session)[0]


def test_many_are_decided_about_and_taken_back(as_: As, waiting: list[str]) -> None:
    editor = as_("editor")
    assert editor.post(f"{API}/reviews/bulk/count", json={"language": "fr"}).json() == {"count": 0}
    assert as_("viewer").post(f"{API}/reviews/bulk", json={"decision": "reject"}).status_code == 403
    assert editor.post(f"{API}/reviews/bulk", json={"decision": "approve"}).status_code == 403
    assert editor.post(f"{API}/reviews/bulk", json={"decision": "request_changes"}).status_code == 422
    assert editor.post(f"{API}/reviews/bulk", json={"decision": "burn"}).status_code == 422
    done = editor.post(f"{API}/reviews/bulk", json={"decision": "reject", "note": "Old."})
    assert (done.status_code, done.json()["decided"], done.json()["state"]) == (202, 2, "done")
    address = f"{API}/reviews/bulk/{done.json()['id']}"
    assert editor.get(address).json()["total"] == 2
    assert editor.post(f"{address}/undo").json() == {"taken_back": 2, "too_late": 0}
    assert editor.get(f"{API}/reviews/{waiting[0]}").json()["state"] == "open"
    assert editor.get(f"{API}/reviews/bulk/nothing").status_code == 404


def test_a_comment_holds_up_until_it_is_dealt_with_and_the_trail_says_so(as_: As, waiting: list[str]) -> None:
    editor, here = as_("editor"), f"{API}/reviews/{waiting[0]}"
    made = editor.post(f"{here}/comments", json={"body": "Ask the council.", "must": True})
    assert (made.status_code, made.json()["must"]) == (201, True)
    assert as_("viewer").post(f"{here}/comments", json={"body": "x"}).status_code == 403
    assert editor.post(f"{here}/comments", json={"body": ""}).status_code == 422
    assert editor.post(f"{API}/reviews/nothing/comments", json={"body": "x"}).status_code == 404
    wrong = {"body": "x", "answers": made.json()["id"]}
    assert editor.post(f"{API}/reviews/{waiting[1]}/comments", json=wrong).status_code == 404
    held = as_("publisher").post(f"{here}/approve", json={"accept_unsupported": True})
    assert (held.status_code, "CommentsUnresolved" in held.json()["type"]) == (409, True)
    resolve = f"{API}/reviews/comments/{made.json()['id']}/resolve"
    assert editor.post(resolve, json={}).json()["resolved_by"] == "Editor"
    assert editor.post(resolve, json={"is_resolved": False}).json()["resolved_by"] is None
    assert editor.post(f"{API}/reviews/comments/nothing/resolve", json={}).status_code == 404
    assert [each["body"] for each in editor.get(f"{here}/comments").json()["items"]] == ["Ask the council."]
    trail = [(each["actor_name"], each["verb"]) for each in editor.get(f"{here}/trail").json()["items"]]
    assert trail[0] == ("Editor", "reopened a comment on")
    assert editor.get(f"{API}/reviews/nothing/trail").status_code == 404


def test_a_policy_is_written_switched_and_refused(as_: As, site: str) -> None:
    admin, here = as_("admin"), f"{API}/channels/{site}/policy"
    wish = {
        "reason": "Weather notes of one agency",
        "daily_cap": 2,
        "expires_at": f"{datetime.now(UTC) + timedelta(days=5):%Y-%m-%dT%H:%M:%SZ}",
    }
    assert admin.post(f"{here}/switch", json={"is_on": True}).status_code == 404
    assert as_("publisher").put(here, json=wish).status_code == 403
    assert admin.put(here, json=wish | {"daily_cap": 0}).status_code == 422
    assert admin.put(here, json=wish | {"expires_at": "2001-01-01T00:00:00Z"}).status_code == 422
    assert admin.put(f"{API}/channels/nowhere/policy", json=wish).status_code == 404
    assert admin.put(here, json=wish).json()["is_on"] is False
    assert as_("publisher").post(f"{here}/switch", json={"is_on": True}).status_code == 403
    assert admin.post(f"{here}/switch", json={"is_on": True}).json()["is_on"] is True
    assert [each["state"] for each in admin.get(f"{API}/policies").json()["items"]] == ["decides"]
    assert as_("publisher").post(f"{here}/switch", json={"is_on": False}).json()["is_on"] is False
    assert admin.put(f"{API}/channels/{site}/eyes", json={"eyes": "two"}).json()["eyes"] == "two"
    assert admin.put(f"{API}/channels/{site}/eyes", json={"eyes": "many"}).status_code == 422
    assert admin.put(f"{API}/channels/nowhere/eyes", json={"eyes": "two"}).status_code == 404
    assert admin.delete(here).status_code == 204
    assert admin.get(f"{API}/policies").json()["items"] == []


def test_everything_stops_and_goes_on(as_: As) -> None:
    publisher = as_("publisher")
    assert as_("editor").post(f"{API}/brake/stop", json={"reason": "x"}).status_code == 403
    stopped = publisher.post(f"{API}/brake/stop", json={"reason": "A wrong name"}).json()
    assert (stopped["stopped"], stopped["stop"]["reason"]) == (True, "A wrong name")
    assert as_("viewer").get(f"{API}/brake").json()["stopped"] is True
    assert as_("editor").post(f"{API}/brake/resume", json={}).status_code == 403
    assert publisher.post(f"{API}/brake/resume", json={}).json() == {"stopped": False, "stop": None}
    assert publisher.post(f"{API}/brake/resume", json={}).status_code == 200, "again does no harm"


def test_a_piece_is_corrected_after_its_review(as_: As, database: Database, shown: Publication) -> None:
    editor, here = as_("editor"), f"{API}/publications/{shown.id}"
    with database.read() as session:
        text = drafts.piece(session, shown.revision_id).markdown
    wish = {"markdown": f"It costs 3.\n\n{text}", "note": "The price."}
    assert as_("viewer").post(f"{here}/correct", json=wish).status_code == 403
    assert editor.post(f"{here}/correct", json=wish | {"markdown": text}).status_code == 422
    assert editor.post(f"{API}/publications/nothing/correct", json=wish).status_code == 404
    opened = editor.post(f"{here}/correct", json=wish)
    assert (opened.status_code, opened.json()["correction"]) == (202, "The price.")
    assert editor.post(f"{here}/correct", json=wish).status_code == 409, "one waits for its review"
    post = editor.get(f"{API}/posts/{shown.draft_id}").json()
    assert (post["status"], post["status_formerly"], post["can"]) == ("correcting", "published", ["edit", "retract"])
    listed = editor.get(f"{API}/posts", params={"status": "correcting"}).json()["items"]
    assert [each["id"] for each in listed] == [shown.draft_id]
    with database.transaction() as session:
        service.approve(session, opened.json()["id"], ANN, accept_unsupported=True, time_to_undo=timedelta())
    run_all(database)
    (change,) = editor.get(f"{here}/changes").json()["items"]
    assert (change["kind"], change["state"]) == ("correction", "done")


def test_a_piece_is_taken_back_and_doubts_are_settled(as_: As, database: Database, shown: Publication) -> None:
    publisher, here = as_("publisher"), f"{API}/publications/{shown.id}"
    assert as_("editor").post(f"{here}/retract", json={"reason": "x"}).status_code == 403
    assert publisher.post(f"{here}/retract", json={"reason": ""}).status_code == 422
    assert publisher.post(f"{here}/retract", json={"reason": "Made up."}).json()["state"] == "retracting"
    assert publisher.post(f"{here}/retract", json={"reason": "Again."}).status_code == 409
    assert publisher.get(f"{API}/posts/{shown.draft_id}").json()["status"] == "retracting"
    (change,) = publisher.get(f"{here}/changes").json()["items"]
    about = f"{API}/publications/changes/{change['id']}"
    assert publisher.post(f"{about}/retry").status_code == 409
    assert publisher.post(f"{API}/publications/changes/nothing/retry").status_code == 404
    with database.transaction() as session:
        session.get_one(PublicationChange, change["id"]).state = "needs_reconcile"
    assert as_("editor").post(f"{about}/happened").status_code == 403
    assert publisher.post(f"{about}/missing").json()["state"] == "waiting"
    run_all(database)
    assert publisher.get(here).json()["state"] == "retracted"
    assert publisher.get(f"{API}/posts/{shown.draft_id}").json()["status"] == "retracted"
    assert publisher.post(f"{about}/happened").status_code == 409


def test_an_approval_names_its_time(as_: As, database: Database, waiting: list[str]) -> None:
    publisher, here = as_("publisher"), f"{API}/reviews/{waiting[0]}/approve"
    at = (datetime.now(UTC) + timedelta(days=2)).replace(hour=9, minute=30, second=0, microsecond=0)
    wish = {"accept_unsupported": True, "timezone": "UTC"}
    assert publisher.post(here, json=wish | {"scheduled_at": "soon"}).status_code == 422
    assert publisher.post(here, json=wish | {"scheduled_at": "2001-01-01T09:00"}).status_code == 422
    assert (
        publisher.post(here, json=wish | {"scheduled_at": f"{at:%Y-%m-%dT%H:%M}", "timezone": "Moon"}).status_code
        == 422
    )
    both = {"scheduled_at": f"{at:%Y-%m-%dT%H:%M}", "due_at": f"{at:%Y-%m-%dT%H:%M:%SZ}"}
    assert publisher.post(here, json=wish | both).status_code == 422
    made = publisher.post(here, json=wish | {"scheduled_at": f"{at:%Y-%m-%dT%H:%M}"}).json()
    assert made["state"] == "approved"
    with database.read() as session:
        assert [each.due_at for each in wishes.of_draft(session, made["draft_id"])] == [at]
