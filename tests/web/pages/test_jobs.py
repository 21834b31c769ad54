"""The pages of jobs: what waits and why, what failed, and an operator's verbs."""

from __future__ import annotations

import html
import re

import pytest
import sqlalchemy as sa

from stonehand import __version__, jobs, leftovers
from stonehand.accounts.models import AuditRecord
from stonehand.articles.events import ArticleExtracted, PageStored
from stonehand.db import Database, Session, now
from stonehand.jobs.desk import bulk
from stonehand.jobs.errors import JobNotFound
from stonehand.jobs.models import Job
from stonehand.jobs.states import State
from stonehand.jobs.testing import run_all
from stonehand.jobs.worker import presence
from stonehand.sources.events import EntryFound
from stonehand.sources.models import Entry, Source
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
        assert f'href="/jobs/{job}"' in visit("viewer").go(f"/jobs{narrowed}")
    for other in ("?queue=fetch", "?task=articles.fetch", "?show=completed"):
        assert "No such jobs." in visit("viewer").go(f"/jobs{other}")
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
    for path in (
        f"/jobs/{job}/cancel",
        f"/jobs/{job}/retry",
        "/jobs/dead/retry",
        "/jobs/bulk?show=all",
        "/queues/sources/pause",
    ):
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
    assert "run 3 dead letters again" in words(editor.go("/jobs/dead"))
    assert "the disk is full" in editor.page
    assert "2 jobs run again" in words(editor.send("/jobs/dead/retry"))
    states = {job_id: state(database, job_id) for job_id in (first, second, other)}
    assert states == {first: "discarded", second: "available", other: "available"}
    editor.go("/jobs")
    assert "0 jobs run again" in words(editor.send("/jobs/dead/retry"))  # its work is being done by another


def test_queues_stop_and_go(visit: Visit, job: str) -> None:
    admin = visit("admin")
    admin.go("/jobs")
    assert "paused by Admin" in admin.send("/queues/sources/pause")
    assert "queue sources is paused by Admin" in admin.go(f"/jobs/{job}")
    assert "sources paused by" not in words(admin.send("/queues/sources/resume"))
    admin.send("/queues/nowhere/pause", 422)


def test_a_filter_stays_in_the_address_and_its_deeds_are_counted_first(
    visit: Visit, job: str, database: Database
) -> None:
    editor = visit("editor")
    page = editor.go("/jobs?task=sources.poll&queue=sources&since=2020-01-01T00:00&asked_by=&text=")
    assert "/jobs/bulk?task=sources.poll&amp;queue=sources&amp;since=2020-01-01" in page
    assert 'value="2020-01-01T00:00"' in page
    asked = words(editor.go("/jobs/bulk?task=sources.poll"))
    assert "Yes, cancel 1 job" in asked
    assert "Resolve" not in asked
    at = html.unescape(re.findall(r'action="(/jobs/bulk[^"]+)"', editor.page)[0])
    with database.transaction() as session:
        enqueue(session, 7)
    said = words(editor.send(at, verb="prioritise", value="9", expected="1"))
    assert "1 job changed." in said
    editor.go("/jobs/bulk?task=sources.poll")
    assert "look again" in editor.send("/jobs/bulk?task=sources.poll", verb="cancel", expected="1")
    assert "is not a priority" in editor.send("/jobs/bulk", verb="prioritise", value="12", expected="2")
    assert state(database, job) == "available"
    visit("viewer").go("/jobs/bulk", 403)


def test_many_jobs_become_one_that_is_watched(
    visit: Visit, job: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 0)
    editor = visit("editor")
    editor.go("/jobs/bulk")
    said = words(editor.send("/jobs/bulk", verb="cancel", expected="1"))
    assert "This job does it to 1 job." in said
    assert "jobs.bulk" in said
    run_all(database, queues=("control",))
    assert state(database, job) == "cancelled"


