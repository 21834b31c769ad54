"""Jobs by the API."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from stonehand import jobs, vault
from stonehand.db import Database, now
from stonehand.errors import Rejected
from stonehand.jobs import Attempt, declaration
from stonehand.jobs.models import Worker
from stonehand.jobs.testing import run_all
from stonehand.jobs.worker import presence
from tests.web.api.conftest import As
from tests.web.api.test_contract import is_problem


@pytest.fixture(autouse=True)
def errand() -> Iterator[None]:
    """A task that fails for good."""

    @jobs.task("errands.run", queue="maintenance", role="editor")
    def run(attempt: Attempt, errand_id: str) -> None:
        attempt.progress(1, 4, "one of four")
        raise Rejected(f"errand {errand_id} leads nowhere; cancel it")

    yield
    declaration._tasks.pop("errands.run")


def asked(as_: As, **args: str) -> str:
    answer = as_("admin").post("/api/v1/jobs", json={"task": "errands.run", "args": args or {"errand_id": "7"}})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def test_a_job_says_where_it_stands_in_both_tongues(as_: As, database: Database) -> None:
    job_id = asked(as_)
    waiting = as_("viewer").get(f"/api/v1/jobs/{job_id}").json()
    assert (waiting["state"], waiting["celery_status"], waiting["progress"]) == ("available", "PENDING", None)
    assert "stonehand worker --queue maintenance" in waiting["why"]
    run_all(database)
    ended = as_("viewer").get(f"/api/v1/jobs/{job_id}").json()
    assert (ended["state"], ended["celery_status"]) == ("discarded", "FAILURE")
    assert ended["progress"] == {"current": 1, "total": 4, "message": "one of four"}
    assert ended["failed_attempts"][0]["error"] == "errand 7 leads nowhere; cancel it"
    assert "dead letter" in ended["why"]


def test_a_dead_job_is_run_again_and_a_waiting_one_cancelled(as_: As, database: Database) -> None:
    job_id, editor = asked(as_), as_("editor")
    assert is_problem(editor.post(f"/api/v1/jobs/{job_id}/retry"), 409)
    run_all(database)
    assert is_problem(editor.post(f"/api/v1/jobs/{job_id}/cancel"), 409)
    again = editor.post(f"/api/v1/jobs/{job_id}/retry")
    assert (again.status_code, again.json()["state"]) == (202, "available")
    assert editor.post(f"/api/v1/jobs/{job_id}/cancel").json()["celery_status"] == "REVOKED"
    deeds = as_("admin").get("/api/v1/audit", params={"kind": "job"}).json()["items"]
    assert [deed["verb"] for deed in deeds] == ["cancelled", "retried", "asked for"]


def test_jobs_are_listed_by_state_a_part_at_a_time(as_: As, database: Database) -> None:
    dead = asked(as_)
    run_all(database)
    waiting = [asked(as_) for _ in range(3)]
    viewer = as_("viewer")

    def ids(**query: str) -> list[str]:
        return [job["id"] for job in viewer.get("/api/v1/jobs", params=query).json()["items"]]

    assert ids(state="discarded") == [dead]
    assert ids(state="available") == waiting[::-1]
    assert ids(task="errands.run", queue="fetch") == []
    first = viewer.get("/api/v1/jobs", params={"limit": 3}).json()
    assert ids(before=first["next"]) == [dead]
    assert is_problem(viewer.get("/api/v1/jobs", params={"state": "asleep"}), 422)


@pytest.mark.parametrize(
    ("wish", "word"),
    [
        ({"task": "errands.rum"}, "did you mean errands.run?"),
        ({"task": "errands.run", "args": {"errand": "7"}}, "takes errand_id"),
        ({"task": "errands.run", "args": {"errand_id": "7"}, "run_at": "2026-01-01T00:00:00"}, "timezone"),
    ],
)
def test_a_job_that_could_not_run_is_not_accepted(as_: As, wish: dict[str, object], word: str) -> None:
    answer = as_("admin").post("/api/v1/jobs", json=wish)
    assert is_problem(answer, 422)
    assert word in answer.json()["detail"]


def test_a_paused_queue_says_who_paused_it(as_: As) -> None:
    admin, job_id = as_("admin"), asked(as_)
    paused = admin.post("/api/v1/queues/maintenance/pause").json()
    assert (paused["paused_by"], paused["ready"], paused["waiting"]) == ("Admin", 1, 1)
    assert "paused by Admin" in admin.get(f"/api/v1/jobs/{job_id}").json()["why"]
    resumed = admin.post("/api/v1/queues/maintenance/resume").json()
    assert resumed["paused_by"] is None
    answer = admin.post("/api/v1/queues/maintenence/pause")
    assert is_problem(answer, 422)
    assert "did you mean maintenance?" in answer.json()["detail"]


def test_workers_and_what_they_serve(as_: As, database: Database) -> None:
    name = str(presence.this_process())
    with database.transaction() as session:
        moment = now(session)
        times = {"started_at": moment, "seen_at": moment}
        session.add(Worker(name=name, queues=["fetch"], tasks=["articles.fetch"], concurrency=2, **times))
    viewer = as_("viewer")
    with database.transaction() as session:
        presence.sign_of_life(session, name)  # of a real process, with all that it tells
    (found,) = viewer.get("/api/v1/workers").json()["items"]
    assert found["name"] == name
    assert found["processes"][0]["memory"] > 0
    assert found["processes"][0]["keys"] == vault.fingerprints()
    queues = {queue["name"]: queue["workers"] for queue in viewer.get("/api/v1/queues").json()["items"]}
    assert (queues["fetch"], queues["extract"]) == (1, 0)
    tasks = {task["name"]: task["workers"] for task in viewer.get("/api/v1/tasks").json()["items"]}
    assert (tasks["articles.fetch"], tasks["errands.run"]) == (1, 0)
