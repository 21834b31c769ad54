"""The statements of trends and of passes over stories, on either database."""

from __future__ import annotations

from datetime import timedelta

import pytest

from stonehand import db, jobs, pipeline
from stonehand.accounts.permissions import PERMISSIONS, Person
from stonehand.db import Database
from stonehand.jobs.models import Job
from stonehand.jobs.testing import run_all
from stonehand.stories import queries as stories
from stonehand.stories.passes import applying, verdicts
from stonehand.trends import gathering, queries, service
from stonehand.trends.gathering import HOURS
from tests.drafts import world
from tests.drafts.material import HARBOUR, RIVAL
from tests.stories.conftest import words_as_vectors
from tests.trends.conftest import analyse

__all__ = ["words_as_vectors"]
ADA = Person("ada", "ada@velm.example", "Ada", "admin", frozenset(PERMISSIONS))


@pytest.fixture
def story_id(either_database: Database) -> str:
    pipeline.install_worker()
    texts = (("Harbour Post", HARBOUR), ("Norwick Daily", RIVAL), ("The Echo", f"{RIVAL} Ferries run again."))
    with either_database.transaction() as session:
        made = world.story(session, texts)
        analyse(session, made)
        stories.story(session, made).last_at = db.now(session)
    return made


def _run(database: Database, task: str) -> None:
    with database.transaction() as session:
        job_id = jobs.enqueue(session, task, {})
    run_all(database, queues=("stories",))
    with database.read() as session:
        job = session.get_one(Job, job_id)
        assert job.state == "completed", job.error


def test_reports_are_counted_by_the_hour(either_database: Database, story_id: str) -> None:
    with either_database.transaction() as session:
        moment = db.now(session)
        for place, hours in zip(stories.placements(session, story_id), (0.5, 3.5, HOURS + 5), strict=True):
            place.reported_at = moment - timedelta(hours=hours)
    with either_database.read() as session:
        volume, typical = gathering.volume(session, moment)
        seen = gathering.reports(session, [story_id])[story_id]
    assert (volume[-1], volume[-4], volume.sum(), typical) == (1, 1, 2, 1.0)
    assert len(seen.moments) == 3
    assert seen.moments[0] > seen.moments[-1]


def test_trends_are_judged_and_listed(either_database: Database, story_id: str) -> None:
    _run(either_database, "trends.update")
    _run(either_database, "trends.update")
    with either_database.read() as session:
        ((trend, story),) = queries.top(session, words="norwick")
        assert (story.id, len(trend.history)) == (story_id, 2)
        assert queries.statistics(session)["trends"] == 1
        assert queries.counts(session)["emerging"] == 1
        assert set(service.trends_of(session, [story_id, "other"])) == {story_id}


def test_splits_and_merges_hold_through_passes(either_database: Database, story_id: str) -> None:
    with either_database.read() as session:
        first, second, third = stories.article_ids(session, story_id)
    with either_database.transaction() as session:
        made = verdicts.split(session, ADA, story_id, [third])
    _run(either_database, "stories.regroup")
    with either_database.read() as session:
        assert applying.members(session, [story_id, made])[third] == made
        together, apart = verdicts.of(session, [first, second, third])
        assert (len(together), len(apart)) == (1, 1)
        assert [story.id for story in stories.of_articles(session, [third, first])] == [made, story_id]
    with either_database.transaction() as session:
        verdicts.merge(session, ADA, made, story_id)
    _run(either_database, "stories.regroup")
    with either_database.read() as session:
        assert stories.current(session, made) == story_id
        assert set(applying.members(session, [story_id])) == {first, second, third}
        assert [each.kind for each in stories.changes(session, made)] == ["merged", "split"]
        assert stories.unplaced(session, "", 10) == []
