"""The pages of jobs: what waits and why, what failed, and an operator's verbs."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from stonehand import jobs
from stonehand.accounts.models import AuditRecord
from stonehand.db import Database, Session, now
from stonehand.jobs import service
from stonehand.jobs.models import Job
from stonehand.jobs.states import State
from stonehand.sources.models import Source
from tests.web.pages.browsing import words
from tests.web.pages.conftest import Visit

pytestmark = pytest.mark.usefixtures("pipeline")


def enqueue(session: Session, number: int = 0) -> str:
    made = jobs.enqueue(session, "sources.poll", {"source_id": f"s{number}"}, unique_key=f"sources.poll:s{number}")
    assert made
    return made


@pytest.fixture
def job(database: Database) -> str:
    """A job that waits, about a source."""
    moment = {"created_at": (at := _moment(database)), "next_poll_at": at}
    with database.transaction() as session:
        session.add(
            Source(id="s0", kind="feed", url="http://x/", address="x", title="Gazette", interval_seconds=60, **moment)
        )
        return enqueue(session)


def _moment(database: Database) -> object:
    with database.read() as session:
        return now(session)


def die(database: Database, *job_ids: str) -> None:
    with database.transaction() as session:
        values = {"state": State.DISCARDED, "error": "the disk is full", "finished_at": now(session), "attempts": 4}
        session.execute(sa.update(Job).where(Job.id.in_(job_ids)).values(values))


def state(database: Database, job_id: str) -> str:
    with database.read() as session:
        return session.get_one(Job, job_id).state


def test_what_waits_is_listed_with_its_subject(visit: Visit, job: str) -> None:
    page = visit("viewer").go("/jobs")
    assert f'href="/jobs/{job}"' in page
    assert "Gazette" in page
    assert "no worker listens" in page
    assert "/pause" not in page
    for narrowed in ("?queue=sources", "?task=sources.poll", "?show=all"):
        assert f"/jobs/{job}" in visit("viewer").go(f"/jobs{narrowed}")
    for other in ("?queue=fetch", "?task=articles.fetch", "?show=completed"):
        assert "No jobs in this state." in visit("viewer").go(f"/jobs{other}")
    visit("viewer").go("/jobs?show=strange", 422)


def test_a_long_list_has_parts(visit: Visit, database: Database) -> None:
    with database.transaction() as session:
        ids = [enqueue(session, number) for number in range(51)]
    page = visit("viewer").go("/jobs")
    assert ids[0] not in page
    assert f"before={ids[1]}" in page
    assert ids[0] in visit("viewer").go(f"/jobs?before={ids[1]}")


def test_a_job_says_why_it_does_not_run(visit: Visit, job: str) -> None:
    page = visit("viewer").go(f"/jobs/{job}")
    assert "No worker serves the queue sources" in page
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in page
    assert f"topic=job:{job}" in page
    assert "/cancel" not in page
    visit("viewer").go("/jobs/nowhere", 404)


def test_viewers_touch_nothing(visit: Visit, job: str, database: Database) -> None:
    viewer = visit("viewer")
    viewer.go("/jobs")
    for path in (f"/jobs/{job}/cancel", f"/jobs/{job}/retry", "/jobs/retry-dead", "/queues/sources/pause"):
        viewer.send(path, 403)
    assert state(database, job) == "available"


def test_cancelling_and_running_again(visit: Visit, job: str, database: Database) -> None:
    editor = visit("editor")
    editor.go(f"/jobs/{job}")
    assert "Cancelled" in words(editor.send(f"/jobs/{job}/cancel"))
    assert state(database, job) == "cancelled"
    editor.send(f"/jobs/{job}/retry")
    assert state(database, job) == "available"
    assert "only a failed, dead or cancelled job" in editor.send(f"/jobs/{job}/retry")
    with database.read() as session:
        verbs = session.scalars(sa.select(AuditRecord.verb).where(AuditRecord.object_id == job)).all()
    assert sorted(verbs) == ["cancelled", "retried"]


def test_dead_letters_run_again_together_but_no_work_twice(visit: Visit, database: Database) -> None:
    with database.transaction() as session:
        first = enqueue(session)
    die(database, first)
    with database.transaction() as session:
        second, other = enqueue(session), enqueue(session, 1)
    die(database, second, other)
    editor = visit("editor")
    assert "Retry all 3 dead letters" in editor.go("/jobs?show=dead")
    assert "the disk is full" in editor.page
    assert "2 dead letters run again" in editor.send("/jobs/retry-dead")
    states = {job_id: state(database, job_id) for job_id in (first, second, other)}
    assert states == {first: "discarded", second: "available", other: "available"}
    editor.go("/jobs")
    assert "0 dead letters run again" in editor.send("/jobs/retry-dead")  # its work is being done by another


def test_a_dead_letter_that_dies_again_waits_for_the_next_wish(database: Database) -> None:
    with database.transaction() as session:
        job_id, before = enqueue(session), now(session)
    die(database, job_id)
    with database.transaction() as session:
        assert service.retry_dead(session, before) == 0
        assert service.retry_dead(session, now(session)) == 1


def test_queues_stop_and_go(visit: Visit, job: str) -> None:
    admin = visit("admin")
    admin.go("/jobs")
    assert "paused by Admin" in admin.send("/queues/sources/pause")
    assert "queue sources is paused by Admin" in admin.go(f"/jobs/{job}")
    assert "paused by" not in words(admin.send("/queues/sources/resume"))
    admin.send("/queues/nowhere/pause", 422)