def test_a_job_is_started_from_a_form_of_its_parameters(visit: Visit, job: str, database: Database) -> None:
    editor = visit("editor")
    assert "sources.poll" in editor.go("/jobs/new")
    page = editor.go("/jobs/new?task=sources.poll")
    assert 'name="arg.source_id"' in page
    assert "Look at sources." in page
    wrong = editor.send("/jobs/new?task=sources.poll", 422, **{"arg.source_id": "nothing"})
    assert "There is no source nothing" in words(wrong)
    assert 'value="nothing"' in wrong
    assert "takes source_id" in editor.send("/jobs/new?task=sources.poll", 422)
    said = editor.send("/jobs/new?task=sources.poll", **{"arg.source_id": "s0"})
    assert "by Editor" in words(said)
    editor.go("/jobs/new?task=jobs.sample", 403)
    editor.go("/jobs")
    editor.send("/jobs/new?task=jobs.sample", 403)
    visit("viewer").go("/jobs/new", 403)


def test_the_rest_of_a_batch_is_asked_for_with_one_click(visit: Visit, job: str, database: Database) -> None:
    urls = ["http://x/1", "http://x/2"]
    with database.transaction() as session:
        made = jobs.enqueue(session, "analysis.process_pages", {"urls": " ".join(urls)})
        found = {"processed_urls": urls[:1], "failed_urls": [], "errors": {}}
        ends = {"state": State.DISCARDED, "result": found, "error": "too long", "finished_at": now(session)}
        session.execute(sa.update(Job).where(Job.id == made).values(ends))
    assert "Ask again" not in visit("viewer").go(f"/jobs/{made}")
    editor = visit("editor")
    assert "Ask again for the 1 address it did not bring" in words(editor.go(f"/jobs/{made}"))
    said = words(editor.send(f"/jobs/{made}/rest"))
    assert "It asks for what the other job did not bring." in said
    with database.read() as session:
        new = session.scalars(sa.select(Job).where(Job.task == "analysis.process_pages", Job.id != made)).one()
    assert (new.args, new.asked_by, new.state) == ({"urls": "http://x/2"}, "Editor", "available")
    before = editor.go(f"/jobs/{made}")
    assert "Ask again" not in before
    assert f'Rest asked for by</dt><dd><a href="/jobs/{new.id}"' in before
    assert f"Job {new.id} asks for what" in words(editor.send(f"/jobs/{made}/rest"))
    editor.go(f"/jobs/{job}")
    assert "has not ended yet" in words(editor.send(f"/jobs/{job}/rest"))


def test_the_rest_of_a_job_whose_record_has_just_expired(job: str, database: Database) -> None:
    with database.read() as session:
        found = session.get_one(Job, job)
    wanted = leftovers.task(found)
    with database.transaction() as session:
        session.execute(sa.delete(Job).where(Job.id == job))
        with pytest.raises(JobNotFound, match="here no longer"):
            leftovers.ask(session, found, wanted, "Ada")


def test_a_group_of_dead_letters_is_read_fixed_and_settled(visit: Visit, job: str, database: Database) -> None:
    with database.transaction() as session:
        other = enqueue(session, 1)
    die(database, job, other)
    editor = visit("editor")
    editor.go("/jobs/dead")
    at = re.findall(r'href="(/jobs/dead/[0-9a-f]{32})"', editor.page)[0]
    page = words(editor.go(at))
    assert "2 dead letters" in page
    assert "Fix and run again" in page
    assert "There is no source sX" in words(editor.send(f"{at}/fix", **{"arg.source_id": "sX"}))
    assert "Say in a few words why" in words(editor.send(f"{at}/resolve", reason=""))
    assert "2 jobs run again with these arguments" in words(editor.send(f"{at}/fix", **{"arg.source_id": "s0"}))
    die(database, job, other)
    editor.go("/jobs/dead")
    assert "2 jobs resolved" in words(editor.send(f"{at}/resolve", reason="the source is gone"))
    assert "resolved at" in words(editor.go(f"/jobs/{job}"))
    assert "they may have been run again" in words(editor.send(f"{at}/retry"))


