"""A newsroom that letters come to: real jobs up to the text of an article."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage

import pytest
import sqlalchemy as sa

from stonehand import config, db
from stonehand.db import Database
from stonehand.jobs import testing
from stonehand.jobs.clock import sweeper
from stonehand.jobs.models import Job
from stonehand.sources.letters import keeping, service
from tests.articles.conftest import pipeline
from tests.sources.conftest import site

__all__ = ["pipeline", "site"]
Finish = Callable[[Database], Job]


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STONEHAND_HOST_INTERVAL_SECONDS", "0")
    config.settings.cache_clear()


def hand_in(database: Database, *letters: EmailMessage | bytes) -> tuple[list[str], str | None]:
    """Hand letters in; their ids, and the job that reads the new ones."""
    packed = [keeping.pack(each if isinstance(each, bytes) else each.as_bytes()) for each in letters]
    with database.transaction() as session:
        kept, job_id = service.hand_in_and_read(session, packed, "upload")
    return [each.letter_id for each in kept], job_id


def wake(database: Database) -> None:
    """Let what waits for its time run now, also what a dead worker held."""
    sweeper.sweep(database)
    with database.transaction() as session:
        session.execute(sa.update(Job).where(Job.state.in_(("scheduled", "retryable"))).values(run_at=db.now(session)))
    sweeper.sweep(database)


def finish(database: Database, job_id: str | None) -> Job:
    """Run everything until this job has ended."""
    for _ in range(20):
        testing.run_all(database)
        with database.read() as session:
            job = session.get_one(Job, job_id)
        if job.state in ("completed", "discarded", "cancelled"):
            return job
        wake(database)
    raise AssertionError(f"the job is still {job.state}: {job.message or job.error}")
