"""Stories become trends through real jobs; so do what waited, and the chain from sources to trends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from stonehand import db, formerly, jobs, pipeline
from stonehand.analysis.models import Analysis
from stonehand.db import Database
from stonehand.formerly import CallUnfit
from stonehand.jobs.models import Job
from stonehand.jobs.testing import run_all
from stonehand.sources.models import Entry
from stonehand.stories.models import Placement, Story
from stonehand.trends import queries, service
from stonehand.trends.errors import TrendNotFound
from stonehand.trends.models import Trend
from stonehand.trends.schemas import TrendDetail
from stonehand.trends.states import TrendState
from tests.library.conftest import source
from tests.stories.conftest import AddArticle

HOUR = timedelta(hours=1)
FLOOD = "The river Orne flooded Port Ellis and Mayor Okafor sent {} people from the harbour home with sandbags."
FINAL = "Ajora beat Rovers in the cup final at Kestrel Park, where striker Voss scored 2 goals before fans."


def _ask(database: Database, task: str, **args: str) -> dict[str, Any]:
    with database.transaction() as session:
        job_id = jobs.enqueue(session, task, args)
    run_all(database)
    with database.read() as session:
        job = session.get_one(Job, job_id)
        assert job.state == "completed", job.error
        return dict(job.result or {})


def _flood(add_article: AddArticle, count: int, hours_ago: float = 1) -> list[str]:
    now = db.utc_now()
    return [
        add_article(f"Flood {n}", FLOOD.format(4000 + n), f"Outlet{n} x", now - hours_ago * HOUR - n * HOUR / 10)
        for n in range(count)
    ]


@pytest.fixture(autouse=True)
def rooms(pipeline: None) -> None:
    """All rooms, whose table replaces the short one."""
    from stonehand import pipeline as whole

    whole.install_worker()


def test_a_story_becomes_a_trend_and_turns(database: Database, add_article: AddArticle) -> None:
    _flood(add_article, 2)
    add_article("Final", FINAL, "Sport x", db.utc_now() - HOUR)
    run_all(database)
    assert _ask(database, "trends.update") == {"stories": 2, "trends_created": 1, "trends_turned": 0}
    with database.read() as session:
        ((trend, story),) = queries.top(session)
        assert (trend.state, story.outlet_count) == ("emerging", 2)
        quiet = session.scalars(sa.select(Story).where(Story.id != story.id)).one()
        with pytest.raises(TrendNotFound, match="does not stand out"):
            queries.trend(session, quiet.id)
    _age(database, story.id, timedelta(days=4))
    assert _ask(database, "trends.update")["trends_turned"] == 1
    with database.read() as session:
        told = TrendDetail.of(*queries.trend(session, story.id))
        assert queries.top(session) == []
        assert [each.story_id for each, _ in queries.top(session, TrendState.DEAD)] == [story.id]
        assert queries.counts(session) == {"emerging": 0, "viral": 0, "sustained": 0, "declining": 0, "dead": 1}
        assert queries.statistics(session)["states"]["dead"] == 1
    assert [(turn.was, turn.became) for turn in told.turns] == [(None, "emerging"), ("emerging", "dead")]
    assert told.turns[-1].why.startswith("Nobody has reported on it for 4 days")
    assert [point.reports for point in told.history] == [2, 2]
    assert told.history[0].velocity == told.peak_velocity > told.velocity


def _age(database: Database, story_id: str, by: timedelta) -> None:
    with database.transaction() as session:
        for place in session.scalars(sa.select(Placement).where(Placement.story_id == story_id)):
            place.reported_at -= by
        session.execute(sa.update(Story).where(Story.id == story_id).values(last_at=Story.last_at))


def test_many_outlets_at_once_are_viral(database: Database, add_article: AddArticle) -> None:
    now = db.utc_now()
    for n in range(40):  # a world to stand out of
        add_article(
            f"Note {n}", f"Clerk{n} in Town{n} opened hall{n} for club{n} with {n} chairs.", "V x", now - 3 * n * HOUR
        )
    _flood(add_article, 6, 0.2)
    run_all(database)
    _ask(database, "trends.update")
    with database.read() as session:
        trend, _ = queries.top(session)[0]
        assert trend.state == "viral"
        assert trend.alarmed_at is not None
        assert "where" in trend.why


def test_votes_and_comments_count(database: Database, add_article: AddArticle) -> None:
    first, _ = _flood(add_article, 2)
    run_all(database)
    home = source(database, "HN")
    said = {"title": "", "summary": "120 points, 40 comments: https://x", "seen_at": db.utc_now()}
    with database.transaction() as session:
        session.add(Entry(source_id=home, key="k", article_id=first, **said))
    _ask(database, "trends.update")
    with database.read() as session:
        ((trend, _),) = queries.top(session)
    assert (trend.parts["up"], trend.parts["comments"], trend.parts["shares"]) == (120, 40, 2)


def test_history_and_turns_stay_short(database: Database, add_article: AddArticle) -> None:
    _flood(add_article, 2)
    run_all(database)
    _ask(database, "trends.update")
    with database.transaction() as session:
        trend = session.scalars(sa.select(Trend)).one()
        trend.history, trend.turns = trend.history * 70, trend.turns * 30
    with database.transaction() as session:
        session.execute(sa.update(Trend).values(state="dead"))
    _ask(database, "trends.update")
    with database.read() as session:
        trend = session.scalars(sa.select(Trend)).one()
        assert (len(trend.history), len(trend.turns)) == (service.POINTS, service.TURNS)
        assert trend.state == "emerging"


def test_what_waits_is_processed_to_its_end(database: Database, add_article: AddArticle) -> None:
    ids = _flood(add_article, 3)
    with database.transaction() as session:
        session.execute(sa.delete(Job))  # nothing follows by itself
    found = _ask(database, "trends.process_pending", limit="2")
    assert (found["processed"], found["analysed"], found["trends_created"]) == (2, 2, 1)
    assert _ask(database, "trends.process_pending")["processed"] == 1
    with database.read() as session:
        assert set(session.scalars(sa.select(Placement.article_id))) == set(ids)
        assert session.scalar(sa.select(sa.func.count()).select_from(Analysis)) == 3
    assert _ask(database, "trends.process_pending") == {
        "processed": 0, "analysed": 0, "stories": 1, "trends_created": 0, "trends_turned": 0
    }  # fmt: skip


def test_numbers_that_make_no_sense_are_refused(database: Database) -> None:
    for task, args in (("trends.update", {"hours": "0"}), ("trends.process_pending", {"limit": "x"})):
        with database.transaction() as session:
            job_id = jobs.enqueue(session, task, args)
        run_all(database)
        with database.read() as session:
            job = session.get_one(Job, job_id)
            assert (job.state, "must be a whole number from 1" in str(job.error)) == ("discarded", True)


def test_the_chain_from_sources_to_trends(database: Database, add_article: AddArticle) -> None:
    _flood(add_article, 2)
    run_all(database)
    with database.transaction() as session:
        job_id = jobs.enqueue(session, "trends.collect_and_process", {"kind": "feed"})
    for _ in range(4):
        run_all(database)
        with database.transaction() as session:
            session.execute(
                sa.update(Job).where(Job.state == "scheduled").values(state="available", run_at=db.utc_now())
            )
    run_all(database)
    with database.read() as session:
        job = session.get_one(Job, job_id)
        assert job.state == "completed", (job.error, job.result)
        assert (job.result or {})["trends_created"] == 1
        assert "collection" in (job.result or {})


def test_the_way_works_without_the_database(database: Database) -> None:
    found = _ask(database, "trends.try_out", sample_size="16")
    assert (found["items"], found["stories"], found["success"]) == (16, 4, True)
    assert len(found["trends"]) == 4
    with database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Story)) == 0


MODULE = "trend_agent.tasks.processing"


@pytest.mark.parametrize(
    ("name", "kwargs", "task", "args"),
    [
        ("process_pending_items_task", {}, "trends.process_pending", {"limit": "1000"}),
        ("process_pending_items_task", {"limit": 5}, "trends.process_pending", {"limit": "5"}),
        ("reprocess_trends_task", {}, "trends.update", {"hours": "24"}),
        ("generate_embeddings_task", {"item_ids": ["a", "b"]}, "vectors.embed", {"article_ids": "a b", "limit": "100"}),
        ("test_pipeline_task", {"sample_size": 10}, "trends.try_out", {"sample_size": "10"}),
    ],
)
def test_old_tasks_take_what_they_took(name: str, kwargs: dict[str, Any], task: str, args: dict[str, str]) -> None:
    for called in (name, f"{MODULE}.{name}"):
        former = formerly.find(called)
        assert former is not None
        assert (former.task, former.arguments([], kwargs)) == (task, args)
    with pytest.raises(CallUnfit):
        formerly.find(name).arguments([], {next(iter(kwargs), "limit"): -1})  # type: ignore[union-attr]


def test_the_schedules_are_those_of_before() -> None:
    planned = {each.task: each for each in pipeline.planned()}
    assert planned["trends.process_pending"].expression == "*/30 * * * *"
    assert planned["trends.update"].seconds == 1200
    former = formerly.find("trend_agent.tasks.collection.collect_and_process_task")
    assert former is not None
    assert former.task == "trends.collect_and_process"
