"""Jobs of retention. Each lets go of a little at a time, and can be stopped between two steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from stonehand import db
from stonehand.db import Session
from stonehand.jobs import Attempt, task
from stonehand.retention import service
from stonehand.retention.errors import DaysUnfit
from stonehand.retention.service import Opened

HOURS = 3600
MOST_DAYS = 3650


@task("retention.results", queue="maintenance", role="admin", hard_limit=HOURS, soft_limit=HOURS - 60)
def results(attempt: Attempt) -> None:
    """Delete results of jobs that are too old; their records stay."""
    _run(attempt, service.forget_results)


@task("retention.pages", queue="maintenance", role="admin", hard_limit=HOURS, soft_limit=HOURS - 60)
def pages(attempt: Attempt, days: str = "") -> None:
    """Delete raw pages older than so many days, or as the settings say, unless a draft cites their article."""
    _run(attempt, partial(service.forget_pages, days=_days(days)))


@task("retention.letters", queue="maintenance", role="admin", hard_limit=HOURS, soft_limit=HOURS - 60)
def letters(attempt: Attempt) -> None:
    """Delete raw letters that are too old, unless a draft cites something that they named."""
    _run(attempt, service.forget_letters)


@task("retention.curations", queue="maintenance", role="admin", hard_limit=HOURS, soft_limit=HOURS - 60)
def curations(attempt: Attempt) -> None:
    """Delete curations that ended long ago, unless a draft cites an article that they chose."""
    _run(attempt, service.forget_curations)


@task("retention.archive", queue="maintenance", role="admin", hard_limit=6 * HOURS, soft_limit=6 * HOURS - 60)
def archive(attempt: Attempt, days: str = "") -> None:
    """Compress the texts of articles older than so many days, or as the settings say, unless a draft cites them."""
    _run(attempt, partial(service.archive_texts, days=_days(days)))


@task("retention.upkeep", queue="maintenance", role="admin")
def upkeep(attempt: Attempt) -> None:
    """Let the database count anew what stands in its tables, so that it goes on finding rows the short way."""
    attempt.check_cancelled()
    db.database().upkeep()
    with attempt.finish():
        pass


def _days(text: str) -> int:
    """How many, 0 for as many as the settings say."""
    if text and not (text.isdigit() and 1 <= int(text) <= MOST_DAYS):
        raise DaysUnfit(f"days must be a whole number from 1 to {MOST_DAYS}, not {text[:20]!r}")
    return int(text or 0)


def _run(attempt: Attempt, deed: Callable[[Opened], int]) -> None:
    @contextmanager
    def opened() -> Iterator[Session]:
        attempt.check_cancelled()
        with attempt.write() as session:
            yield session

    count = deed(opened)
    with attempt.finish() as session:
        attempt.note(session, {"count": count})
