"""Jobs of retention. Each lets go of a little at a time, and can be stopped between two steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from stonehand.db import Session
from stonehand.jobs import Attempt, task
from stonehand.retention import service
from stonehand.retention.service import Opened

HOURS = 3600


@task("retention.results", queue="maintenance", role="admin", hard_limit=HOURS, soft_limit=HOURS - 60)
def results(attempt: Attempt) -> None:
    """Delete results of jobs that are too old; their records stay."""
    _run(attempt, service.forget_results)


@task("retention.pages", queue="maintenance", role="admin", hard_limit=HOURS, soft_limit=HOURS - 60)
def pages(attempt: Attempt) -> None:
    """Delete raw pages that are too old, unless a draft cites their article."""
    _run(attempt, service.forget_pages)


@task("retention.letters", queue="maintenance", role="admin", hard_limit=HOURS, soft_limit=HOURS - 60)
def letters(attempt: Attempt) -> None:
    """Delete raw letters that are too old, unless a draft cites something that they named."""
    _run(attempt, service.forget_letters)


@task("retention.curations", queue="maintenance", role="admin", hard_limit=HOURS, soft_limit=HOURS - 60)
def curations(attempt: Attempt) -> None:
    """Delete curations that ended long ago, unless a draft cites an article that they chose."""
    _run(attempt, service.forget_curations)


@task("retention.archive", queue="maintenance", role="admin", hard_limit=6 * HOURS, soft_limit=6 * HOURS - 60)
def archive(attempt: Attempt) -> None:
    """Compress the texts of old articles, unless a draft cites them."""
    _run(attempt, service.archive_texts)


def _run(attempt: Attempt, deed: Callable[[Opened], int]) -> None:
    @contextmanager
    def opened() -> Iterator[Session]:
        attempt.check_cancelled()
        with attempt.write() as session:
            yield session

    count = deed(opened)
    with attempt.finish() as session:
        attempt.note(session, {"count": count})
