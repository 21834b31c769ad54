"""Many jobs by the API: deeds for a filter, chains and groups, dead letters, and what belongs to one job."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from stonehand import jobs, log
from stonehand.db import Database, now
from stonehand.errors import Rejected
from stonehand.jobs import Attempt, Batch, declaration
from stonehand.jobs.desk import bulk
from stonehand.jobs.models import Job
from stonehand.jobs.states import State
from stonehand.jobs.testing import run_all
from tests.web.api.conftest import As
from tests.web.api.test_contract import is_problem


@pytest.fixture(autouse=True)
def errands() -> Iterator[None]:
    """Errands that only admins send, that editors send, that nobody sends, and that run together."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    log.configure()
    logger = log.logger("errands")

    @jobs.task("errands.run", queue="maintenance", role="editor")
    def run(attempt: Attempt, word: str, note: str = "") -> None:
        logger.info("going", password="hunter22")
        if word == "wrong":
            raise Rejected(f"errand {attempt.job.id} leads nowhere")

    @jobs.task("errands.rule", queue="maintenance", role="admin")
    def rule(attempt: Attempt) -> None:
        """Only for admins."""

    @jobs.task("errands.follow", queue="maintenance")
    def follow(attempt: Attempt) -> None:
        """Only after others."""

    @jobs.task("errands.together", queue="maintenance", batch=10)
    def together(batch: Batch) -> None:
        batch.items[1].fail(Rejected("not this one"))

    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name in ("run", "rule", "follow", "together"):
        declaration._tasks.pop(f"errands.{name}")


def ask(as_: As, word: str = "wrong", **more: object) -> str:
    wish = {"task": "errands.run", "args": {"word": word}, **more}
    answer = as_("editor").post("/api/v1/jobs", json=wish)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def test_a_task_may_be_started_by_its_role_and_above(as_: As) -> None:
    job = as_("viewer").get(f"/api/v1/jobs/{ask(as_)}").json()
    assert job["asked_by"] == "Editor"
    for role, task, words in (
        ("editor", "errands.rule", "a person with the role admin or above"),
        ("admin", "errands.follow", "never by hand"),
    ):
        answer = as_(role).post("/api/v1/jobs", json={"task": task})
        assert is_problem(answer, 403)
        assert words in answer.json()["detail"]
        chain = as_(role).post("/api/v1/jobs/chain", json={"steps": [{"task": task}]})
        assert is_problem(chain, 403)
    assert as_("admin").post("/api/v1/jobs", json={"task": "errands.rule"}).status_code == 202
    tasks = {task["name"]: task for task in as_("viewer").get("/api/v1/tasks").json()["items"]}
    assert tasks["errands.run"]["parameters"] == [{"name": "word", "default": None}, {"name": "note", "default": ""}]
    assert (tasks["errands.rule"]["role"], tasks["errands.rule"]["about"]) == ("admin", "Only for admins.")


@pytest.mark.usefixtures("pipeline")
def test_an_id_of_nothing_is_refused_at_once(as_: As) -> None:
    answer = as_("admin").post("/api/v1/jobs", json={"task": "sources.poll", "args": {"source_id": "none"}})
    assert is_problem(answer, 422)
    assert "there is no source none" in answer.json()["detail"]
    fetch = as_("admin").post("/api/v1/jobs", json={"task": "articles.fetch", "args": {"entry": "none"}})
    assert "articles.fetch takes entry_id" in fetch.json()["detail"], "what a batch takes is told by its event"