def test_whether_it_happened_is_asked_for_each(visit: Visit, job: str, database: Database) -> None:
    die(database, job)
    with database.transaction() as session:
        session.execute(sa.update(Job).values(state=State.NEEDS_RECONCILE))
    editor = visit("editor")
    assert "Did it happen?" in words(editor.go("/jobs/dead"))
    page = editor.go(f"/jobs/{job}")
    assert f"/jobs/{job}/retry" not in page
    editor.send(f"/jobs/{job}/happened", note="")
    assert state(database, job) == "needs_reconcile"
    editor.send(f"/jobs/{job}/not-happened")
    assert state(database, job) == "available"


def test_one_job_is_hurried_made_urgent_fixed_and_settled(visit: Visit, job: str, database: Database) -> None:
    with database.transaction() as session:
        session.execute(sa.update(Job).values(state=State.SCHEDULED))
    editor = visit("editor")
    assert "Run now" in editor.go(f"/jobs/{job}")
    assert "7 of 9" in words(editor.send(f"/jobs/{job}/priority", priority="7"))
    editor.send(f"/jobs/{job}/run-now")
    assert state(database, job) == "available"
    die(database, job)
    editor.go(f"/jobs/{job}")
    assert "takes source_id" in words(editor.send(f"/jobs/{job}/fix", **{"arg.source": "s0"}))
    editor.send(f"/jobs/{job}/fix", **{"arg.source_id": "s0"})
    assert state(database, job) == "available"
    die(database, job)
    editor.go(f"/jobs/{job}")
    editor.send(f"/jobs/{job}/resolve", reason="enough")
    assert state(database, job) == "cancelled"


def test_an_article_is_followed_through_all_its_jobs(visit: Visit, database: Database) -> None:
    with database.transaction() as session:
        jobs.announce(session, EntryFound("e1"))
        jobs.announce(session, PageStored("a1"))
        jobs.announce(session, ArticleExtracted("a1"))
        at = now(session)
        times = {"interval_seconds": 60, "created_at": at, "next_poll_at": at}
        session.add(Source(id="s1", kind="feed", url="http://y/", address="y", title="G", **times))
        session.flush()
        said = {"url": "http://y/1", "address": "y/1", "title": "T", "summary": "", "seen_at": at}
        session.add(Entry(id="e1", source_id="s1", key="k", article_id="a1", **said))
        mine = session.scalars(sa.select(Job.id).where(Job.task == "analysis.analyse")).one()
    page = words(visit("viewer").go(f"/jobs/{mine}"))
    assert "through 3 jobs" in page
    assert page.index("articles.fetch") < page.index("articles.extract")


def test_queues_and_workers_say_who_runs_what(visit: Visit, job: str, database: Database) -> None:
    process = presence.this_process()
    with database.transaction() as session:
        presence.introduce(session, str(process), ["sources"], ["sources.poll"], 2)
        presence.sign_of_life(session, str(process))
        held = {"state": State.EXECUTING, "worker": f"{process} of x", "claim_id": "c", "started_at": now(session)}
        session.execute(sa.update(Job).values(**held))
    page = words(visit("viewer").go("/jobs/queues"))
    assert re.search(rf"{process.pid} main [\d\s]+ MB sources\.poll , since", page)
    assert f"version {__version__}" in page


def test_a_long_answer_stands_beside_the_facts_as_json(visit: Visit, database: Database, job: str) -> None:
    answered = {"state": State.COMPLETED, "result": {"new": 2, "articles": [{"url": "https://a.example/1"}]}}
    with database.transaction() as session:
        session.execute(sa.update(Job).where(Job.id == job).values(**answered))
    page = visit("viewer").go(f"/jobs/{job}")
    assert "New 2" in words(page)
    assert "Result Articles 1" in words(page)
    assert '"url": "https://a.example/1"' in html.unescape(page)
