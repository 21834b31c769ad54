"""Agents over the API, and the old doors to them."""

from __future__ import annotations

from typing import Any

import pytest

from stonehand.db import Database
from stonehand.jobs.models import Job
from tests.agents.conftest import FINAL, GATES, HERONS, _trip, finish, shelved  # noqa: F401  a fixture
from tests.library.conftest import source
from tests.web.api.conftest import As
from tests.web.api.test_contract import is_problem

AGENTS = "/api/v1/agents"


def test_from_a_wish_to_a_draft(as_: As, database: Database) -> None:
    shelved(database, "Tide gates of Port Ellis to be rebuilt", GATES)
    shelved(database, "Rovers lose the cup final", FINAL)
    editor, viewer = as_("editor"), as_("viewer")
    wish = {
        "name": "Harbour desk",
        "brief": "tide gates and the harbour of Port Ellis",
        "post_length": "long",
        "schedule_cron": "0 9 * * MON-FRI",
        "timezone": "Europe/Zurich",
        "missed": "run_once",
        "quotas": {"posts_per_day": 1, "money_per_month": 2.5},
    }
    made = editor.post(AGENTS, json=wish)
    assert made.status_code == 201
    agent = made.json()
    assert (agent["length"], agent["missed"], agent["state"]) == ("long", "once", "active")
    assert agent["schedule_words"] == "every weekday at 09:00 (Europe/Zurich)"
    assert len(agent["next_runs"]) == 5
    at = f"{AGENTS}/{agent['id']}"
    plan = viewer.get(f"{AGENTS}/Harbour desk/next").json()
    assert [each["title"] for each in plan["would_write"]] == ["Tide gates of Port Ellis to be rebuilt"]
    assert "not what it writes about" in plan["others"][0]["why_not"]
    assert [part["name"] for part in plan["would_write"][0]["parts"]] == ["relevance", "freshness", "search"]
    asked = editor.post(f"{at}/run")
    assert asked.status_code == 202
    finish(database)
    status = viewer.get(f"/api/v1/tasks/status/{asked.json()['task_id']}").json()
    assert (status["status"], status["result"]["success"]) == ("SUCCESS", True)
    [run] = viewer.get(f"{at}/runs").json()["items"]
    assert (run["state"], run["words"], run["draft_id"]) == (
        "written",
        "asked for by hand",
        status["result"]["post_id"],
    )
    assert viewer.get(at).json()["used_today"] == {"posts": 1, "tokens": 0, "money": 0.0}
    refused = editor.post(f"{at}/run")
    assert is_problem(refused, 402)
    assert "has used 1 of 1 posts" in refused.json()["detail"]
    assert "has used 1 of 1 posts" in viewer.get(f"{at}/next").json()["blocks"][0]
    assert editor.delete(at).status_code == 204
    assert is_problem(viewer.get(at), 404)
    assert len(viewer.get(f"{at}/runs").json()["items"]) == 1
    assert viewer.get(AGENTS).json()["items"] == []


def test_only_what_is_said_changes(as_: As, database: Database) -> None:
    editor, feed = as_("editor"), source(database, "Harbour Feed")
    wish = {"name": "Desk", "tone": "dry", "source_ids": [feed], "quotas": {"posts_per_day": 3, "tokens_per_day": 9000}}
    at = f"{AGENTS}/{editor.post(AGENTS, json=wish).json()['id']}"
    first = editor.put(at, json={"schedule_cron": "0 9 * * MON"}).json()
    assert (first["schedule_cron"], first["tone"], first["source_ids"]) == ("0 9 * * MON", "dry", [feed])
    zoned = editor.put(at, json={"timezone": "Europe/Warsaw", "quotas": {"posts_per_day": None}}).json()
    assert (zoned["schedule_cron"], zoned["timezone"]) == ("0 9 * * MON", "Europe/Warsaw")
    assert (zoned["quotas"]["posts_per_day"], zoned["quotas"]["tokens_per_day"]) == (None, 9000)
    never = editor.put(at, json={"schedule_cron": "", "source_ids": []}).json()
    assert (never["schedule"], never["next_runs"], never["source_ids"]) == (None, [], [])
    paused = editor.post(f"{at}/pause", params={"why": "holidays"}).json()
    assert (paused["state"], paused["note"]) == ("paused", "by Editor: holidays")
    assert is_problem(editor.post(f"{at}/run"), 409)
    assert editor.post(f"{at}/pause").json()["note"] == "by Editor: holidays"
    assert editor.post(f"{at}/resume").json()["state"] == "active"
    assert is_problem(editor.post(AGENTS, json={"name": "Desk"}), 409)


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"name": " "},
        {"name": "x", "length": "endless"},
        {"name": "x", "schedule_cron": "0 25 * * *"},
        {"name": "x", "schedule_cron": "0 9 * * *", "timezone": "Mars/Olympus"},
        {"name": "x", "missed": "twice"},
        {"name": "x", "quotas": {"posts_per_day": -1}},
        {"name": "x", "quotas": {"posts_per_week": 1}},
        {"name": "x", "source_ids": ["0190-nothing"]},
        {"name": "x", "language": "English, please"},
        {"name": "x", "keywords": ["a" * 200]},
        {"name": "x", "colour": "red"},
    ],
)
def test_wishes_that_cannot_be(as_: As, wish: dict[str, Any]) -> None:
    assert is_problem(as_("editor").post(AGENTS, json=wish), 422)
    assert is_problem(as_("viewer").post(AGENTS, json=wish), 403)