def test_a_deed_for_a_filter_is_counted_done_and_written_down(as_: As, database: Database) -> None:
    editor = as_("editor")
    for _ in range(3):
        ask(as_)
    wish = {"verb": "prioritise", "filter": {"task": "errands.run"}, "priority": 8}
    assert editor.post("/api/v1/jobs/bulk", json={**wish, "dry_run": True}).json() == {
        "meant": 3, "changed": None, "job_id": None,
    }  # fmt: skip
    assert is_problem(editor.post("/api/v1/jobs/bulk", json={**wish, "expected": 7}), 422)
    assert editor.post("/api/v1/jobs/bulk", json={**wish, "expected": 3}).json()["changed"] == 3
    assert {job["priority"] for job in editor.get("/api/v1/jobs").json()["items"]} == {8}
    assert is_problem(editor.post("/api/v1/jobs/bulk", json={"verb": "cancel", "filter": {}}), 422)
    assert is_problem(as_("viewer").post("/api/v1/jobs/bulk", json=wish), 403)
    [record] = as_("admin").get("/api/v1/audit", params={"kind": "job"}).json()["items"][:1]
    assert (record["verb"], record["detail"]["jobs"]) == ("prioritise many", 3)


def test_many_become_a_job(as_: As, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    ids = [ask(as_), ask(as_)]
    answer = as_("editor").post("/api/v1/jobs/bulk", json={"verb": "cancel", "filter": {"state": ["available"]}})
    assert (answer.json()["meant"], answer.json()["changed"]) == (2, None)
    run_all(database, queues=("control",))
    viewer = as_("viewer")
    assert viewer.get(f"/api/v1/jobs/{answer.json()['job_id']}").json()["result"] == {"changed": 2}
    assert {viewer.get(f"/api/v1/jobs/{each}").json()["state"] for each in ids} == {"cancelled"}


def test_chains_and_groups_say_what_they_wait_for(as_: As, database: Database) -> None:
    editor, step = as_("editor"), {"task": "errands.run", "args": {"word": "right"}}
    made = editor.post("/api/v1/jobs/group", json={"steps": [step, step], "then": step}).json()
    needs = editor.get(f"/api/v1/jobs/{made['job_ids'][2]}/needs").json()
    assert sorted(needs["unmet"]) == sorted(made["job_ids"][:2])
    assert needs["flow"] == {"available": 2, "blocked": 1}
    assert editor.get(f"/api/v1/jobs/{made['job_ids'][0]}/needs").json()["waiting_for_it"] == [made["job_ids"][2]]
    listed = editor.get("/api/v1/jobs", params={"flow": made["flow_id"]}).json()["items"]
    assert [job["id"] for job in listed] == made["job_ids"][::-1]
    run_all(database)
    assert editor.get(f"/api/v1/jobs/{made['job_ids'][2]}").json()["state"] == "completed"
    late = {**step, "run_at": "2030-01-01T00:00:00Z"}
    assert "leave out run_at" in editor.post("/api/v1/jobs/chain", json={"steps": [late]}).json()["detail"]


def test_what_an_attempt_logged_is_kept_without_secrets(as_: As, database: Database) -> None:
    job_id = ask(as_, "right")
    run_all(database)
    [kept] = as_("viewer").get(f"/api/v1/jobs/{job_id}/log").json()["items"]
    [line] = kept["lines"]
    assert (line["event"], line["password"], line["level"]) == ("going", "[hidden]", "info")


def test_items_of_a_batch_are_counted_and_paged(as_: As, database: Database) -> None:
    with database.transaction() as session:
        ids = [jobs.enqueue(session, "errands.together", {}) for _ in range(4)]
    run_all(database)
    viewer = as_("viewer")
    found = viewer.get(f"/api/v1/jobs/{ids[0]}/items", params={"limit": 3}).json()
    assert found["counts"] == {"completed": 3, "discarded": 1}
    assert [job["id"] for job in found["items"]] == ids[:3]
    rest = viewer.get(f"/api/v1/jobs/{ids[0]}/items", params={"after": found["next"]}).json()
    assert ([job["id"] for job in rest["items"]], rest["next"]) == (ids[3:], None)
    assert viewer.get(f"/api/v1/jobs/{ask(as_)}/items").json()["items"] == []


def test_dead_letters_are_grouped_settled_and_fixed(as_: As, database: Database) -> None:
    ids, editor = [ask(as_), ask(as_)], as_("editor")
    run_all(database)
    [group] = editor.get("/api/v1/jobs/dead").json()["items"]
    assert (group["count"], group["task"], group["sample"]["id"]) == (2, "errands.run", ids[1])
    at = f"/api/v1/jobs/dead/{group['fingerprint']}"
    assert editor.get(at).json()["count"] == 2
    assert is_problem(editor.post(f"{at}/fix", json={"args": {"wort": "right"}}), 422)
    assert editor.post(f"{at}/fix", json={"args": {"word": "right"}}).json()["changed"] == 2
    run_all(database)
    assert {editor.get(f"/api/v1/jobs/{each}").json()["state"] for each in ids} == {"completed"}
    assert is_problem(editor.get(at), 404)
    ask(as_)
    run_all(database)
    editor.get("/api/v1/jobs/dead")
    assert editor.post(f"{at}/retry").json()["changed"] == 1
    run_all(database)
    editor.get("/api/v1/jobs/dead")
    assert is_problem(editor.post(f"{at}/resolve", json={"reason": " "}), 422)
    assert editor.post(f"{at}/resolve", json={"reason": "the road is closed"}).json()["changed"] == 1
    assert editor.get("/api/v1/jobs/dead").json()["items"] == []


def test_one_letter_is_fixed_resolved_or_decided(as_: As, database: Database) -> None:
    job_id, editor = ask(as_), as_("editor")
    assert is_problem(editor.post(f"/api/v1/jobs/{job_id}/fix", json={"args": {"word": "right"}}), 409)
    run_all(database)
    assert editor.post(f"/api/v1/jobs/{job_id}/fix", json={"args": {"word": "wrong", "note": "x"}}).status_code == 202
    run_all(database)
    settled = editor.post(f"/api/v1/jobs/{job_id}/resolve", json={"reason": "the road is closed"}).json()
    assert (settled["state"], settled["error_kind"]) == ("cancelled", "Resolved")
    assert "by Editor: the road is closed" in settled["why"]
    with database.transaction() as session:
        session.execute(sa.update(Job).where(Job.id == job_id).values(state=State.NEEDS_RECONCILE))
    assert [job["id"] for job in editor.get("/api/v1/jobs/dead/doubtful").json()["items"]] == [job_id]
    at = f"/api/v1/jobs/{job_id}/reconcile"
    assert is_problem(editor.post(at, json={"happened": True}), 422)
    assert editor.post(at, json={"happened": True, "note": "seen"}).json()["state"] == "completed"


def test_a_waiting_job_is_hurried_and_made_urgent(as_: As, database: Database) -> None:
    job_id, editor = ask(as_, run_at="2099-01-01T00:00:00Z"), as_("editor")
    assert editor.post(f"/api/v1/jobs/{job_id}/priority", json={"priority": 9}).json()["priority"] == 9
    hurried = editor.post(f"/api/v1/jobs/{job_id}/run-now").json()
    assert hurried["state"] == "available"
    assert is_problem(editor.post(f"/api/v1/jobs/{job_id}/run-now"), 409)


def test_queues_show_their_course_and_rate(as_: As, database: Database) -> None:
    ask(as_, "right")
    run_all(database)
    ask(as_)
    with database.transaction() as session:
        jobs.enqueue(session, "jobs.sample", {}, priority=9)
        session.execute(sa.update(Job).where(Job.state == State.COMPLETED).values(finished_at=now(session)))
    run_all(database)
    [course] = as_("viewer").get("/api/v1/queues/history").json()["items"]
    assert (course["queue"], sum(course["rate"]) > 0, max(course["waiting"])) == ("maintenance", True, 1)
    rates = {queue["name"]: queue["rate"] for queue in as_("viewer").get("/api/v1/queues").json()["items"]}
    assert rates["maintenance"] == 0.1
