"""What is old goes, a little at a time; what is cited, unread or undecided stays."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from stonehand import config, formerly, jobs
from stonehand.articles import archiving, pages
from stonehand.articles import forgetting as articles
from stonehand.articles import queries as article_queries
from stonehand.articles.models import Article, Page, StoredText
from stonehand.articles.states import State as ArticleState
from stonehand.db import Database, new_id, now
from stonehand.drafts.models import Citation, Draft, Revision
from stonehand.jobs.models import Job
from stonehand.jobs.states import State
from stonehand.jobs.testing import run_all
from stonehand.pipeline import SCHEDULES
from stonehand.retention import service

TEXT = "The bridge over the Tidewater was closed on Thursday after inspectors had found cracks. " * 40


@pytest.fixture
def database(either_database: Database) -> Database:
    return either_database


def id_at(moment: datetime) -> str:
    """An id as it would have been made then."""
    milliseconds = f"{int(moment.timestamp() * 1000):012x}"
    return f"{milliseconds[:8]}-{milliseconds[8:]}{new_id()[13:]}"


def old_job(database: Database, state: State, age: timedelta) -> str:
    with database.transaction() as session:
        moment = now(session) - age
        row = {"task": "x.y", "queue": "default", "state": state, "run_at": moment, "created_at": moment}
        job = Job(id=id_at(moment), args={}, result={"a": 1}, finished_at=moment, **row)
        session.add(job)
        return job.id


def article(database: Database, age: timedelta, state: ArticleState = ArticleState.EXTRACTED, body: str = "") -> str:
    """An article with its page and its text, of that age."""
    with database.transaction() as session:
        moment, article_id = now(session) - age, ""
        raw = (body or new_id()).encode()
        known = session.scalar(sa.select(Page).where(Page.sha256 == pages.digest(raw)))
        page = known or Page(id=id_at(moment), sha256=pages.digest(raw), body=pages.pack(raw), size=len(raw))
        page.content_type, page.charset, page.created_at = "text/html", None, moment
        session.add(page)
        session.flush()
        article_id = id_at(moment)
        times = dict.fromkeys(("fetched_at", "created_at", "updated_at"), moment)
        address = f"https://example.org/{article_id}"
        session.add(
            Article(id=article_id, url=address, canonical_url=address, page_id=page.id, state=state, title="A", **times)
        )
        session.flush()
        session.add(StoredText(article_id=article_id, text=TEXT))
        return article_id


def cite(database: Database, article_id: str) -> None:
    with database.transaction() as session:
        moment = now(session)
        draft = Draft(story_id=new_id(), title="D", created_by="desk", created_at=moment, updated_at=moment)
        session.add(draft)
        session.flush()
        plain = dict.fromkeys(("title", "slug", "excerpt", "markdown", "language", "label", "content_sha256"), "x")
        revision = Revision(
            draft_id=draft.id, number=1, writer="offline", sources=[], warnings=[], created_by="desk", **plain
        )
        revision.created_at = moment
        session.add(revision)
        session.flush()
        where = {"position": 0, "sentence_start": 0, "sentence_end": 1, "quote": "The bridge", "kind": "verbatim"}
        session.add(Citation(revision_id=revision.id, article_id=article_id, **where))


def run(database: Database, task: str, **args: str) -> Job:
    with database.transaction() as session:
        job_id = jobs.enqueue(session, task, args)
    run_all(database, queues=("maintenance",))
    with database.read() as session:
        return session.get_one(Job, job_id)


def due(database: Database) -> dict[str, int]:
    with database.read() as session:
        return {each.kind: each.count for each in service.due(session)}


def test_results_go_after_a_day_and_records_stay(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "CHUNK", 2)
    old = [old_job(database, State.COMPLETED, timedelta(hours=25)) for _ in range(5)]
    fresh = old_job(database, State.COMPLETED, timedelta(hours=23))
    assert due(database)["results"] == 5
    run(database, "retention.results")
    with database.read() as session:
        results: dict[str, Any] = dict(session.execute(sa.select(Job.id, Job.result)).all())
    assert [results[each] for each in old] == [None] * 5
    assert results[fresh] == {"a": 1}
    assert due(database)["results"] == 0


def test_the_old_setting_of_results_counts(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESULT_EXPIRES", "3600")
    config.settings.cache_clear()
    old_job(database, State.COMPLETED, timedelta(hours=2))
    assert due(database)["results"] == 1


def test_records_of_jobs_go_and_what_a_person_must_see_stays(database: Database) -> None:
    gone = [
        old_job(database, State.COMPLETED, timedelta(days=31)),
        old_job(database, State.CANCELLED, timedelta(days=31)),
        old_job(database, State.DISCARDED, timedelta(days=91)),
    ]
    kept = [
        old_job(database, State.COMPLETED, timedelta(days=29)),
        old_job(database, State.DISCARDED, timedelta(days=89)),
        old_job(database, State.NEEDS_RECONCILE, timedelta(days=400)),
    ]
    assert due(database)["jobs"] == 3
    run(database, "jobs.forget_old")
    with database.read() as session:
        left = set(session.scalars(sa.select(Job.id).where(Job.task == "x.y")))
    assert left == set(kept)
    assert not left & set(gone)


def test_pages_go_unless_cited_or_unread(database: Database) -> None:
    month = timedelta(days=31)
    plain, cited = article(database, month), article(database, month)
    unread, fresh = article(database, month, ArticleState.STORED), article(database, timedelta(days=29))
    shared, sharer = article(database, month, body="the same"), article(database, month, body="the same")
    cite(database, cited)
    cite(database, sharer)
    assert due(database)["pages"] == 1
    run(database, "retention.pages")
    with database.read() as session:
        held = dict(session.execute(sa.select(Article.id, Article.page_id)).all())
        assert session.scalar(sa.select(sa.func.count()).select_from(Page)) == 4
        assert article_queries.texts(session, [plain])[plain].text == TEXT
    assert {each for each, page_id in held.items() if page_id is None} == {plain}
    assert all(held[each] for each in (cited, unread, fresh, shared, sharer))
    assert due(database)["pages"] == 0


def test_old_texts_are_compressed_and_read_as_before(database: Database) -> None:
    quarter = timedelta(days=91)
    old, cited, fresh = article(database, quarter), article(database, quarter), article(database, timedelta(days=89))
    cite(database, cited)
    assert due(database)["texts"] == 1
    run(database, "retention.archive")
    with database.read() as session:
        rows = {row.article_id: row for row in session.scalars(sa.select(StoredText))}
        assert rows[old].text == ""
        assert len(rows[old].packed or b"") < len(TEXT) / 10
        assert (rows[cited].packed, rows[fresh].packed) == (None, None)
        found = article_queries.texts(session, [old, cited, fresh])
    assert {each.text for each in found.values()} == {TEXT}
    assert due(database)["texts"] == 0


@pytest.mark.parametrize("name", ["cleanup_old_data_task", "trend_agent.tasks.scheduler.cleanup_old_data_task"])
def test_pages_go_after_as_many_days_as_an_old_caller_says(database: Database, name: str) -> None:
    plain, cited, fresh = (article(database, timedelta(days=days)) for days in (11, 11, 9))
    cite(database, cited)
    old = formerly.find(name)
    assert old is not None
    assert run(database, old.task, **old.arguments([10], {})).result == {"count": 1}
    with database.read() as session:
        held = dict(session.execute(sa.select(Article.id, Article.page_id)).all())
        assert article_queries.texts(session, [plain])[plain].text == TEXT
    assert [bool(held[each]) for each in (plain, cited, fresh)] == [False, True, True]


def test_texts_are_compressed_after_as_many_days_as_an_old_caller_says(database: Database) -> None:
    old_article, cited = article(database, timedelta(days=61)), article(database, timedelta(days=61))
    cite(database, cited)
    old = formerly.find("cleanup_old_articles")
    assert old is not None
    assert run(database, old.task, **old.arguments([], {"days_old": 90})).result == {"count": 0}
    assert run(database, old.task, **old.arguments([], {"days_old": 60})).result == {"count": 1}
    with database.read() as session:
        assert article_queries.texts(session, [old_article])[old_article].text == TEXT


@pytest.mark.parametrize("days", [0, -1, 4000, "soon"])
def test_days_that_cannot_be_are_refused(days: object) -> None:
    with pytest.raises(formerly.CallUnfit, match="days"):
        formerly.find("cleanup_old_data_task").arguments([days], {})  # type: ignore[union-attr]


def test_days_that_cannot_be_are_refused_by_the_task_too(database: Database) -> None:
    job = run(database, "retention.pages", days="0")
    assert job.error
    assert "days must be a whole number from 1" in job.error


def test_the_database_counts_its_tables_anew(database: Database) -> None:
    for _ in range(30):
        old_job(database, State.COMPLETED, timedelta(hours=1))
    assert run(database, "retention.upkeep").state == State.COMPLETED
    is_sqlite = database.engine.dialect.name == "sqlite"
    known = (
        "SELECT max(stat) FROM sqlite_stat1 WHERE tbl = 'jobs'"
        if is_sqlite
        else ("SELECT reltuples FROM pg_class WHERE relname = 'jobs' AND reltuples >= 30")
    )
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql(known).scalar()


def test_what_is_cited_while_it_is_compressed_is_left(database: Database) -> None:
    old = article(database, timedelta(days=91))
    cite(database, old)
    with database.transaction() as session:
        assert articles.archive(session, {old: archiving.pack(TEXT)}, service.CITED) == 0
    with database.read() as session:
        assert session.get_one(StoredText, old).text == TEXT


def test_nothing_goes_at_the_same_minute() -> None:
    times = {each.task: each.expression for each in SCHEDULES if each.expression}
    assert times["backups.make"] == "30 2 * * *"
    assert times["jobs.forget_old"] == "10 3 * * *"
    assert times["retention.pages"] == "20 3 * * *"
    assert times["retention.archive"] == "0 4 * * SUN"
    nightly = [each for each in times.values() if each.split()[1] in "234"]
    assert len(set(nightly)) == len(nightly)
