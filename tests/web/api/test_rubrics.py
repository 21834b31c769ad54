"""Rubrics in the API."""

from __future__ import annotations

import pytest

from stonehand.db import Database
from stonehand.jobs.testing import run_all
from stonehand.rubrics import rubric_presets, service
from stonehand.rubrics import tasks as _declared  # noqa: F401
from tests.rubrics.conftest import BE, HAVE
from tests.stories.conftest import words_as_vectors
from tests.web.api.conftest import As
from tests.web.pages import newsroom

__all__ = ["words_as_vectors"]
HERE = "/api/v1/rubrics"


@pytest.fixture
def two(database: Database, pipeline: None) -> tuple[str, str]:
    with database.transaction() as session:
        service.install_presets(session)
        return newsroom.article(session, BE), newsroom.article(session, HAVE)


def test_rubrics_are_made_changed_and_removed(as_: As, two: tuple[str, str]) -> None:
    editor, viewer = as_("editor"), as_("viewer")
    assert len(viewer.get(HERE).json()["items"]) == 6
    said = viewer.get(f"{HERE}/be-do-have").json()["definition"]
    assert viewer.post(HERE, json={"name": "Mine", "definition": said}).status_code == 403
    made = editor.post(HERE, json={"name": "Mine", "definition": said})
    assert made.status_code == 201
    assert editor.post(HERE, json={"name": "mine", "definition": said}).status_code == 409
    wrong = editor.post(HERE, json={"name": "Other", "definition": {"kind": "sum"}})
    assert wrong.status_code == 422
    assert "criteria" in wrong.json()["detail"]
    said["criteria"][0]["weight"] = 2
    assert editor.put(f"{HERE}/mine/definition", json={"definition": said, "note": "x"}).json()["version"] == 2
    assert editor.post(f"{HERE}/mine/versions/1/restore").json()["version"] == 3
    assert editor.post(f"{HERE}/mine/versions/99/restore").status_code == 404
    assert [each["number"] for each in viewer.get(f"{HERE}/mine/versions").json()["items"]] == [3, 2, 1]
    assert editor.patch(f"{HERE}/mine", json={"is_automatic": True}).json()["is_automatic"] is True
    assert editor.post(f"{HERE}/mine/clone", json={"name": "Yours"}).json()["slug"] == "yours"
    assert editor.delete(f"{HERE}/mine").status_code == 204
    assert editor.get(f"{HERE}/mine").status_code == 404
    assert editor.delete(f"{HERE}/be-do-have").status_code == 409
    names = {each["name"] for each in viewer.get(f"{HERE}/measures").json()["items"]}
    assert {"ease", "quality.length", "seo.words", "imperatives"} <= names


def test_articles_are_scored_judged_and_told(as_: As, database: Database, two: tuple[str, str]) -> None:
    editor, viewer = as_("editor"), as_("viewer")
    asked = editor.post(f"{HERE}/be-do-have/score", json={"article_ids": list(two)})
    assert asked.status_code == 202
    run_all(database, queues=("analysis",))
    listed = {each["article_id"]: each for each in viewer.get(f"{HERE}/be-do-have/scores").json()["items"]}
    assert listed[two[0]]["label"] == "BE"
    assert listed[two[0]]["parts"][0]["evidence"]
    assert [each["label"] for each in viewer.get(f"{HERE}/be-do-have/scores?label=HAVE").json()["items"]] == ["HAVE"]
    assert viewer.get(f"/api/v1/articles/{two[0]}/scores").json()["items"][0]["label"] == "BE"
    assert viewer.get(f"{HERE}/be-do-have").json()["tallies"][0]["articles"] == 1
    here = f"{HERE}/be-do-have/judgements"
    assert editor.put(f"{here}/{two[0]}", json={"label": "BE"}).json()["said_by"] == "Editor"
    assert editor.put(f"{here}/{two[0]}", json={"label": "WANT"}).status_code == 422
    assert editor.put(f"{here}/none", json={"label": "BE"}).status_code == 404
    assert len(viewer.get(here).json()["items"]) == 1
    assert editor.delete(f"{here}/{two[0]}").status_code == 204
    assert editor.post(f"{HERE}/be-do-have/calibrate").json()["job_id"]
    assert editor.post(f"{HERE}/be-do-have/calibrate").json()["job_id"] is None
    assert editor.delete(f"{HERE}/be-do-have/calibration").status_code == 204
    assert viewer.get(f"/api/v1/articles/{two[0]}/description").status_code == 404


def test_replays_and_reruns(as_: As, database: Database, two: tuple[str, str]) -> None:
    editor, viewer = as_("editor"), as_("viewer")
    said = rubric_presets.definition("readability").model_dump(mode="json")
    trial = editor.post(f"{HERE}/readability/replay", json={"definition": said}).json()
    assert (trial["kind"], trial["state"]) == ("replay", "waiting")
    assert editor.post(f"/api/v1/trials/{trial['id']}/save").status_code == 409
    run_all(database, queues=("analysis",))
    assert editor.post(f"/api/v1/trials/{trial['id']}/save").status_code == 200
    wish = {"article_ids": list(two), "step": "score", "rubric": "readability"}
    again = editor.post("/api/v1/trials", json=wish).json()
    run_all(database, queues=("analysis",))
    items = viewer.get(f"/api/v1/trials/{again['id']}/items").json()["items"]
    assert len(items) == 2
    assert all(item["old"] is None and item["new"]["parts"] for item in items)
    assert viewer.post(f"/api/v1/trials/{again['id']}/keep", json={"which": "new"}).status_code == 403
    kept = editor.post(f"/api/v1/trials/{again['id']}/keep", json={"which": "new", "article_ids": [two[0]]})
    assert kept.json() == {"articles": 1}
    assert len(viewer.get("/api/v1/trials").json()["items"]) == 2
    assert viewer.get("/api/v1/trials/none").status_code == 404
    assert editor.post("/api/v1/trials", json=wish | {"article_ids": ["none"]}).status_code == 404
