"""Prompts in the API."""

from __future__ import annotations

import pytest

from stonehand.db import Database
from stonehand.jobs.testing import run_all
from stonehand.llm import asking, configured
from stonehand.rehearsals import tasks as _declared  # noqa: F401
from tests.drafts import world
from tests.drafts.conftest import quick_vectors
from tests.drafts.honest import HonestModel
from tests.web.api.conftest import As

__all__ = ["quick_vectors"]
HERE = "/api/v1/prompts"


def test_prompts_are_made_edited_compared_and_retired(as_: As, database: Database, pipeline: None) -> None:
    editor, viewer = as_("editor"), as_("viewer")
    assert {each["slug"] for each in viewer.get(HERE).json()["items"]} >= {"news-piece", "digest"}
    assert [each["key"] for each in viewer.get(f"{HERE}/purposes").json()["items"]][:2] == ["write", "rewrite"]
    wish = {"name": "Ours", "purpose": "write", "template": "Write in {{ language }}."}
    assert viewer.post(HERE, json=wish).status_code == 403
    assert editor.post(HERE, json=wish).json()["slug"] == "ours"
    assert editor.post(HERE, json=wish).status_code == 409
    wrong = editor.post(HERE, json={**wish, "name": "Other", "template": "One\n{{ title }}"})
    assert wrong.status_code == 422
    assert wrong.json()["detail"].startswith("line 2: there is no name title")
    assert editor.put(f"{HERE}/news-piece/template", json={"template": "x"}).status_code == 409
    assert editor.put(f"{HERE}/ours/template", json={"template": "Write well."}).json()["version"] == 2
    lines = viewer.get(f"{HERE}/ours/diff?old=1&new=2").json()["items"]
    assert [each["kind"] for each in lines] == ["removed", "added"]
    assert viewer.get(f"{HERE}/ours/diff?old=1&new=9").status_code == 404
    assert [each["number"] for each in viewer.get(f"{HERE}/ours/versions").json()["items"]] == [2, 1]
    assert editor.put(f"{HERE}/ours/default").json()["is_default"] is True
    assert editor.post(f"{HERE}/ours/copy", json={"name": "Theirs"}).json()["template"] == "Write well."
    assert editor.patch(f"{HERE}/ours", json={"name": "Our own"}).json()["name"] == "Our own"
    assert editor.delete(f"{HERE}/ours").json()["retired_at"]
    assert "ours" not in {each["slug"] for each in viewer.get(HERE).json()["items"]}
    assert editor.post(f"{HERE}/ours/bring-back").json()["retired_at"] is None
    assert viewer.get(f"{HERE}/none").status_code == 404


@pytest.mark.usefixtures("quick_vectors")
def test_prompts_are_previewed_tried_and_replayed(
    as_: As, database: Database, pipeline: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor, viewer = as_("editor"), as_("viewer")
    with database.transaction() as session:
        story = world.story(session)
    wish = {"story_id": story, "instructions": {"words": 300, "tone": "calm"}}
    assert viewer.post(f"{HERE}/news-piece/preview", json=wish).status_code == 403
    shown = editor.post(f"{HERE}/news-piece/preview", json=wish)
    assert "Tone: calm." in shown.json()["messages"][0]["text"]
    assert shown.json()["can_ask"] is False
    assert editor.post(f"{HERE}/news-piece/try", json=wish).status_code == 422
    assert editor.post(f"{HERE}/news-piece/preview", json={}).status_code == 422
    assert editor.post(f"{HERE}/news-piece/preview", json={"story_id": "none"}).status_code == 404
    monkeypatch.setattr(asking, "ask", HonestModel().ask)
    monkeypatch.setattr(configured, "is_any", lambda session: True)
    assert editor.post(f"{HERE}/news-piece/replay", json={}).status_code == 422  # there is no draft yet
    assert viewer.post(f"{HERE}/news-piece/try", json=wish).status_code == 403
    tried = editor.post(f"{HERE}/news-piece/try", json={**wish, "template": "Write it."})
    assert tried.status_code == 202
    assert tried.json()["prompt"] == "news-piece, not saved"
    run_all(database, queues=("generation",))
    one = viewer.get(f"/api/v1/rehearsals/{tried.json()['id']}").json()
    assert one["state"] == "done"
    [item] = viewer.get(f"/api/v1/rehearsals/{one['id']}/items").json()["items"]
    assert item["new"]["sentences"] == 3
    assert [each["id"] for each in viewer.get("/api/v1/rehearsals").json()["items"]] == [one["id"]]
