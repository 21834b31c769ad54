"""What the tasks behind the old names do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from stonehand import db, formerly, jobs, pipeline
from stonehand.accounts import doors, passwords, service
from stonehand.accounts import queries as accounts
from stonehand.accounts.models import SignIn, Token
from stonehand.channels.models import Channel
from stonehand.db import Database
from stonehand.jobs import announcements, queries
from stonehand.jobs.clock import sweeper
from stonehand.jobs.models import Job, Schedule
from stonehand.jobs.states import State
from stonehand.jobs.testing import run_all
from stonehand.publications.models import Publication
from stonehand.publications.states import PublicationState
from stonehand.sources import intake
from stonehand.sources import service as sources
from stonehand.sources.models import Entry, EntryState, Source
from tests.sources.conftest import Site, feed, site  # noqa: F401  a fixture

WAIT = timedelta(seconds=30)


@pytest.fixture(autouse=True)
def _rooms() -> Iterator[None]:
    before = dict(announcements._followers)
    pipeline.install_worker()
    jobs.follow([(event, "sources.poll" if event.__name__ == "SourceAdded" else "") for event, _ in pipeline.TRIP])
    yield
    announcements._followers.clear()
    announcements._followers.update(before)


def run(database: Database, task: str, *queues: str, **args: str) -> Job:
    """Run a task to its end, also if it waits for others in between."""
    with database.transaction() as session:
        job_id = jobs.enqueue(session, task, args)
    assert job_id
    for _ in range(5):
        run_all(database, queues=queues)
        with database.transaction() as session:
            job = queries.job(session, job_id)
            if job.state != State.SCHEDULED:
                return job
            session.execute(sa.update(Job).where(Job.id == job_id).values(run_at=db.now(session) - WAIT))
        sweeper.sweep(database)
    raise AssertionError(f"{task} is still {job.state}: {job.message}")


def result(database: Database, task: str, *queues: str, **args: str) -> dict[str, Any]:
    job = run(database, task, *queues, **args)
    assert job.state == State.COMPLETED, job.error
    return job.result or {}


def add(database: Database, url: str, **changes: Any) -> str:
    found = intake.identify(url)[0]
    with database.transaction() as session:
        source_id = sources.add(session, found).source_id
        session.execute(sa.delete(Job))
        if changes:
            session.execute(sa.update(Source).where(Source.id == source_id).values(**changes))
    return source_id


def test_all_sources_or_some_are_looked_at(database: Database, site: Site) -> None:  # noqa: F811
    add(database, site.put("/a", feed(1, 2)), interval_seconds=600)
    add(database, site.put("/b", feed(3, 4, 5)), interval_seconds=3600)
    quick = result(database, "sources.poll_all", "sources", within="900")
    assert quick == {"sources": 1, "failed": 0, "items_collected": 2, "total": 2}
    site.pages.pop("/a")
    every = result(database, "sources.poll_all", "sources", kind="feed")
    [why] = every.pop("errors").values()
    assert "404" in why
    assert every == {"sources": 2, "failed": 1, "items_collected": 3, "total": 3}
    assert result(database, "sources.poll_all", "sources", kind="sitemap")["sources"] == 0
    unknown = run(database, "sources.poll_all", "sources", kind="gopher")
    assert unknown.state == State.DISCARDED
    assert "the kinds are" in (unknown.error or "")


def test_collecting_and_processing_waits_for_what_was_found(database: Database, site: Site) -> None:  # noqa: F811
    add(database, site.put("/a", feed(1, 2)))
    with database.transaction() as session:
        job_id = jobs.enqueue(session, "sources.collect_and_process", {"kind": "feed"})
    assert job_id
    run_all(database, queues=("sources",))
    with database.transaction() as session:
        assert queries.job(session, job_id).state == State.SCHEDULED
        for entry in session.scalars(sa.select(Entry)):
            sources.settle_entry(session, entry.id, EntryState.FETCHED, article_id=entry.id)
        session.execute(sa.update(Job).where(Job.id == job_id).values(run_at=db.now(session) - WAIT))
    sweeper.sweep(database)
    run_all(database, queues=("sources",))
    with database.read() as session:
        found = queries.job(session, job_id).result
    assert found
    del found["looks"]
    processed = {"items_processed": 2, "items_failed": 0, "items_skipped": 0}
    assert found == {"sources": 1, "failed": 0, "items_collected": 2, "total": 2} | processed


def test_a_source_is_tried_out_and_nothing_kept(database: Database, site: Site) -> None:  # noqa: F811
    source_id = add(database, site.put("/a", feed(1, 2)))
    found = result(database, "sources.test", "sources", source_id=source_id)
    assert (found["success"], found["found"], found["items"]) == (True, 2, ["Item 1", "Item 2"])
    site.pages.pop("/a")
    failed = result(database, "sources.test", "sources", kind="feed")
    assert (failed["source_id"], failed["success"]) == (source_id, False)
    with database.read() as session:
        source = sources.get(session, source_id)
        assert (source.polls_total, source.entries_total) == (0, 0)


def test_pages_are_added_and_the_bad_ones_named(database: Database) -> None:
    urls = "https://a.example/1 nonsense\nhttps://a.example/1 https://a.example/2"
    found = result(database, "sources.add_pages", "sources", urls=urls)
    assert found["processed_urls"] == ["https://a.example/1", "https://a.example/2"]
    assert found["failed_urls"] == ["nonsense"]
    again = result(database, "sources.add_pages", "sources", urls="https://a.example/2")
    assert [each["is_new"] for each in again["articles"]] == [False]
    too_many = run(
        database, "sources.add_pages", "sources", urls=" ".join(f"https://a.example/{n}" for n in range(101))
    )
    assert "1 to 100 addresses, not 101" in (too_many.error or "")


def test_kinds_of_sources_have_a_health(database: Database, site: Site) -> None:  # noqa: F811
    add(database, site.put("/a", feed(1)), polls_total=4, polls_failed=1)
    add(database, site.put("/b", feed(2)), state="failing", failure_streak=3, title="Herons daily")
    found = result(database, "sources.check_health", "sources")
    assert found["kinds"]["feed"] == {"sources": 2, "failing": 1, "looks": 4, "failed": 1, "success_rate": 0.75}
    assert found["failing"] == ["Herons daily"]


def test_health_is_kept_and_says_what_is_wrong(database: Database) -> None:
    found = result(database, "jobs.check_health", "control")
    assert set(found["checks"]) == {"database", "broker", "workers", "disk", "memory"}
    assert found["status"] == "unhealthy"
    assert found["checks"]["workers"] == {"ok": False, "words": "none runs; start one: stonehand worker"}
    assert found["checks"]["broker"]["ok"] is True


def test_queues_are_counted(database: Database) -> None:
    with database.transaction() as session:
        jobs.enqueue(session, "drafts.commission_top", {})
    found = result(database, "jobs.watch_queues", "control")
    assert (found["queues"]["generation"]["ready"], found["workers"]) == (1, 0)


def test_ways_in_that_lead_nowhere_are_forgotten(database: Database) -> None:
    with database.transaction() as session:
        user = service.new_user(session, "ada@example.org", "Ada", "admin", passwords.digest("seven grey herons"))
        for days in (10, 200):
            service.create_token(session, accounts.person(user), f"{days}", ["read"])
            ended = db.now(session) - timedelta(days=days)
            session.execute(sa.update(Token).where(Token.name == f"{days}").values(revoked_at=ended))
    for _ in range(2):
        doors.sign_in(database, "ada@example.org", "seven grey herons", "127.0.0.1")
    with database.transaction() as session:
        first = session.scalars(sa.select(SignIn.id).order_by(SignIn.id)).first()
        session.execute(sa.update(SignIn).where(SignIn.id == first).values(expires_at=db.now(session) - WAIT))
    assert result(database, "accounts.forget_expired", "maintenance") == {"sessions": 1, "answers": 0}
    assert result(database, "accounts.forget_ended", "maintenance") == {"tokens": 1, "links": 0, "attempts": 0}
    with database.read() as session:
        assert [token.name for token in session.scalars(sa.select(Token))] == ["10"]


def publication(database: Database, number: int, state: PublicationState, due: timedelta = -WAIT) -> str:
    words = ("review_id", "revision_id", "channel_name", "content_sha256", "title")
    with database.transaction() as session:
        moment = db.now(session)
        made = Publication(
            draft_id=f"draft-{number}",
            channel_id="channel",
            key=f"key-{number}",
            state=state,
            due_at=moment + due,
            created_at=moment,
            notes={},
            **{word: f"{word} {number}" for word in words},
        )
        session.add(made)
        session.flush()
        return made.id


def test_an_approved_piece_is_sent_on_somebodys_word(database: Database) -> None:
    failed = publication(database, 1, PublicationState.FAILED)
    published = publication(database, 2, PublicationState.PUBLISHED)
    publication(database, 3, PublicationState.SCHEDULED, timedelta(days=1))
    done = result(database, "publications.send", "publishing", draft_id="draft-2", channel_id="channel")
    assert (done["publication_id"], done["success"], done["status"]) == (published, True, "published")
    later = run(database, "publications.send", "publishing", draft_id="draft-3", channel_id="channel")
    assert "goes out at" in (later.error or "")
    nowhere = run(database, "publications.send", "publishing", draft_id="draft-1", channel_id="elsewhere")
    assert "approve it for it first" in (nowhere.error or "")
    with database.transaction() as session:
        waiting = jobs.enqueue(session, "publications.send", {"draft_id": "draft-1", "channel_id": "channel"})
    run_all(database, rounds=1, queues=("publishing",))
    with database.transaction() as session:
        assert queries.job(session, waiting or "").message == f"waits for the delivery of publication {failed}"
        assert session.get_one(Publication, failed).state == PublicationState.SCHEDULED
        ended = {"state": PublicationState.FAILED, "error": "the channel is gone"}
        session.execute(sa.update(Publication).where(Publication.id == failed).values(**ended))
        session.execute(sa.update(Job).where(Job.id == waiting).values(run_at=db.now(session) - WAIT))
    sweeper.sweep(database)
    run_all(database, rounds=1, queues=("publishing",))
    with database.read() as session:
        told = queries.job(session, waiting or "").result or {}
    assert (told["success"], told["error"]) == (False, "the channel is gone")


def test_all_that_failed_is_tried_again(database: Database) -> None:
    jobs.follow([(event, "") for event, _ in pipeline.TRIP])
    lost = publication(database, 9, PublicationState.FAILED)
    with database.transaction() as session:
        facts = {"kind": "folder", "name": "Post", "slug": "post", "config": {}, "created_at": db.now(session)}
        session.add(Channel(id="channel", **facts))
        session.execute(sa.update(Publication).values(channel_id="removed"))
    ids = {publication(database, number, PublicationState.FAILED) for number in range(3)}
    publication(database, 7, PublicationState.NEEDS_RECONCILE)
    told = {"retried": 3, "needs_a_person": 1, "without_channel": 1}
    assert result(database, "publications.retry_failed", "publishing") == told
    with database.read() as session:
        assert session.get_one(Publication, lost).state == PublicationState.FAILED
    with database.read() as session:
        again = sa.select(Publication.id).where(Publication.state == PublicationState.SCHEDULED)
        assert set(session.scalars(again)) == ids


def test_what_keeps_the_house_comes_by_the_clock(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    from stonehand import config

    monkeypatch.setenv("PROCESS_HEALTH_CHECK_INTERVAL_SECONDS", "30")
    monkeypatch.setenv("ARTICLE_DISCOVERY_INTERVAL_SECONDS", "90")
    config.settings.cache_clear()
    with database.transaction() as session:
        pipeline.install_schedules(session)
    with database.read() as session:
        found = {schedule.name: schedule for schedule in session.scalars(sa.select(Schedule))}
    assert found["jobs.check_health"].every_seconds == 30
    assert found["comments.check_timeouts"].every_seconds == 30
    assert found["comments.tick"].every_seconds == 90
    assert found["accounts.forget_expired"].every_seconds == 300
    assert found["accounts.forget_ended"].cron == "40 3 * * *"
    assert found["sources.check_health"].every_seconds == 900


def test_an_old_letter_is_read_and_its_pages_are_listed(database: Database) -> None:
    former = formerly.find("backend.tasks.email_processing.process_email_articles")
    assert former
    mail = {
        "subject": "News",
        "sender": "a@b.example",
        "body": "Look at https://news.example/1 please",
        "attachments": [],
    }
    args = former.arguments([], {"email_data": mail})
    with database.transaction() as session:
        jobs.enqueue(session, former.task, args)
    run_all(database, queues=("email",))
    with database.transaction() as session:
        session.execute(sa.update(Entry).values(state="fetched"))
    found = result(database, former.task, "email", **args)
    assert [(each["url"], each["state"]) for each in former.answers(found)] == [("https://news.example/1", "fetched")]
