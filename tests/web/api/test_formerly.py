"""Endpoints of older installations: their shapes, their words, and who may use them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from stonehand import calls, db
from stonehand.analysis import findings
from stonehand.analysis import service as analysis
from stonehand.articles.models import Article
from stonehand.curation import queries as curations
from stonehand.curation.weights import PARTS
from stonehand.db import Database
from stonehand.jobs import declaration, queries
from stonehand.jobs.broker import answers
from stonehand.jobs.errors import JobNotFound
from stonehand.jobs.models import Job
from stonehand.jobs.states import State
from stonehand.jobs.testing import run_all
from stonehand.jobs.worker import presence
from stonehand.sources import intake, service
from stonehand.sources.models import Entry, EntryState
from tests.library.conftest import put
from tests.sources.conftest import Site, feed
from tests.sources.letters.conftest import wake
from tests.web.api.conftest import As
from tests.web.api.test_contract import is_problem

pytestmark = pytest.mark.usefixtures("pipeline")
JSON = {"Accept": "application/json"}


@pytest.fixture
def source(database: Database, site: Site) -> str:
    found = intake.identify(site.put("/rss", feed(1, 2)))[0]
    with database.transaction() as session:
        source_id = service.add(session, found).source_id
        session.execute(sa.delete(Job))
    return source_id


@pytest.fixture
def worker(database: Database) -> None:
    with database.transaction() as session:
        presence.introduce(session, str(presence.this_process()), declaration.QUEUES, ["sources.poll"], 2)


def test_a_task_from_its_start_to_its_result(as_: As, database: Database, source: str) -> None:
    editor = as_("editor")
    made = editor.post("/api/v1/tasks/monitor-rss", json={"source_id": source, "auto_generate": False})
    assert made.status_code == 202
    task_id = made.json()["task_id"]
    assert made.json() == {"task_id": task_id, "status": "pending", "message": "RSS monitoring started"}
    assert editor.get(f"/api/v1/tasks/status/{task_id}").json() == {"task_id": task_id, "status": "PENDING"}
    run_all(database, queues=("sources",))
    done = editor.get(f"/api/v1/tasks/status/{task_id}").json()
    assert done == {"task_id": task_id, "status": "SUCCESS", "result": {"found": 2, "new": 2, "elsewhere": 0}}
    assert is_problem(editor.delete(f"/api/v1/tasks/cancel/{task_id}"), 409)


def test_a_task_is_cancelled(as_: As, source: str) -> None:
    editor = as_("editor")
    task_id = editor.post("/api/v1/tasks/monitor-rss", json={"source_id": source}).json()["task_id"]
    [waiting] = editor.get("/api/v1/tasks/active").json()["scheduled"]
    assert (waiting["id"], waiting["name"], waiting["status"]) == (task_id, "monitor_rss_feed", "PENDING")
    said = editor.delete(f"/api/v1/tasks/cancel/{task_id}").json()
    assert said == {"task_id": task_id, "status": "REVOKED", "message": "Task cancelled"}
    assert editor.get("/api/v1/tasks/active").json() == {"active": [], "scheduled": [], "next": None, "limit": 50}


def test_what_runs_has_the_words_of_its_time(as_: As, database: Database, source: str) -> None:
    editor = as_("editor")
    task_id = editor.post("/api/v1/tasks/monitor-rss", json={"source_id": source}).json()["task_id"]
    with database.transaction() as session:
        running = {
            "state": State.EXECUTING,
            "progress_current": 1,
            "progress_total": 4,
            "message": "Processing batch 1...",
        }
        session.execute(sa.update(Job).where(Job.id == task_id).values(**running))
    assert editor.get(f"/api/v1/tasks/status/{task_id}").json()["status"] == "STARTED"
    said = editor.get(f"/jobs/{task_id}/status").json()
    assert (said["state"], said["status"], said["current"], said["total"]) == (
        "PROGRESS",
        "Processing batch 1...",
        1,
        4,
    )
    assert [each["id"] for each in editor.get("/api/v1/tasks/active").json()["active"]] == [task_id]


@pytest.mark.parametrize(
    ("path", "body", "role", "status"),
    [
        ("generate-post", {"agent_id": "a", "topic": "herons"}, "editor", 404),
        ("generate-post", {"agent_id": "a"}, "editor", 422),
        ("publish-post", {"post_id": "d", "publisher_id": "c"}, "editor", 403),
        ("publish-post", {"post_id": "d", "publisher_id": "c"}, "publisher", 422),
        ("monitor-rss", {"source_id": "s", "feed": 1}, "editor", 422),
        ("monitor-rss", {"source_id": "s"}, "viewer", 403),
        ("monitor-rss", {"source_id": "0190-nothing"}, "editor", 422),
        ("retry-failed", None, "editor", 403),
        ("call", {"task": "backup_database_task"}, "editor", 403),
        ("call", {"task": "monitor_rss_feed", "args": []}, "editor", 422),
        ("call", {"task": "monitor_rss_feeed"}, "editor", 422),
        ("call", {"task": "post_comments_for_articles"}, "publisher", 422),
        ("call", {"task": "post_comments_for_articles", "args": ["p"]}, "editor", 403),
    ],
)
def test_what_does_not_become_a_job_says_why(as_: As, path: str, body: Any, role: str, status: int) -> None:
    assert is_problem(as_(role).post(f"/api/v1/tasks/{path}", json=body), status)


def test_any_task_is_called_by_its_old_name(as_: As, database: Database) -> None:
    made = as_("editor").post("/api/v1/tasks/call", json={"task": "health_check", "priority": 9}).json()
    with database.read() as session:
        job = queries.job(session, made["task_id"])
    assert (job.task, job.called_as, job.asked_by, job.priority) == ("jobs.check_health", "health_check", "Editor", 9)
    assert as_("publisher").post("/api/v1/tasks/retry-failed").json()["status"] == "pending"
    deeds = as_("admin").get("/api/v1/audit", params={"kind": "job"}).json()["items"]
    assert deeds[-1]["detail"] == {"task": "jobs.check_health", "called": "health_check"}


def test_a_batch_of_addresses_as_a_curator_asks(as_: As, database: Database) -> None:
    editor, urls = as_("editor"), [f"https://news.example/{n}" for n in range(5)]
    made = editor.post("/jobs", json={"type": "process_new_articles", "article_urls": urls})
    assert made.status_code == 202
    job_id = made.json()["job_id"]
    assert made.json() == {
        "job_id": job_id,
        "status": "submitted",
        "type": "process_new_articles",
        "topic": None,
        "urls_count": 5,
    }
    assert is_problem(editor.get(f"/jobs/{job_id}/result"), 404)
    [waiting] = editor.get("/jobs", headers=JSON).json()["jobs"]
    assert (waiting["job_id"], waiting["state"]) == (job_id, "PENDING")
    run_all(database, queues=("sources",))
    said = editor.get(f"/jobs/{job_id}/status").json()
    assert (said["state"], said["current"], said["total"], said["processed_urls"]) == ("PROGRESS", 0, 5, [])
    with database.transaction() as session:
        for number, entry in enumerate(session.scalars(sa.select(Entry).order_by(Entry.url))):
            service.settle_entry(session, entry.id, EntryState.FAILED, error=f"it is gone ({number})")
    wake(database)
    run_all(database, queues=("sources",))
    said = editor.get(f"/jobs/{job_id}/status", params={"limit": 2, "offset": 4}).json()
    assert (said["state"], said["failed_count"], said["failed_urls"]) == ("SUCCESS", 5, urls[4:])
    assert said == editor.get(f"/jobs/{job_id}", headers=JSON, params={"limit": 2, "offset": 4}).json()
    found = editor.get(f"/jobs/{job_id}/result").json()
    assert (found["state"], [each["url"] for each in found["result"]]) == ("SUCCESS", urls)
    assert found["result"][4]["error"] == "it is gone (4)"
    assert job_id not in [job["job_id"] for job in editor.get("/jobs", headers=JSON).json()["jobs"]]
    assert is_problem(editor.delete(f"/jobs/{job_id}"), 409)


def test_a_job_is_cancelled_as_a_curator_does(as_: As) -> None:
    editor = as_("editor")
    job_id = editor.post("/jobs", json={"type": "health_check_task"}).json()["job_id"]
    assert editor.delete(f"/jobs/{job_id}").json() == {"job_id": job_id, "status": "cancelled", "state": "REVOKED"}
    assert editor.get(f"/jobs/{job_id}/result").json()["state"] == "REVOKED"


def test_a_curation_of_a_topic(as_: As, database: Database) -> None:
    editor = as_("editor")
    wish = {"type": "topic_curation", "topic": "herons", "max_articles": 20, "apply_diversity": True}
    made = editor.post("/jobs", json=wish)
    assert made.status_code == 202
    job_id = made.json()["job_id"]
    expected = {"job_id": job_id, "status": "submitted", "type": "topic_curation", "topic": "herons", "urls_count": 0}
    assert made.json() == expected
    put(database, "Herons return", "The grey herons have returned to the river.")
    found = findings.find([("Herons return", "The grey herons have returned to the river.")])
    with database.transaction() as session:
        analysis.record(session, dict(zip(session.scalars(sa.select(Article.id)), found, strict=True)))
    run_all(database, queues=("analysis",))
    said = editor.get(f"/jobs/{job_id}/status").json()
    assert (said["state"], said["current"], said["total"], said["processed_count"]) == ("SUCCESS", 1, 1, 1)
    [best] = editor.get(f"/jobs/{job_id}/result").json()["result"]["results"]
    assert (best["title"], set(best["scores"])) == ("Herons return", set(PARTS))


def test_a_batch_analysis_shows_progress_and_the_errors_of_addresses(as_: As, database: Database) -> None:
    editor, slow = as_("editor"), "https://news.invalid/slow"
    wish = {"type": "batch_analysis", "urls": [slow, "https://news.invalid/b"], "query": "herons"}
    made = editor.post("/jobs", json=wish).json()
    assert (made["topic"], made["urls_count"]) == ("herons", 2)
    run_all(database, queues=("analysis",))
    with database.transaction() as session:
        session.execute(sa.update(Entry).where(Entry.url == slow).values(state="failed", error="no such host"))
        session.execute(
            sa.update(Job).where(Job.task == "curation.analyse").values(run_at=db.utc_now(), state="available")
        )
    run_all(database, queues=("analysis",))
    said = editor.get(f"/jobs/{made['job_id']}/status").json()
    assert (said["state"], said["current"], said["total"]) == ("PROGRESS", 1, 2)
    assert (said["failed_urls"], said["errors"]) == ([slow], {slow: "no such host"})
    assert editor.delete(f"/jobs/{made['job_id']}").json()["status"] == "cancelled"


def test_old_weights_are_understood(as_: As, database: Database) -> None:
    config = {"weights": {"ner_density": 0.4, "recency": 0.6}, "batch_size": 10}
    wish = {"type": "batch_analysis", "urls": ["https://x.invalid"], "config": config}
    one = {"type": "single_analysis", "url": "https://x.invalid", "config": {"recency_weight": 0.6, "batch_size": 10}}
    ids = [as_("editor").post("/jobs", json=each).json()["job_id"] for each in (wish, one)]
    run_all(database, queues=("analysis",))
    with database.read() as session:
        first, second = (curations.of_job(session, each) for each in ids)
        assert first
        assert second
        assert (first.weights["parts"]["entities"], first.weights["parts"]["coherence"]) == (0.4, 0)
        assert second.weights["parts"]["recency"] == 0.6


@pytest.mark.parametrize(
    "wish",
    [
        {"type": "topic_curation"},
        {"type": "topic_curation", "topic": "herons", "max_articles": 0},
        {"type": "topic_curation", "topic": "h"},
        {"type": "batch_analysis", "urls": ["https://example.org/"], "query": "h"},
        {"type": "batch_analysis", "urls": ["ftp://x.example"]},
        {"type": "single_analysis", "url": ""},
        {"type": "batch_analysis", "urls": ["https://x.example"], "config": {"weights": [1]}},
    ],
)
def test_a_curation_that_cannot_be_says_why(as_: As, wish: dict[str, Any]) -> None:
    assert is_problem(as_("editor").post("/jobs", json=wish), 422)


def test_a_result_expires_and_says_so(as_: As, database: Database) -> None:
    editor = as_("editor")
    job_id = editor.post("/jobs", json={"type": "health_check_task"}).json()["job_id"]
    with database.transaction() as session:
        long_ago = db.utc_now() - timedelta(days=2)
        session.execute(sa.update(Job).values(state=State.COMPLETED, finished_at=long_ago))
    answer = editor.get(f"/jobs/{job_id}/result")
    assert is_problem(answer, 404)
    assert "expired" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/jobs/0190-nothing/status", "/jobs/0190-nothing/result"])
def test_an_unknown_job_is_never_pending(as_: As, path: str) -> None:
    for answer in (as_("viewer").get(path), as_("viewer").get("/api/v1/tasks/status/0190-nothing")):
        assert is_problem(answer, 404)
        assert "0190-nothing" in answer.json()["detail"]
    assert is_problem(as_("editor").delete("/jobs/0190-nothing"), 404)


def test_people_still_get_pages(as_: As) -> None:
    job_id = as_("editor").post("/jobs", json={"type": "health_check_task"}).json()["job_id"]
    for path in ("/jobs", f"/jobs/{job_id}"):
        page = as_("viewer").get(path, headers={"Accept": "text/html,application/json;q=0.9"})
        assert page.headers["content-type"].startswith("text/html")


def test_every_source_is_collected_by_one_job(as_: As, database: Database, source: str) -> None:
    task_id = as_("editor").post("/admin/collect").json()["task_id"]
    run_all(database, queues=("sources",))
    with database.transaction() as session:  # it waits for its looks; they have ended
        session.execute(sa.update(Job).where(Job.id == task_id).values(run_at=db.utc_now() - timedelta(seconds=9)))
    from stonehand.jobs.clock import sweeper

    sweeper.sweep(database)
    run_all(database, queues=("sources",))
    said = as_("viewer").get(f"/api/v1/tasks/status/{task_id}").json()
    assert said["result"] == {"sources": 1, "failed": 0, "items_collected": 2, "total": 2}


HEALTH = ["/api/v1/tasks/health", "/api/celery/health", "/health/jobs"]


@pytest.mark.usefixtures("worker")
def test_three_healths_have_the_shapes_of_their_times(as_: As) -> None:
    first, second, third = (as_("viewer").get(path).json() for path in HEALTH)
    assert (first["status"], first["workers"], first["active_tasks"]) == ("healthy", 1, 0)
    assert (second["status"], second["workers"]) == ("healthy", 1)
    assert set(second["queues"]) == set(declaration.QUEUES)
    assert third == {"status": "healthy", "redis_connected": True, "celery_workers": 1, "active_jobs": 0}


@pytest.mark.parametrize("path", HEALTH)
def test_unhealthy_is_503(as_: As, path: str) -> None:
    answer = as_("viewer").get(path)
    assert (answer.status_code, answer.json()["status"]) == (503, "unhealthy")
    assert "stonehand worker" in answer.text


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *[("GET", path) for path in (*HEALTH, "/jobs/x/status", "/jobs/x/result")],
        *[("DELETE", "/jobs/x"), ("POST", "/admin/collect")],
    ],
)
def test_strangers_are_told_as_programs(client: TestClient, method: str, path: str) -> None:
    assert is_problem(client.request(method, path), 401)


def test_strangers_may_not_submit(client: TestClient) -> None:
    assert is_problem(client.post("/jobs", json={"type": "health_check_task"}), 401)
    assert is_problem(client.get("/jobs", headers=JSON), 401)


def test_the_python_calls(as_: As, database: Database, source: str) -> None:
    task_id = as_("editor").post("/api/v1/tasks/monitor-rss", json={"source_id": source}).json()["task_id"]
    assert calls.get_active_tasks() == []
    assert [task["id"] for task in calls.get_scheduled_tasks()] == [task_id]
    assert {"sources.poll", "monitor_rss_feed"} <= set(calls.get_registered_tasks())
    assert calls.get_task_status(task_id) == {"task_id": task_id, "status": "PENDING"}
    assert calls.cancel_task(task_id)["status"] == "REVOKED"
    with pytest.raises(JobNotFound):
        calls.cancel_task("0190-nothing")
    with pytest.raises(JobNotFound):
        calls.get_task_status("0190-nothing")


def test_words_of_an_answer(database: Database) -> None:
    dead = Job(state=State.DISCARDED, error="no such heron", progress_current=None)
    assert (answers.word(dead), answers.value(dead)) == ("FAILURE", "no such heron")
