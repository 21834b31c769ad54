"""Many pages asked for at once: each says what came of it, and whatever ends the job takes nothing with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from stonehand import config, db, jobs, leftovers, pipeline
from stonehand.analysis import batches, tasks
from stonehand.db import Database
from stonehand.jobs import announcements, service
from stonehand.jobs.models import Job
from stonehand.jobs.testing import run_all
from stonehand.sources.models import Entry
from tests.articles.test_duplicates import HARBOUR, OTHER_WORDS
from tests.articles.test_tasks import html
from tests.sources.conftest import Site, site  # noqa: F401  a fixture
from tests.sources.letters.conftest import finish, wake


@pytest.fixture(autouse=True)
def whole_trip(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("STONEHAND_HOST_INTERVAL_SECONDS", "0")
    config.settings.cache_clear()
    before = dict(announcements._followers)
    pipeline.install_worker()
    yield
    announcements._followers.clear()
    announcements._followers.update(before)


def ask(database: Database, *urls: str) -> str:
    with database.transaction() as session:
        job_id = jobs.enqueue(session, "analysis.process_pages", {"urls": "\n".join(urls)})
    assert job_id
    return job_id


def job(database: Database, job_id: str) -> Job:
    with database.read() as session:
        return session.get_one(Job, job_id)


def put(site: Site, path: str, text: str) -> str:  # noqa: F811
    return site.put(path, html(text), Content_Type="text/html")


def test_every_address_says_what_came_of_it(database: Database, site: Site) -> None:  # noqa: F811
    harbour, other = put(site, "/harbour", HARBOUR), put(site, "/other", OTHER_WORDS)
    ended = finish(database, ask(database, harbour, f"{site.url}/gone", "nonsense", other))
    result: dict[str, Any] = ended.result or {}
    found = {each["url"]: each for each in result["articles"]}
    assert {url: each["status"] for url, each in found.items()} == {
        harbour: "processed",
        other: "processed",
        f"{site.url}/gone": "failed",
        "nonsense": "failed",
    }
    assert (found[harbour]["title"], found[harbour]["language"], found[harbour]["error"]) == (
        "Harbour closed",
        "en",
        None,
    )
    assert found[harbour]["word_count"] > 40
    assert result["processed_urls"] == [harbour, other]
    assert result["failed_urls"] == [f"{site.url}/gone", "nonsense"]
    assert "404" in result["errors"][f"{site.url}/gone"]
    assert "no http" in result["errors"]["nonsense"] or "address" in result["errors"]["nonsense"]
    assert "put_in" not in result
    site.put("/gone", html(HARBOUR.replace("Velm", "Tarn")))
    again = finish(database, ask(database, f"{harbour} {site.url}/gone")).result or {}
    assert [each["status"] for each in again["articles"]] == ["already_exists", "processed"]


def test_a_copy_is_told(database: Database, site: Site) -> None:  # noqa: F811
    first, second = put(site, "/one", HARBOUR), put(site, "/two", HARBOUR)
    result = finish(database, ask(database, first, second)).result or {}
    told = {each["duplicate_of"] for each in result["articles"]}
    assert len(told) == 2
    assert None in told


def test_what_is_known_so_far_is_seen_and_survives_the_end(database: Database, site: Site) -> None:  # noqa: F811
    urls = [put(site, f"/{number}", HARBOUR.replace("Velm", f"Velm {number}")) for number in range(20)]
    job_id = ask(database, *urls, "nonsense")
    run_all(database, queues=("sources",))
    waiting = job(database, job_id)
    assert (waiting.state, waiting.task) == ("scheduled", "analysis.await_pages")
    assert (waiting.result or {})["failed_urls"] == ["nonsense"]
    assert (waiting.progress_current, waiting.progress_total) == (1, 21)
    assert (waiting.message or "").startswith(("Processing batch 1 of 11", "waits for 20 of 21"))
    run_all(database, queues=("fetch", "extract", "analysis"))
    wake(database)
    with database.transaction() as session:
        service.cancel(session, job_id)
    assert job(database, job_id).state == "cancelled"
    assert len((job(database, job_id).result or {})["put_in"]) == 21


def test_what_is_late_is_said_and_the_rest_is_kept(
    database: Database,
    site: Site,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here, late = put(site, "/here", HARBOUR), put(site, "/late", OTHER_WORDS)
    job_id = ask(database, here, late)
    run_all(database, queues=("sources",))
    with database.transaction() as session:
        waiting = session.scalars(sa.select(Entry.id).where(Entry.url == late)).one()
        session.execute(sa.delete(Job).where(Job.args["entry_id"].as_string() == waiting))
    run_all(database, queues=("fetch", "extract", "analysis"))
    monkeypatch.setattr(tasks, "PATIENCE", timedelta(0))
    result = finish(database, job_id).result or {}
    assert (result["processed_urls"], result["failed_urls"]) == ([here], [late])
    assert "half an hour" in result["errors"][late]
    ended = job(database, job_id)
    assert (ended.progress_current, ended.progress_total) == (1, 2)


def test_the_rest_of_what_goes_on_is_not_asked_for_yet(database: Database, site: Site) -> None:  # noqa: F811
    going_on = job(database, ask(database, put(site, "/here", HARBOUR)))
    with database.transaction() as session, pytest.raises(leftovers.NothingLeft, match=r"not ended yet.* cancel it"):
        leftovers.ask(session, going_on, leftovers.task(going_on), "Ada")


def test_what_was_not_brought_is_asked_for_again_by_a_job_of_its_own(database: Database, site: Site) -> None:  # noqa: F811
    here, gone, late = put(site, "/here", HARBOUR), f"{site.url}/gone", put(site, "/late", OTHER_WORDS)
    job_id = ask(database, here, gone, late)
    run_all(database, queues=("sources",))
    with database.transaction() as session:
        waiting = session.scalars(sa.select(Entry.id).where(Entry.url == late)).one()
        slow = sa.update(Job).where(Job.args["entry_id"].as_string() == waiting)
        session.execute(slow.values(state="scheduled", run_at=db.now(session) + timedelta(hours=1)))
    assert leftovers.of(job(database, job_id)) == [], "it still waits"
    run_all(database, queues=("fetch", "extract", "analysis"))
    wake(database)
    run_all(database, queues=("sources",))
    with database.transaction() as session:  # its time limit strikes
        ends = {"state": "discarded", "error": "lasted longer than its limit", "finished_at": db.now(session)}
        session.execute(sa.update(Job).where(Job.id == job_id).values(ends))
    ended = job(database, job_id)
    assert (ended.result or {})["processed_urls"] == [here]
    assert "404" in (ended.result or {})["errors"][gone]
    assert leftovers.of(ended) == [gone, late]
    put(site, "/gone", HARBOUR.replace("Velm", "Tarn"))
    with database.transaction() as session:
        made = leftovers.ask(session, ended, leftovers.task(ended), "Ada")
    assert leftovers.of(job(database, job_id)) == [], "another job asks for them"
    with database.transaction() as session, pytest.raises(leftovers.NothingLeft, match=f"job {made} asks for"):
        leftovers.ask(session, ended, leftovers.task(ended), "Ada")
    asked = job(database, made)
    assert (asked.task, asked.asked_by, asked.args) == ("analysis.process_pages", "Ada", {"urls": f"{gone}\n{late}"})
    assert (finish(database, made).result or {})["processed_urls"] == [gone, late]
    with database.transaction() as session, pytest.raises(leftovers.NothingLeft, match="nothing that could be asked"):
        leftovers.ask(session, job(database, made), leftovers.task(asked), "Ada")


def test_too_many_or_none_are_refused(database: Database) -> None:
    for urls in ("", " ".join(f"https://a.example/{number}" for number in range(101))):
        with pytest.raises(batches.AddressesUnfit, match="1 to 100"):
            batches.wanted(urls)
    ended = finish(database, ask(database, ""))
    assert ended.state == "discarded"


def test_batches_are_a_tenth_of_the_whole() -> None:
    assert [len(each) for each in batches.portions(["u"] * 95)] == [9] * 10 + [5]
    assert [len(each) for each in batches.portions(["u"] * 3)] == [1, 1, 1]
    assert {len(each) for each in batches.portions(["u"] * 100)} == {10}
