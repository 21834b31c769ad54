"""Schedules by the API."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from stonehand import jobs, pipeline
from stonehand.db import Database
from stonehand.jobs import declaration
from stonehand.jobs.clock import recurring, schedules
from stonehand.jobs.testing import run_all
from tests.web.api.conftest import As
from tests.web.api.test_contract import is_problem

PLACE = "/api/v1/schedules"


@pytest.fixture(autouse=True)
def tasks() -> Iterator[None]:
    """Tasks that an editor, an administrator or nobody may start."""

    @jobs.task("desks.clean", queue="maintenance", role="editor")
    def clean(attempt: jobs.Attempt, desk_id: str) -> None:
        with attempt.finish():
            pass

    @jobs.task("desks.burn", queue="maintenance", role="admin")
    def burn(attempt: jobs.Attempt) -> None:
        with attempt.finish():
            pass

    @jobs.task("desks.creak", queue="maintenance")
    def creak(attempt: jobs.Attempt) -> None:
        with attempt.finish():
            pass

    yield
    for name in ("desks.clean", "desks.burn", "desks.creak"):
        declaration._tasks.pop(name)


def wish(**more: Any) -> dict[str, Any]:
    return {
        "name": "tidy",
        "task": "desks.clean",
        "args": {"desk_id": "d1"},
        "cron": "0 9 * * MON-FRI",
        "timezone": "Europe/Zurich",
        **more,
    }


def problem(answer: Any, status: int) -> dict[str, Any]:
    assert is_problem(answer, status), answer.text
    found: dict[str, Any] = answer.json()
    return found


def made(as_: As, **more: Any) -> dict[str, Any]:
    answer = as_("publisher").post(PLACE, json=wish(**more))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_made_seen_changed_and_removed(as_: As) -> None:
    found = made(as_)
    assert found["words"] == "every weekday at 09:00 (Europe/Zurich)"
    assert len(found["next_runs"]) == 5
    for run in found["next_runs"]:
        local = datetime.fromisoformat(run["local"])
        assert local == datetime.fromisoformat(run["at"])
        assert (local.hour, local.minute, local.isoweekday() <= 5) == (9, 0, True)
    assert as_("viewer").get(f"{PLACE}/tidy").json() == found
    assert [each["name"] for each in as_("viewer").get(PLACE).json()["items"]] == ["tidy"]
    changed = as_("publisher").patch(f"{PLACE}/tidy", json={"every_seconds": 90, "enabled": False}).json()
    assert (changed["every_seconds"], changed["cron"], changed["enabled"]) == (90, None, False)
    assert (changed["words"], changed["next_runs"]) == ("every 90 seconds", [])
    assert changed["changed_by"] == "Publisher"
    assert as_("publisher").delete(f"{PLACE}/tidy").status_code == 204
    problem(as_("viewer").get(f"{PLACE}/tidy"), 404)
    deeds = as_("admin").get("/api/v1/audit", params={"kind": "schedule"}).json()["items"]
    assert [deed["verb"] for deed in deeds] == ["removed", "changed", "added"]


def test_run_now_and_the_history(as_: As, database: Database) -> None:
    made(as_, every_seconds=60, cron=None)
    publisher = as_("publisher")
    job_id = publisher.post(f"{PLACE}/tidy/run").json()["job_id"]
    assert job_id in problem(publisher.post(f"{PLACE}/tidy/run"), 409)["detail"]
    with database.transaction() as session:
        recurring.get(session, "tidy").next_at -= timedelta(hours=1)
    with database.transaction() as session:
        assert schedules.tick(session) == 0
    run_all(database)
    first = as_("viewer").get(f"{PLACE}/tidy/history", params={"limit": 1}).json()
    rest = as_("viewer").get(f"{PLACE}/tidy/history", params={"before": first["next"]}).json()
    assert {first["items"][0]["outcome"], rest["items"][0]["outcome"]} == {"by_hand", "busy"}
    assert {each["job_id"] for each in first["items"] + rest["items"]} == {job_id}
    assert (len(rest["items"]), rest["next"], rest["items"][0]["job_state"]) == (1, None, "completed")
    assert as_("viewer").get(f"{PLACE}/tidy").json()["last_run"]["job_state"] == "completed"


def test_a_preview_saves_nothing(as_: As) -> None:
    answer = as_("publisher").post(f"{PLACE}/preview", json={"cron": "*/15 * * * *", "timezone": "Asia/Kathmandu"})
    assert answer.json()["words"] == "every 15 minutes (Asia/Kathmandu)"
    assert [run["local"][-6:] for run in answer.json()["next_runs"]] == ["+05:45"] * 5
    bad = problem(as_("publisher").post(f"{PLACE}/preview", json={"cron": "0 25 * * *"}), 422)
    assert "'25' is no hour" in bad["detail"]
    problem(as_("publisher").post(f"{PLACE}/preview", json={"every_seconds": 1}), 422)
    problem(as_("publisher").post(f"{PLACE}/preview", json={}), 422)
    assert as_("viewer").get(PLACE).json()["items"] == []


def test_who_may_change_what(as_: As, database: Database) -> None:
    made(as_)
    for role in ("viewer", "editor"):
        client = as_(role)
        problem(client.post(PLACE, json=wish(name="other")), 403)
        problem(client.patch(f"{PLACE}/tidy", json={"priority": 1}), 403)
        problem(client.post(f"{PLACE}/tidy/run"), 403)
        problem(client.delete(f"{PLACE}/tidy"), 403)
    burn = {"name": "fire", "task": "desks.burn", "args": {}}
    problem(as_("publisher").post(PLACE, json=wish(**burn)), 403)
    assert as_("admin").post(PLACE, json=wish(**burn)).status_code == 201
    problem(as_("publisher").post(f"{PLACE}/fire/run"), 403)
    problem(as_("admin").post(PLACE, json=wish(name="noise", task="desks.creak", args={})), 403)
    with database.transaction() as session:
        schedules.install(session, [schedules.every("desks.creak", "maintenance", 60)])
    problem(as_("publisher").patch(f"{PLACE}/desks.creak", json={"every_seconds": 30}), 403)
    assert as_("admin").patch(f"{PLACE}/desks.creak", json={"every_seconds": 30}).json()["is_edited"] is True
    problem(as_("admin").delete(f"{PLACE}/desks.creak"), 409)


@pytest.mark.parametrize(
    ("more", "status", "said"),
    [
        ({"task": "desks.cleen"}, 422, "did you mean desks.clean"),
        ({"args": {}}, 422, "takes desk_id"),
        ({"cron": "0 9 * *"}, 422, "it needs five"),
        ({"timezone": "Zurich"}, 422, "not a time zone"),
        ({"every_seconds": 60}, 422, "not both"),
        ({"name": "tidy.up"}, 422, "letters, digits"),
        ({"missed": "perhaps"}, 422, ""),
        ({"surprise": 1}, 422, ""),
    ],
)
def test_what_cannot_be_is_refused_with_a_reason(as_: As, more: dict[str, Any], status: int, said: str) -> None:
    assert said in problem(as_("publisher").post(PLACE, json=wish(**more)), status)["detail"]


def test_a_name_is_taken_once(as_: As) -> None:
    made(as_)
    problem(as_("publisher").post(PLACE, json=wish()), 409)


def test_an_edited_one_is_given_back(as_: As, database: Database, pipeline_rows: None) -> None:
    admin, name = as_("admin"), f"{PLACE}/jobs.forget_old"
    before = admin.get(name).json()["words"]
    admin.patch(name, json={"cron": "@weekly", "timezone": "Europe/Zurich", "priority": 1})
    with database.transaction() as session:
        pipeline.install_schedules(session)
    kept = admin.get(name).json()
    assert (kept["words"], kept["is_edited"]) == ("every Sunday at 00:00 (Europe/Zurich)", True)
    back = admin.post(f"{name}/reset").json()
    assert (back["words"], back["is_edited"], back["priority"], back["timezone"]) == (before, False, 5, "UTC")
    made(as_)
    problem(admin.post(f"{PLACE}/tidy/reset"), 409)


@pytest.fixture
def pipeline_rows(database: Database) -> None:
    with database.transaction() as session:
        pipeline.install_schedules(session)