def test_the_old_door_writes_a_post(as_: As, database: Database) -> None:
    shelved(database, "Herons return to the marsh of Orne", HERONS)
    editor = as_("editor")
    agent_id = editor.post(AGENTS, json={"name": "Desk"}).json()["id"]
    wish = {"agent_id": agent_id, "topic": "herons of Orne", "keyword": "herons"}
    made = editor.post("/api/v1/tasks/generate-post", json=wish)
    assert (made.status_code, made.json()["status"], made.json()["message"]) == (
        202,
        "pending",
        "Post generation started",
    )
    finish(database)
    status = as_("viewer").get(f"/api/v1/tasks/status/{made.json()['task_id']}").json()
    assert status["status"] == "SUCCESS"
    assert set(status["result"]) == {"success", "post_id", "title", "word_count", "status"}
    assert (status["result"]["success"], status["result"]["status"]) == (True, "draft")
    nothing = editor.post("/api/v1/tasks/generate-post", json=wish | {"topic": "zeppelins"}).json()["task_id"]
    finish(database)
    told = editor.get(f"/api/v1/tasks/status/{nothing}").json()["result"]
    assert (told["success"], "bears out" in told["error"]) == (False, True)
    [why] = {run["why"] for run in editor.get(f"{AGENTS}/{agent_id}/runs").json()["items"]}
    assert why == "api"


def test_the_old_door_refuses_before_anything_is_asked_for(as_: As, database: Database) -> None:
    editor = as_("editor")
    agent_id = editor.post(AGENTS, json={"name": "Desk", "quotas": {"posts_per_month": 0}}).json()["id"]
    wish = {"agent_id": agent_id, "topic": "herons"}
    assert is_problem(editor.post("/api/v1/tasks/generate-post", json=wish), 402)
    editor.put(f"{AGENTS}/{agent_id}", json={"quotas": {"posts_per_month": None}})
    editor.post(f"{AGENTS}/{agent_id}/pause")
    assert is_problem(editor.post("/api/v1/tasks/generate-post", json=wish), 409)
    assert is_problem(editor.post("/api/v1/tasks/generate-post", json=wish | {"agent_id": "nobody"}), 404)
    with database.read() as session:
        assert session.query(Job).where(Job.task == "agents.write").all() == []


def test_the_old_safety_net_is_asked_for_by_its_name(as_: As, database: Database) -> None:
    made = as_("editor").post("/api/v1/tasks/call", json={"task": "process_agent_schedules"})
    assert made.status_code == 202
    finish(database)
    told = as_("viewer").get(f"/api/v1/tasks/status/{made.json()['task_id']}").json()
    assert told["result"] == {"success": True, "agents_triggered": 0, "runs_settled": 0}


def test_writing_about_one_thing(as_: As, database: Database) -> None:
    editor = as_("editor")
    at = f"{AGENTS}/{editor.post(AGENTS, json={'name': 'Desk'}).json()['id']}"
    assert is_problem(editor.post(f"{at}/write", json={}), 422)
    assert is_problem(editor.post(f"{at}/write", json={"topic": "x", "story_id": "y"}), 422)
    assert editor.post(f"{at}/write", json={"topic": "herons"}).status_code == 202
    assert is_problem(editor.post(f"{at}/write", json={"topic": "herons"}), 409)
    assert is_problem(as_("viewer").post(f"{at}/write", json={"topic": "herons"}), 403)
