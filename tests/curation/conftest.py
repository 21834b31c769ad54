"""A library to curate from: articles with analyses, on either database; and the trip up to an analysis."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from stonehand import config, db, jobs, pipeline
from stonehand.accounts.permissions import Person, granted
from stonehand.analysis import findings
from stonehand.analysis import service as analysis
from stonehand.curation import queries, service
from stonehand.curation.models import Curation
from stonehand.curation.wishes import Wish
from stonehand.db import Database
from stonehand.jobs import announcements
from stonehand.jobs import queries as jobs_queries
from stonehand.jobs.clock import sweeper
from stonehand.jobs.models import Job
from stonehand.jobs.states import FINISHED, State
from stonehand.jobs.testing import run_all
from tests.library.conftest import put
from tests.sources.conftest import site

__all__ = ["site"]
ADA = Person("u1", "ada@example.org", "Ada", "admin", granted("admin"))
UNTIL_ANALYSED = ("sources.poll", "articles.fetch", "articles.extract", "analysis.analyse")
Shelve = Callable[..., str]


@pytest.fixture(autouse=True)
def _trip(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = dict(announcements._followers)
    monkeypatch.setenv("STONEHAND_HOST_INTERVAL_SECONDS", "0")
    config.settings.cache_clear()
    pipeline.install_worker()
    jobs.follow([(event, task if task in UNTIL_ANALYSED else "") for event, task in pipeline.TRIP])
    yield
    announcements._followers.clear()
    announcements._followers.update(before)


def analysed(database: Database, title: str, text: str, **facts: Any) -> str:
    """An article that was read and analysed."""
    article_id = put(database, title, text, **facts)
    (found,) = findings.find([(title, text)])
    with database.transaction() as session:
        analysis.record(session, {article_id: found})
    return article_id


@pytest.fixture
def shelve(either_database: Database) -> Shelve:
    """Puts an analysed article into the library."""
    return lambda title, text="", **facts: analysed(either_database, title, text, **facts)


def submit(database: Database, **wish: Any) -> str:
    """Ask for a curation, by these rules if any are given. Returns its id."""
    wish.setdefault("rules", service.rules())
    with database.transaction() as session:
        return service.submit(session, Wish(**wish), "Ada").id


def run(database: Database, curation_id: str, rounds: int = 30) -> Curation:
    """Run its job, and all that it waits for, to the end."""
    for _ in range(rounds):
        run_all(database)
        with database.transaction() as session:
            found = queries.curation(session, curation_id)
            job = jobs_queries.job(session, found.job_id or "")
            if State(job.state) in FINISHED:
                return found
            soon = db.now(session) - timedelta(seconds=5)
            session.execute(sa.update(Job).where(Job.state == State.SCHEDULED).values(run_at=soon))
        sweeper.sweep(database)
    raise AssertionError(f"it is still {job.state}: {job.message or job.error}")
